"""Look-ups: CPV and NUTS codes by their names, and the sources with their freshness."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.caching import answer_cached
from search_api.desk import Desk, read_fields
from search_api.languages import pick_language
from search_api.parameters import described, errors, example, in_path
from search_api.problems import not_found
from search_api.schemas import CodeList, SourceList, WholeCode
from tenders import reference
from tenders.codes import Cpv, Nuts, find_cpv, find_nuts
from tenders.errors import BadQuery, Refused
from tenders.reference import LANGUAGES
from tenders.store.sources import freshness, write_freshness

MAX_LIMIT = 100
_DAY = 86_400  # seconds; the tables change with a release only

Code = Cpv | Nuts
CpvCode = Annotated[str, in_path("The code, or its first digits.", "45261000")]
NutsCode = Annotated[str, in_path("The code.", "FRC1")]


def _parent(code: Code) -> Code | None:
    if isinstance(code, Cpv):
        return code.parent
    return Nuts(code[:-1]) if len(code) > 2 else None


@cache
def codes_under(kind: str) -> dict[str | None, list[Code]]:
    """Return the codes right under each code of a kind, cpv or nuts; under None those on top."""
    codes: list[Code] = (
        [Cpv(c) for c in reference.cpv_check_digits()] if kind == "cpv" else [Nuts(c) for c in reference.nuts_names()]
    )
    under: dict[str | None, list[Code]] = {}
    for code in codes:
        under.setdefault(_parent(code), []).append(code)
    return under


def _write(code: Code, lang: str) -> dict[str, Any]:
    return {"code": code, "label": code.label(lang), "parent": _parent(code)}


def read_lang(request: Request, fields: dict[str, str]) -> str:
    """Return the language of names: what the address says, else what the reader likes best; raises BadQuery."""
    lang = fields.get("lang") or pick_language(request.headers.get("accept-language"), LANGUAGES)
    if lang not in LANGUAGES:
        raise BadQuery(f"lang={lang[:60]}: is not one of: {', '.join(LANGUAGES)}", name="lang")
    return lang


def _read_limit(fields: dict[str, str]) -> int:
    text = fields.get("limit", "20")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_LIMIT:
        raise BadQuery(f"limit={text[:60]}: is not a whole number from 1 to {MAX_LIMIT}", name="limit")
    return int(text)


LANG = described(
    "lang",
    "Language of the names; default by Accept-Language, else fr.",
    "en",
    {"type": "string", "enum": list(LANGUAGES)},
)
_LIMIT = described(
    "limit", "Codes at most.", 20, {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 20}
)


def _about_search(kind: str, asked: str, value: list[dict[str, Any]]) -> dict[str, Any]:
    about = "Words of the name, or the first characters of the code; without it, the top of the tree."
    return {
        "openapi_extra": {"parameters": [described("q", about, asked), LANG, _LIMIT]},
        "responses": {200: example(f"{kind} codes, best first", {"items": value}), **errors(400)},
        "response_model": CodeList,
    }


def _about_one(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "openapi_extra": {"parameters": [LANG]},
        "responses": {200: example("The code, the one above and those below", value), **errors(400, 404)},
        "response_model": WholeCode,
    }


def _search(request: Request, kind: str, find: Callable[[str, str, int], list[Any]]) -> Response:
    fields = read_fields(request, ("q", "lang", "limit"))
    lang, limit = read_lang(request, fields), _read_limit(fields)
    found = find(fields["q"], lang, limit) if "q" in fields else codes_under(kind)[None][:limit]
    body = orjson.dumps({"items": [_write(code, lang) for code in found]})
    return answer_cached(request, body, "application/json", max_age=_DAY)


def _one(request: Request, kind: str, code: Code) -> Response:
    lang = read_lang(request, read_fields(request, ("lang",)))
    whole = {
        **_write(code, lang),
        "check_digit": code.check_digit if isinstance(code, Cpv) else None,
        "children": [_write(child, lang) for child in codes_under(kind).get(code, [])],
    }
    return answer_cached(request, orjson.dumps(whole), "application/json", max_age=_DAY)


_ROOF = {"code": "45261000", "label": "Travaux de charpente et de couverture", "parent": "45260000"}
_REGION = {"code": "FRC1", "label": "Bourgogne", "parent": "FRC"}


_SOURCE = {
    "name": "boamp",
    "title": "BOAMP",
    "homepage": "https://www.boamp.fr",
    "licence": "Licence Ouverte 2.0",
    "state": "fresh",
    "last_success": "2026-05-21T06:31:00+00:00",
    "last_item": "2026-05-21T06:31:00+00:00",
    "expected_by": "2026-05-22T12:31:00+00:00",
    "cursor": "2026-05-21",
    "again_at": None,
    "runs": [
        {
            "started": "2026-05-21T06:30:00+00:00",
            "ended": "2026-05-21T06:31:00+00:00",
            "state": "done",
            "reason": None,
            "requests": 14,
            "read": 255,
            "new": 212,
            "revised": 3,
            "unchanged": 40,
            "quarantined": 0,
        }
    ],
}


def reference_routes(desk: Desk) -> APIRouter:
    """Return the look-ups of codes."""
    router = APIRouter(prefix="/api/v1", tags=["reference"])

    @router.get("/cpv", summary="Find CPV 2008 codes", **_about_search("CPV", "toiture", [_ROOF]))
    def cpv(request: Request) -> Response:
        """By name or beginning."""
        return _search(request, "cpv", find_cpv)

    @router.get("/cpv/{code}", summary="One CPV code", **_about_one({**_ROOF, "check_digit": "4", "children": []}))
    def one_cpv(request: Request, code: CpvCode) -> Response:
        """Its name, the code above and those right below."""
        try:
            return _one(request, "cpv", Cpv.parse(str(Cpv.of(Cpv.under(code)))))
        except Refused as problem:
            return not_found(str(problem)).response()

    @router.get("/nuts", summary="Find NUTS codes", **_about_search("NUTS", "Bourgogne", [_REGION]))
    def nuts(request: Request) -> Response:
        """By name or beginning."""
        return _search(request, "nuts", find_nuts)

    @router.get("/nuts/{code}", summary="One NUTS code", **_about_one({**_REGION, "check_digit": None, "children": []}))
    def one_nuts(request: Request, code: NutsCode) -> Response:
        """Its name, the code above and those right below."""
        try:
            return _one(request, "nuts", Nuts(Nuts.under(code)))
        except Refused as problem:
            return not_found(str(problem)).response()

    @router.get(
        "/sources",
        summary="The sources and their freshness",
        response_model=SourceList,
        responses={200: example("Every source", {"items": [_SOURCE]}), **errors()},
    )
    def sources(request: Request) -> Response:
        """`state`: fresh; suspect when its last crawl is doubtful (`reason` says why); late past its usual hours;
        silent when nothing new came for longer than ever before; never.

        `last_success` is the end of the last crawl that went to its end, `last_item` of the last that brought something
        new, `expected_by` when the next is due at the latest, `cursor` how far it was read, `again_at` when it asked to
        be asked again. `runs` are the recent ones, newest first.
        """
        now = desk.clock()
        with desk.store.reading() as connection:
            judged = freshness(connection, now)
        body = orjson.dumps({"items": [write_freshness(one) for one in judged]})
        return answer_cached(request, body, "application/json")

    return router
