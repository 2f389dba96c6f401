"""`/observatory/widget`: one figure of the observatory for a frame on another site; no script, no form, no cookie.

The sites that may show it are the operator's to name; without one it is framed nowhere, as every other page.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.observatory.naming import say_days
from indexer.observatory.observe import Observatory
from indexer.observatory.territories import name_scope
from search_api.caching import answer_cached
from search_api.desk import TWICE, read_pairs
from search_api.languages import language_of
from search_api.observatory.asking import LAST_YEAR, read_asked, write_asked
from search_api.pages.layout import HTML, STYLE_VERSION, THEMES, Pages
from search_api.pages.observatory_figures import Section
from search_api.pages.observatory_map import Map
from search_api.pages.observatory_winners import ShownWinners
from search_api.pages.search import address
from tenders.errors import BadQuery
from tenders.phrasing import long_moment
from tenders.translations import N_, translator

PATH: Final = "/observatory/widget"
FIGURES: Final = "figures"  # the key figures, in place of a chart
BLOCKS: Final = (
    "months",
    FIGURES,
    "natures",
    "places",
    "divisions",
    "buyers",
    "buyer_categories",
    "buyer_types",
    "procedures",
    "values",
    "states",
    "sources",
    "winners",
    "sme_natures",
    "sme_values",
    "local",
    "seats",
)
_OWN: Final = frozenset({"block", "theme"})
_MAX_AGE: Final = 300  # seconds: as long as an observation is remembered
# Pixels of a frame that is 30rem wide or wider, beside its chart: what stands around one, and what says there is none.
_AROUND: Final = 300
_EMPTY: Final = 240
_MAP: Final = 840  # whole: the stylesheet draws no map higher than 38rem
_KEYS: Final = 110  # of a row of two key figures
_POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'"


def frame_heights(sections: Iterable[Section], keys: int) -> dict[str, int]:
    """Return how high a frame each block needs, in pixels; `keys` is how many key figures there are."""
    heights = {one.id: _height(one) for one in sections} | {FIGURES: _EMPTY + _KEYS * (keys + 1) // 2}
    return {block: heights[block] for block in BLOCKS}


def _height(one: Section) -> int:
    if one.chart is None:
        return _EMPTY
    return _MAP if isinstance(one.chart, Map) else one.chart.height + _AROUND


def write_frame(source: str, place: str, height: int) -> str:
    """Write the markup by which another site shows the widget at an address."""
    title = escape(f"Tenderwatch – {place}")
    return (
        f'<iframe src="{escape(source)}&amp;block={BLOCKS[0]}" title="{title}" loading="lazy" width="100%" '
        f'height="{height}" style="border:0"></iframe>'
    )


def widget_routes(pages: Pages, observatory: Observatory, embed_on: str) -> APIRouter:
    """Return the route of the widget; `embed_on` are the sites that may show it, with spaces between."""
    router = APIRouter(include_in_schema=False)
    policy = {"Content-Security-Policy": f"{_POLICY}; frame-ancestors {embed_on}"} if embed_on else {}

    @router.get(PATH)
    def show(request: Request) -> Response:
        desk, language, link = pages.desk, language_of(request), pages.link(request)
        now, own = desk.clock(), _read_own(request)
        scope = read_asked(desk, request, now, LAST_YEAR, _OWN).scope
        seen = observatory.observe(scope, now)
        shown = ShownWinners(seen, lambda query: address(link, query), language)
        body = pages.write(
            request,
            "observatory_widget.jinja",
            **_pick(shown, own["block"], language),
            themed=desk.path(f"/static/tenderwatch-{own['theme']}.css", f"v={STYLE_VERSION}") if own["theme"] else "",
            theme=own["theme"] or "light dark",
            where=name_scope(scope, language),
            days=say_days(scope, language),
            at=long_moment(seen.at, language),
            whole=link("/observatory", write_asked(scope, now)),
        )
        headers = {"Content-Language": language, "X-Robots-Tag": "noindex", **policy}
        return answer_cached(request, body, HTML, max_age=_MAX_AGE, headers=headers)

    return router


def _read_own(request: Request) -> dict[str, str]:
    own = {"block": "", "theme": ""}
    for name, value in read_pairs(request):
        if name in _OWN:
            if own[name]:
                raise BadQuery(TWICE, name=name, values={"name": name})
            own[name] = value.strip()
    own["block"] = own["block"] or BLOCKS[0]
    for name, allowed in (("block", BLOCKS), ("theme", ("", *THEMES))):
        if own[name] not in allowed:
            values = {"name": name, "given": own[name][:60], "allowed": ", ".join(filter(None, allowed))}
            raise BadQuery(N_("%(name)s=%(given)s: write one of %(allowed)s"), name=name, values=values)
    return own


def _pick(shown: ShownWinners, block: str, language: str) -> dict[str, Any]:
    """Return what the template shows: key figures, or a section."""
    if block == FIGURES:
        return {
            "title": translator(language).gettext("Key figures"),
            "keys": list(shown.key_figures(None, False)),
            "section": None,
        }
    section = next(one for one in (*shown.sections(), *shown.winners(), shown.natures()) if one.id == block)
    return {"title": section.title, "keys": [], "section": section}
