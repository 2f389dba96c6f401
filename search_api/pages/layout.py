"""What every page has: the frame, the reader's language, links that keep it, the stylesheet, and pages that say no."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.languages import LANGUAGES, forced_language, language_of, plain_path
from search_api.pages.coverage import Watch
from search_api.problems import Problem
from tenders.plain import clean
from tenders.query import Query
from tenders.query_url import to_url
from tenders.translations import N_, translator

_HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
_LONGEST = 20_000  # characters of one text on a page
_WEEK = 7 * 86_400  # seconds


def squeeze(style: bytes) -> bytes:
    """Return a stylesheet without comments and without the spaces that only its readers need."""
    bare = re.sub(rb"\s+", b" ", re.sub(rb"/\*.*?\*/", b"", style, flags=re.DOTALL))
    return re.sub(rb"\s?([{};,])\s?", rb"\1", bare).replace(b";}", b"}").strip()


STYLESHEET = squeeze((_HERE / "static" / "tenderwatch.css").read_bytes())
# The sheet for a page whose theme is chosen, whatever the reader's setting: what is for dark stands always, or never.
THEMES = {
    theme: STYLESHEET.replace(b"(prefers-color-scheme: dark)", media).replace(b"light dark", theme.encode())
    for theme, media in (("light", b"not all"), ("dark", b"all"))
}
ICON = (_HERE / "static" / "icon.svg").read_bytes()
STYLE_VERSION = sha256(STYLESHEET).hexdigest()[:12]
# The head's links: path, what it is called, and the beginnings of the paths under it.
NAV = (
    ("/", N_("Search"), ("/tenders/",)),
    ("/cpv", N_("CPV codes"), ("/cpv/",)),
    ("/alerts", N_("My alerts"), ("/alerts/",)),
    ("/observatory", N_("Observatory"), ("/observatory/",)),
    ("/sources", N_("Sources"), ("/sources/",)),
)
# The links at every page's foot.
FOOT = (
    ("/help", N_("Help")),
    ("/cpv", N_("Which CPV codes fit my trade?")),
    ("/sources", N_("Sources and coverage")),
    ("/formats", N_("Formats and API")),
    ("/accessibility", N_("Accessibility")),
    ("/privacy", N_("Privacy")),
    ("/licence", N_("Licences")),
)
# What pages say of a problem: title, text.
PROBLEMS = {
    400: (N_("This request was not understood"), ""),
    403: (
        N_("This form was sent from elsewhere"),
        N_("Nothing was done. Open the page here, fill it in and send it from there."),
    ),
    404: (
        N_("This page does not exist"),
        N_("The tender or page asked for is not known. Check the address, or search."),
    ),
    405: (N_("This address is not asked this way"), ""),
    410: (N_("This page is gone"), N_("What stood here was removed for good. Search for what you need.")),
    413: (N_("This text is too long"), N_("Shorten it and send it again.")),
    429: (N_("Too many requests at once"), N_("Wait a little and try again.")),
    500: (N_("Something went wrong on our side"), N_("It has been written down. Try again later.")),
    503: (N_("The service cannot answer now"), N_("Nothing is lost: try again in a moment.")),
}

_OBSERVING = ("/observatory", "/alerts/report")  # what a problem leads back from to the observatory

Link = Callable[..., str]


def _finish(value: Any) -> Any:
    """Cut what is longer than anybody reads on a page."""
    if isinstance(value, str) and len(value) > _LONGEST and not isinstance(value, Markup):
        return f"{value[:_LONGEST]} …"
    return value


def make_templates(language: str) -> Environment:
    """Return the templates in a language: everything escaped, an unknown name is an error."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finish,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # the code beside them does not reload either
        extensions=["jinja2.ext.i18n"],
    )
    say = translator(language)
    templates.install_gettext_callables(say.gettext, say.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return templates


class Pages:
    """Writes the pages of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.watch = Watch(desk.store)
        self.templates = {language: make_templates(language) for language in LANGUAGES}

    def link(self, request: Request) -> Link:
        """Return what writes the addresses of our pages in the form this one was asked in, with a prefix or without."""
        forced = forced_language(request.scope)
        prefix = f"/{forced}" if forced else ""

        def write(path: str, query: Query | str = "") -> str:
            return self.desk.path(prefix + path, query)

        return write

    def write(self, request: Request, template: str, *, form: Query | str = "", **values: Any) -> bytes:
        """Write a page in the reader's language; `form` is the query that its canonical address asks."""
        language, path = language_of(request), plain_path(request.scope)
        asked = form if isinstance(form, str) else to_url(form)
        other = next(one for one in LANGUAGES if one != language)
        page = (
            self.templates[language]
            .get_template(template)
            .render(
                language=language,
                style=self.desk.path("/static/tenderwatch.css", f"v={STYLE_VERSION}"),
                icon=self.desk.path("/static/icon.svg"),
                link=self.link(request),
                machine=self.desk.path,
                output=lambda to, query="": self.desk.path(f"/{language}{to}", query),
                addresses={one: self.desk.address(f"/{one}{path}", asked) for one in LANGUAGES},
                default_address=self.desk.address(path, asked),
                other=(other, self.desk.path(f"/{other}{path}", request.url.query)),
                nav=[
                    (self.link(request)(to), name, path == to, path == to or path.startswith(under or ("\0",)))
                    for to, name, under in NAV
                ],
                foot=[(self.link(request)(to), name) for to, name in FOOT],
                coverage=self.watch.say(self.desk.clock(), language, named=False),
                **values,
            )
        )
        return clean(page).encode()  # what HTML cannot carry may stand in any text of a source

    def answer(self, request: Request, template: str, **values: Any) -> Response:
        """Answer with a page, or with 304 when the reader has it already."""
        body = self.write(request, template, **values)
        return answer_cached(request, body, HTML, headers={"Content-Language": language_of(request)})

    def show_problem(self, request: Request, problem: Problem) -> Response:
        """Say to a person what is wrong and what to do."""
        language = language_of(request)
        title, text = PROBLEMS.get(problem.status, (problem.title, ""))
        _ = translator(language).gettext
        said = problem.fault.say(_) if problem.fault else None
        body = self.write(
            request,
            "problem.jinja",
            status=problem.status,
            phrase=HTTPStatus(problem.status).phrase,
            title=_(title),
            text=_(text) if text else "",
            detail="" if text else said or problem.detail,
            spoken=language if said else "en",
            observing=plain_path(request.scope).startswith(_OBSERVING),
        )
        return Response(body, problem.status, {**problem.headers, "Vary": "Accept-Language"}, HTML)


def static_routes() -> APIRouter:
    """Return the routes of the stylesheets and the icon, the same in every language."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/tenderwatch.css")
    def style(request: Request) -> Response:
        return answer_cached(request, STYLESHEET, "text/css; charset=utf-8", max_age=_WEEK)

    @router.get("/static/tenderwatch-{theme}.css")
    def themed(request: Request, theme: str) -> Response:
        if theme not in THEMES:
            raise HTTPException(404)
        return answer_cached(request, THEMES[theme], "text/css; charset=utf-8", max_age=_WEEK)

    @router.get("/static/icon.svg")
    def icon(request: Request) -> Response:
        return answer_cached(request, ICON, "image/svg+xml", max_age=_WEEK)

    return router
