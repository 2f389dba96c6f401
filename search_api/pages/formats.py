"""`/formats`: the forms in which programs get a search, and the parameters that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.languages import language_of
from search_api.outputs.table import ATOM, CALENDAR, CSV, JSON_FEED, OUTPUTS, RSS, XLSX, Output
from search_api.pages.layout import Pages
from search_api.parameters import ABOUT
from tenders.query import Query, Status
from tenders.query_url import MANY, NAMES
from tenders.translations import N_, translator

SAMPLE = Query(q="toiture OU couverture", status=(Status.OPEN.value,))
JSON = Output("/api/v1/tenders", "application/json", N_("JSON"), paged=True)
# What each form is for.
_ABOUT = {
    JSON: N_("the API: pages of tenders with all fields, and counts by facet"),
    ATOM: N_("a feed: the newest changes first"),
    RSS: N_("the same for readers that know RSS only"),
    JSON_FEED: N_("the same for readers that like JSON better"),
    CALENDAR: N_("subscribe to it in your calendar: deadlines move by themselves, cancelled ones say so"),
    CSV: N_("every tender of the search, one a line, for programs and any spreadsheet"),
    XLSX: N_("the same with typed dates and amounts, 20,000 tenders at most"),
}
assert set(OUTPUTS) <= set(_ABOUT), "every output is explained"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its meaning in pieces (text, whether it is code), its values, an example and that in URL form."""

    name: str
    about: tuple[tuple[str, bool], ...]
    values: tuple[str, ...]
    many: bool
    example: str
    form: str


def show_parameter(name: str, language: str) -> Parameter:
    """Return what the page shows of a parameter."""
    about, schema, value = ABOUT[name]
    pieces = translator(language).gettext(about).split("`")
    one = value[0] if isinstance(value, list) else value
    return Parameter(
        name=name,
        about=tuple((text, at % 2 == 1) for at, text in enumerate(pieces) if text),
        values=tuple(schema.get("enum", ())),
        many=name in MANY,
        example=f"{name}={one}",
        form=urlencode({name: one}),
    )


def _address(pages: Pages, form: Output, language: str) -> str:
    """Write the address of the sample in a form; the API's is the same in every language."""
    prefix = f"/{language}" if form in OUTPUTS else ""
    return pages.desk.path(prefix + form.path, form.ask(SAMPLE))


def format_routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/formats")
    def formats(request: Request) -> Response:
        language = language_of(request)
        _ = translator(language).gettext
        return pages.answer(
            request,
            "formats.jinja",
            sample=SAMPLE,
            formats=[
                (one.path, _address(pages, one, language), one.name(language), _(about))
                for one, about in _ABOUT.items()
            ],
            parameters=[show_parameter(name, language) for name in NAMES],
            address=pages.desk.address("/api/v1/tenders", SAMPLE),
        )

    return router
