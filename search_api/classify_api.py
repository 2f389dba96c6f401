"""`POST /api/v1/classify`: CPV codes for texts whose buyer gave none, as `tenders classify` gives them."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.classifier import Subject
from indexer.cpv.lines import Id, read_id, read_subject
from search_api.allowance import TEXTS, Allowance, address_of
from search_api.bodies import read_body
from search_api.desk import read_fields
from search_api.examples import CLASSIFIED, TO_CLASSIFY
from search_api.judge import Judge
from search_api.lines import write_named
from search_api.parameters import ACCEPT_LANGUAGE, errors, example
from search_api.reference_api import LANG, read_lang
from search_api.schemas import Classified, ToClassify
from tenders.errors import BadQuery, Refused, TooLarge

PATH = "/api/v1/classify"
MOST_TEXTS = 100
MOST_BYTES = 256 * 1024
LONGEST = {"id": 200, "title": 2_000, "description": 20_000}  # characters
_ASKED = ToClassify.model_json_schema()


def _read_asked(body: bytes) -> tuple[list[tuple[Id, Subject]], bool]:
    """Return the texts with their ids, and whether they came as a list; raises BadQuery or TooLarge."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise BadQuery(f"the body is no JSON: {problem}", name="body", at=problem.pos) from None
    many = isinstance(asked, list)
    texts = asked if many else [asked]
    if len(texts) > MOST_TEXTS:
        raise TooLarge(f"{len(texts)} texts are too many: send up to {MOST_TEXTS} at once", name="body")
    return [_read_text(one, f"text {number}: " if many else "") for number, one in enumerate(texts, 1)], many


def _read_text(asked: Any, which: str) -> tuple[Id, Subject]:
    if not isinstance(asked, dict):
        raise BadQuery(f'{which}no JSON object: write {{"title": ...}}', name="body")
    for name, most in LONGEST.items():
        value = asked.get(name)
        if isinstance(value, str) and len(value) > most:
            raise TooLarge(f"{which}{name} has {len(value):,} characters: {most:,} are allowed", name=name)
    try:
        return read_id(asked), read_subject(asked)
    except Refused as problem:
        raise BadQuery(which + str(problem), name=str(problem).partition(" ")[0]) from None


def classify_routes(judge: Judge, allowance: Allowance) -> APIRouter:
    """Return the route that classifies."""
    router = APIRouter(tags=["classification"])

    @router.post(
        PATH,
        summary="CPV codes for a text, or for many",
        response_model=Classified | list[Classified],
        responses={200: example("A verdict for each text, in their order", CLASSIFIED), **errors(400, 413, 429)},
        openapi_extra={
            "parameters": [LANG, ACCEPT_LANGUAGE],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"oneOf": [_ASKED, {"type": "array", "items": _ASKED, "maxItems": MOST_TEXTS}]},
                        "example": TO_CLASSIFY,
                    }
                },
            },
        },
    )
    async def classify(request: Request) -> Response:
        """One object is answered by one, a list by a list. Codes are significant digits without check digit, `p` is a
        calibrated probability: of what is given 0.8, four in five are right.

        `cpv` holds what to show, with the words of the text that speak for it: the asserted code and further likely
        divisions, or else suggestions. `asserted` is null where nothing is sure enough. None of it is a buyer's code.
        """
        lang = read_lang(request, read_fields(request, ("lang",)))
        asked, many = _read_asked(await read_body(request, MOST_BYTES))
        allowance.spend(TEXTS, address_of(request), max(1, len(asked)))
        verdicts = await judge.judge([subject for _, subject in asked])
        written = [{"id": id_, **write_named(verdict, lang)} for (id_, _), verdict in zip(asked, verdicts, strict=True)]
        body = orjson.dumps(written if many else written[0])
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    return router
