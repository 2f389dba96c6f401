"""What BOAMP's API wraps its records in: responses of each version, lists, single records, lines of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawlers.formats.boamp_json import parse_json
from tenders.errors import Refused

Json = dict[str, Any]


def records(text: str) -> Iterator[Json | Refused]:
    """Yield the records of a body in their order; what is none of them is raised or yielded as Refused."""
    try:
        data = parse_json(text)
    except ValueError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        parsed = [_line(line) for line in lines]
        if len(lines) < 2 or not any(isinstance(item, dict) for item in parsed):
            raise Refused(f"not JSON, or cut off: {str(error)[:120]}") from None
        for item in parsed:
            yield from [item] if isinstance(item, Refused) else _fields(item)
        return
    if isinstance(data, list):
        for item in data:
            yield from _fields(item)
    elif isinstance(data, dict) and isinstance(data.get("results") or data.get("records"), list):
        for item in data.get("results") or data["records"]:
            yield from _fields(item)
    elif isinstance(data, dict) and ("results" in data or "records" in data):  # an answer without results
        return
    else:
        yield from _fields(data)


def _line(line: str) -> Json | Refused:
    try:
        found = parse_json(line)
    except ValueError as error:
        return Refused(f"not a line of JSON, or cut off: {str(error)[:120]}")
    return found if isinstance(found, dict) else Refused(f"no record: {line[:60]!r}")


def _fields(item: Any) -> Iterator[Json | Refused]:
    """Yield the fields of a record in the envelope of any version of the API."""
    if isinstance(item, dict) and isinstance(item.get("record"), dict):  # v2.0
        item = item["record"]
    if isinstance(item, dict) and isinstance(item.get("fields"), dict):  # v1.0
        item = item["fields"]
    if not isinstance(item, dict):
        yield Refused(f"no record: {str(item)[:60]!r}")
    elif "idweb" in item:
        yield item
    elif "error_code" in item or "errorcode" in item or "error" in item:
        yield Refused(f"the platform answered with an error: {str(item.get('message') or item.get('error'))[:150]}")
    else:
        yield Refused("no record of BOAMP: it has no idweb")
