"""What the Explore API answers: parameters in, a status and a body out; no socket in sight."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.standins.boamp_fields import FIELDS, Record, describe
from tests.standins.odsql import ODSQLError, order, read_select, read_where

API: Final = "/api/explore/v2.1/catalog/datasets/"
CEILING: Final = 10_000  # offset + limit must stay below; the platform's own text says "less than 10000"
LARGEST: Final = 100
DEFAULT: Final = 10

Parameters = dict[str, list[str]]


class BadParameter(ValueError):
    """A REST parameter that the platform refuses (error_code InvalidRESTParameterError)."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API. `stream` ones are sent in chunks, without a Content-Length."""

    status: int
    type: str
    body: bytes
    stream: bool = False

    @classmethod
    def json(cls, status: int, value: Any) -> Self:
        """Return a JSON answer."""
        return cls(status, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False).encode())

    @classmethod
    def error(cls, status: int, code: str, message: str) -> Self:
        """Return an error in the platform's shape."""
        return cls.json(status, {"message": message, "error_code": code})


def answer(path: str, parameters: Parameters, records: list[Record]) -> Answer:
    """Answer one request of the API; bad parameters become the platform's 400, another path its 404."""
    dataset, _, rest = path.removeprefix(API).partition("/")
    if not path.startswith(API) or dataset != "boamp":
        return Answer.error(404, "DatasetNotFound", f"Unknown dataset: {dataset or path}")
    try:
        if rest == "":
            return Answer.json(200, describe(len(records)))
        if rest == "records":
            return _records(parameters, records)
        if rest.startswith("exports/"):
            return _export(rest.removeprefix("exports/"), parameters, records)
    except ODSQLError as error:
        return Answer.error(400, "ODSQLError", str(error))
    except BadParameter as error:
        return Answer.error(400, "InvalidRESTParameterError", str(error))
    return Answer.error(404, "NotFound", f"Unknown endpoint: {rest}")


def _one(parameters: Parameters, name: str, default: str = "") -> str:
    return parameters[name][-1] if parameters.get(name) else default


