"""Texts to be classified as programs write them, and verdicts as they read them: JSON, and lines of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from indexer.classifier import Classifier, Guess, Subject, Verdict
from tenders.errors import Refused
from tenders.model import Nature

JUDGED = 20_000  # characters of a text that are judged
LONGEST_LINE = 8_000_000  # bytes of a line that are read; more is no notice
_TERMS_OF_JSON = b"[-0123456789tfn"  # what JSON that is no object begins with; a text may too
_NATURES = ", ".join(Nature)
_ALPHA_2 = re.compile(r"([a-z]{2})([-_].*)?", re.DOTALL)

Id = str | int | float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One line: what is asked under its own id, or why it cannot be."""

    id: Id
    subject: Subject | None
    error: str | None = None


def read_line(number: int, line: bytes) -> Asked:
    """Read a line: a JSON object, or a plain text, which is a title whose id is the number of its line.

    A byte that is no UTF-8 is a lost character. What cannot be read gives an error that says what is allowed.
    """
    if len(line) > LONGEST_LINE:
        return Asked(number, None, f"the line has more than {LONGEST_LINE:,} bytes: give one text a line")
    text = line.decode("utf-8", "replace").strip().removeprefix("\ufeff")
    asked: Any = text
    if text.startswith("{") or line[:1] in _TERMS_OF_JSON:
        try:
            asked = orjson.loads(text)
        except orjson.JSONDecodeError as problem:
            if text.startswith("{"):
                return Asked(number, None, f"no JSON object: {problem}")
    if isinstance(asked, str):
        return Asked(number, Subject(title=text[:JUDGED]))
    if not isinstance(asked, dict):
        return Asked(number, None, 'no JSON object: write {"id": ..., "title": ...} or a plain text')
    try:
        own = read_id(asked, number)
    except Refused as problem:
        return Asked(number, None, str(problem))
    try:
        return Asked(own, read_subject(asked))
    except Refused as problem:
        return Asked(own, None, str(problem))


def read_id(asked: Mapping[str, Any], number: Id = None) -> Id:
    """Return the id of an object, `number` where it has none; raises Refused for what is no text or number."""
    own = asked.get("id")
    if isinstance(own, bool) or not isinstance(own, str | int | float | None):
        raise Refused("id is no text or number: give one or the other, or leave it out")
    return number if own is None else own


def read_subject(asked: Mapping[str, Any]) -> Subject:
    """Read what is known of a text; raises Refused, which says what is allowed. Names that we do not know are let be.

    A title of nothing at all is a title. A language is an ISO 639-1 code; from anything else it is detected.
    """
    title = asked.get("title")
    if not isinstance(title, str):
        raise Refused("title is missing: give the text's title" if title is None else "title is no text")
    language = _ALPHA_2.fullmatch((_text(asked, "lang") or "").strip().lower()[:40])
    return Subject(
        title=title[:JUDGED],
        description=(_text(asked, "description") or "")[:JUDGED] or None,
        language=language[1] if language else None,
        nature=_nature(asked),
        descriptors=_descriptors(asked),
    )


def _text(asked: Mapping[str, Any], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(f"{name} is no text: give a text or leave it out")
    return value


def _nature(asked: Mapping[str, Any]) -> Nature | None:
    value = (_text(asked, "nature") or "").strip()
    if value and value not in list(Nature):
        raise Refused(f"nature {value[:40]!r} is not one of: {_NATURES}")
    return Nature(value) if value else None


def _descriptors(asked: Mapping[str, Any]) -> tuple[str, ...]:
    value = asked.get("descriptors")
    if value is None:
        return ()
    if not isinstance(value, list) or any(
        isinstance(one, bool) or not isinstance(one, str | int) or len(str(one)) > 40 for one in value[:1000]
    ):
        raise Refused('descriptors is no list of codes: write ["74", "120"]')
    return tuple(str(one) for one in value[:1000])


def _code(guess: Guess) -> dict[str, Any]:
    return {"code": guess.code, "p": round(float(guess.probability), 4)}


def write_verdict(verdict: Verdict) -> dict[str, Any]:
    """Write a verdict: codes as digits without check digit, `p` their calibrated probability."""
    return {
        "cpv": [{**_code(guess), "terms": list(guess.terms)} for guess in verdict.cpv],
        "division": [_code(guess) for guess in verdict.divisions],
        "group": [_code(guess) for guess in verdict.groups],
        "codes": [_code(guess) for guess in verdict.codes],
        "asserted": None if verdict.asserted is None else _code(verdict.asserted),
    }


def answer_lines(lines: Sequence[Asked], classifier: Classifier) -> list[bytes]:
    """Classify in one go what can be classified, and write a line for each, in their order."""
    verdicts = iter(classifier.classify([asked.subject for asked in lines if asked.subject is not None]))
    return [
        orjson.dumps(
            {"id": asked.id, "error": asked.error}
            if asked.subject is None
            else {"id": asked.id, **write_verdict(next(verdicts))},
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for asked in lines
    ]
