"""The parameters and errors of the API as OpenAPI describes them, each with an example."""

from __future__ import annotations

from typing import Any

from fastapi import Path

from search_api.problems import MEDIA_TYPE, Problem, not_found, too_large, too_often, unavailable, unexpected
from tenders.errors import TooLarge, TooOften, Unavailable
from tenders.model import Nature, NoticeKind, Procedure
from tenders.query import BUYER_CATEGORIES, DEFAULT_SIZE, FLAGS, LANGUAGES, MAX_SIZE, STATED, WINNERS, Sort, Status
from tenders.query_text import MAX_LENGTH, MAX_TERMS
from tenders.query_url import BUYER_TYPES, MANY, NAMES
from tenders.translations import N_

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
_AMOUNT = {"type": "string", "pattern": r"^\d{1,13}(\.\d{1,2})?$"}


def _enum(values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [str(value) for value in values]}


# name -> what it means (a message), schema of one value, example
ABOUT: dict[str, tuple[str, dict[str, Any], Any]] = {
    "q": (
        N_(
            "Words in titles, descriptions, lots, buyers and references. `OU`, `OR` or `|` between alternatives, `-`, "
            '`SAUF` or `NOT` before what must not stand, `"…"` around a phrase, `*` at the end of a beginning; a space '
            "means both."
        ),
        {"type": "string", "maxLength": MAX_LENGTH},
        "toiture OU couverture école -amiante",
    ),
    "cpv": (
        N_("CPV 2008 code, or its first digits: everything under it."),
        {"type": "string", "pattern": r"^\d{2,8}(-\d)?$"},
        ["45261"],
    ),
    "cpv_any": (
        N_("As `cpv`, but where the buyer published no code, the predicted one counts."),
        {"type": "string", "pattern": r"^\d{2,8}(-\d)?$"},
        ["4526"],
    ),
    "nuts": (N_("NUTS code of a place, country to NUTS-3: everything under it."), _TEXT, ["FRC1"]),
    "dept": (N_("French département, two characters or three."), _TEXT, ["21", "2A", "971"]),
    "epci": (
        N_(
            "SIREN of an EPCI: bought by it or by one of its communes, joint buyers each. A buyer is known by its "
            "number; one without a number by its official name and postcode."
        ),
        {"type": "string", "pattern": r"^\d{9}$"},
        ["243300316"],
    ),
    "buyer": (N_("The buyer's whole name as shown, or its national id (SIRET)."), _TEXT, ["Commune de Valombre"]),
    "buyer_type": (N_("Legal type of the buyer (eForms BT-11)."), _enum(BUYER_TYPES), ["la"]),
    "buyer_category": (
        N_("What a buyer’s SIREN tells of it; buyers without a number have none."),
        _enum(BUYER_CATEGORIES),
        ["municipality"],
    ),
    "nature": (N_("What is bought."), _enum(Nature), ["works"]),
    "procedure": (N_("How the buyer chooses."), _enum(Procedure), ["open", "adapted"]),
    "status": (
        N_("The state now; the first that holds of cancelled, awarded, closed, open, planned."),
        _enum(Status),
        ["open"],
    ),
    "source": (N_("Any notice came from this source; see /api/v1/sources."), _TEXT, ["boamp"]),
    "kind": (N_("Any notice is of this kind."), _enum(NoticeKind), ["competition"]),
    "published_after": (N_("First published on this day or later."), _DAY, "2026-05-01"),
    "published_before": (N_("First published on this day or earlier."), _DAY, "2026-05-31"),
    "deadline_after": (N_("Deadline on this day or later, Europe/Paris."), _DAY, "2026-06-01"),
    "deadline_before": (N_("Deadline on this day or earlier, Europe/Paris."), _DAY, "2026-06-30"),
    "deadline_within": (
        N_("Deadline from now within so many days or hours."),
        {"type": "string", "pattern": r"^[1-9]\d{0,3}[dh]$"},
        "7d",
    ),
    "value_min": (N_("Estimated value in euros, at least."), _AMOUNT, "90000"),
    "value_max": (N_("Estimated value in euros, at most."), _AMOUNT, "500000.00"),
    "value_unknown": (
        N_("Whether tenders without a value in euros are kept beside a value filter."),
        {**_enum(("keep", "drop")), "default": "keep"},
        "drop",
    ),
    "green": (N_("The buyer declares environmental criteria."), _enum(("yes", "no")), "yes"),
    "social": (N_("The buyer declares social clauses."), _enum(("yes", "no")), "yes"),
    "reserved": (N_("Reserved for sheltered or social employers."), _enum(("yes", "no")), "no"),
    "innovation": (N_("The buyer declares that it buys innovation."), _enum(("yes", "no")), "yes"),
    "sme": (N_("Declared suitable for small and medium enterprises."), _enum(("yes", "no")), "yes"),
    "framework": (N_("A framework agreement."), _enum(("yes", "no")), "no"),
    "eu_funded": (N_("Paid for with EU funds."), _enum(("yes", "no")), "no"),
    "winner": (
        N_("A winner is stated to be a small or medium enterprise, or a large one."),
        _enum(WINNERS),
        ["sme"],
    ),
    "winner_dept": (
        N_("A winner has its seat in this French département; `99` abroad."),
        _TEXT,
        ["21", "99"],
    ),
    "local": (
        N_(
            "Yes: a winner has its seat in a département where the work is done. No: the seat of every winner is "
            "stated, and lies elsewhere."
        ),
        _enum(("yes", "no")),
        "yes",
    ),
    "relaunch": (N_("A title says that an earlier procedure is taken up again."), _enum(("yes", "no")), "yes"),
    "known": (
        N_(
            "The record states it: `cpv` a published code, `answer` the days from publication to deadline, `buyer_id` "
            "a buyer’s SIREN or SIRET, `buyer_category` what that tells, `call` a call for tenders, `value` an amount "
            "in euros, `offers` how many were received, `winner` a winner’s size, `winner_dept` its seat, `local` "
            "whether that is where the work is done."
        ),
        _enum(STATED),
        ["value"],
    ),
    "unknown": (N_("The record does not state it; values as of `known`."), _enum(STATED), ["lots"]),
    "lang": (N_("Languages whose word forms are tried; default fr and en."), _enum(LANGUAGES), ["fr"]),
    "sort": (
        N_("The order; default relevance with words, else -seq, the newest change first."),
        _enum(Sort),
        "deadline",
    ),
    "size": (
        N_("Tenders a page."),
        {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
        20,
    ),
    "after": (N_("Cursor of the next page; take it from `next`."), _TEXT, "M2YxYzBhNzIuNDI"),
}


def _describe(name: str, where: str, about: str, schema: dict[str, Any], value: Any) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": where, "description": about, "schema": schema, "example": value}
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": True}
    return parameter


def _of_query(name: str) -> dict[str, Any]:
    about, schema, value = ABOUT[name]
    if "maxLength" in schema:
        about += f" At most {MAX_LENGTH} characters and {MAX_TERMS} terms."
    if name in MANY:
        return _describe(
            name, "query", about + " Repeat it for alternatives.", {"type": "array", "items": schema}, value
        )
    return _describe(name, "query", about, schema, value)


QUERY_PARAMETERS = [_of_query(name) for name in NAMES]
assert set(FLAGS) <= set(ABOUT), "every flag of a Query is described"
ACCEPT_LANGUAGE = _describe(
    "Accept-Language", "header", "Language of labels: fr (default) or en.", {"type": "string", "default": "fr"}, "en"
)


def described(name: str, about: str, value: Any, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """Describe a query parameter of another route."""
    return _describe(name, "query", about, schema or _TEXT, value)


def in_path(about: str, value: str) -> Any:
    """Describe a part of a route's path."""
    return Path(description=about, openapi_examples={"one": {"value": value}})


def example(about: str, value: Any, media_type: str = "application/json") -> dict[str, Any]:
    """Describe an answer with its example."""
    return {"description": about, "content": {media_type: {"example": value}}}


_PROBLEMS: dict[int, Problem] = {
    400: Problem(
        400,
        "bad-parameter",
        "The question cannot be run as asked",
        "the parenthesis opened at character 1 is never closed: add a closing )",
        "q",
        0,
    ),
    404: not_found("there is no tender of this id: ids stand in the items of /api/v1/tenders"),
    413: too_large(TooLarge("title has 2,431 characters: 2,000 are allowed", name="title")),
    429: too_often(TooOften("this is asked too often: 600 per 1 minute are allowed", wait=42)),
    500: unexpected(),
    503: unavailable(Unavailable("")),
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and how to mend it."},
        "parameter": {"type": "string", "description": "The parameter at fault."},
        "position": {
            "type": "integer",
            "description": "Index of the first wrong character of its text.",
        },
    },
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems (RFC 9457) that a route answers: those given, and the two that any may meet."""
    return {
        status: {
            "description": _PROBLEMS[status].title,
            "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA, "example": _PROBLEMS[status].body()}},
        }
        for status in (*statuses, 500, 503)
    }