def _number(parameters: Parameters, name: str, default: int, least: int, most: int | None) -> int:
    text = _one(parameters, name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise BadParameter(f"Invalid value for {name} API parameter: {text} was found but int is expected.") from None
    if number < least or (most is not None and number > most):
        expected = f"{least} <= {name}" + (f" <= {most}" if most is not None else "")
        raise BadParameter(f"Invalid value for {name} API parameter: {number} was found but {expected} is expected.")
    return number


def _beyond(offset: int, limit: int) -> str:
    total = offset + limit
    return (
        "Invalid value for sum of offset + limit API parameter: "
        f"{total} was found but < {CEILING} is expected. (error_code: InvalidRESTParameterError)"
    )


def _facet_tests(parameters: Parameters, name: str) -> list[tuple[str, str]]:
    pairs = []
    for text in parameters.get(name, []):
        facet, colon, value = text.partition(":")
        if not colon or facet not in FIELDS or not FIELDS[facet].facet:
            raise BadParameter(f"Invalid value for {name} API parameter: {text!r}: {facet!r} is no facet.")
        pairs.append((facet, value.strip().strip('"')))
    return pairs


def _has_facet(record: Record, facet: str, value: str) -> bool:
    """Whether a facet has a value; hierarchical ones hold from the top: ``2026/05``, ``Avis de marché`` (``/``)."""
    found = record.get(facet)
    if found is None:
        return False
    values = found if isinstance(found, list) else [found]
    if FIELDS[facet].type == "date":
        values = [str(item).replace("-", "/") for item in values]
    return any(item == value or str(item).startswith(value.rstrip("/") + "/") for item in values)


def _select(parameters: Parameters, records: list[Record]) -> list[Record]:
    """Return the whole records that the request selects, in its order."""
    if parameters.get("group_by"):
        raise ODSQLError("This stand-in groups nothing.", "group_by")
    test = read_where(parameters.get("where", []))
    kept, dropped = _facet_tests(parameters, "refine"), _facet_tests(parameters, "exclude")
    found = [
        record
        for record in records
        if all(_has_facet(record, *pair) for pair in kept)
        and not any(_has_facet(record, *pair) for pair in dropped)
        and test(record)
    ]
    return order(found, _one(parameters, "order_by"))


def _shape(parameters: Parameters, records: list[Record]) -> list[Record]:
    """Return what is shown of them: the selected fields, moments in the zone asked for."""
    try:
        name = _one(parameters, "timezone", "UTC")
        zone = UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadParameter(f"Invalid value for timezone API parameter: {name} is unknown.") from None
    select = read_select(",".join(parameters.get("select", [])))
    moments = [name for name, field in FIELDS.items() if field.type == "datetime"]

    def shown(record: Record) -> Record:
        told = {n: datetime.fromisoformat(record[n]).astimezone(zone).isoformat() for n in moments if record.get(n)}
        return select(record | told)

    return [shown(record) for record in records]


def _records(parameters: Parameters, records: list[Record]) -> Answer:
    limit = _number(parameters, "limit", DEFAULT, -1, LARGEST)
    limit = LARGEST if limit == -1 else limit
    offset = _number(parameters, "offset", 0, 0, None)
    if offset + limit >= CEILING:
        raise BadParameter(_beyond(offset, limit).partition(" (error_code")[0])
    found = _select(parameters, records)
    page = _shape(parameters, found[offset : offset + limit])
    return Answer.json(200, {"total_count": len(found), "results": page})


def _export(format_: str, parameters: Parameters, records: list[Record]) -> Answer:
    if format_ not in ("json", "jsonl", "csv"):
        return Answer.error(400, "InvalidRESTParameterError", f"Unknown export format: {format_}")
    limit = _number(parameters, "limit", -1, -1, None)
    offset = _number(parameters, "offset", 0, 0, None)
    found = _select(parameters, records)
    wanted = len(found) - offset if limit == -1 else limit
    rows = _shape(parameters, found[offset : offset + wanted] if wanted > 0 else [])
    type_, head, body = _written(format_, parameters, rows)
    if offset and offset + wanted >= CEILING:  # the trap: 200 and the format's opening are already on their way
        body = head + _beyond(offset, wanted).encode()
    if _one(parameters, "compressed") == "true":
        type_, body = "application/gzip", gzip.compress(body, mtime=0)
    return Answer(200, type_, body, stream=True)


def _written(format_: str, parameters: Parameters, rows: list[Record]) -> tuple[str, bytes, bytes]:
    """Return the media type, how the format begins, and the whole body."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    if format_ == "json":
        return "application/json; charset=utf-8", b"[", f"[{','.join(lines)}]".encode()
    if format_ == "jsonl":
        return "application/jsonl; charset=utf-8", b"", "".join(f"{line}\n" for line in lines).encode()
    out = io.StringIO()
    if _one(parameters, "with_bom", "true") == "true":
        out.write("\ufeff")
    names = list(_shape(parameters, [dict.fromkeys(FIELDS)])[0])
    separator = _one(parameters, "list_separator", ",")
    delimiter = _one(parameters, "delimiter", ";")
    if delimiter not in (";", ",", "\t", "|"):
        raise BadParameter(f"Invalid value for delimiter API parameter: {delimiter} was found.")
    quote_all = _one(parameters, "quote_all") == "true"
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    labelled = _one(parameters, "use_labels") == "true"
    writer.writerow([FIELDS[name].label if labelled and name in FIELDS else name for name in names])
    head = out.getvalue().encode()
    for row in rows:
        writer.writerow([separator.join(value) if isinstance(value, list) else value for value in row.values()])
    return "text/csv; charset=utf-8", head, out.getvalue().encode()
