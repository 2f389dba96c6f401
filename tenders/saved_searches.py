"""Somebody's alerts as a file that is theirs: JSON of all that is known of them, OPML of their feeds, and back.

JSON: ``{"tenderwatch": 1, "email", "exported", "alerts": [{"name", "query" (URL form), "kind", "rhythm", "news",
"language", "state", "created", "confirmed", "paused_until", "ended", "consent": {...}, "mails": [{"sent", "kind",
"state", "tenders"}]}]}``; of these only name, query, kind, rhythm and news are read back.
OPML 2.0: an ``outline`` a feed, whose ``xmlUrl`` holds the search; a monthly report has its kind as ``category``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from lxml import etree

from tenders.errors import BadQuery, Refused
from tenders.query import Query
from tenders.query_url import from_url
from tenders.query_words import short_title
from tenders.subscription import RHYTHMS, USUAL_NEWS, USUAL_RHYTHM, Kind, News, Rhythm, Subscription

MOST: Final = 50  # searches read of a file
_FORMAT: Final = 1
_REPORT: Final = "/tenderwatch/report"  # as an OPML category
_GO_ON: Final = (None, "active")  # what is read back: other alerts were ended, or nobody knows who asked for them


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a file names, and how it was to be told."""

    query: Query
    name: str | None = None
    kind: Kind = Kind.ALERT
    rhythm: Rhythm = Rhythm.DAILY
    news: frozenset[News] = USUAL_NEWS


@dataclass(frozen=True, slots=True)
class PastMail:
    """A mail that was made for a subscription: when it was settled, its kind and state, how many tenders it told."""

    sent: datetime | None
    kind: str
    state: str
    tenders: int


def write_json(
    email: str, alerts: Sequence[Subscription], mails: Mapping[str, Sequence[PastMail]], now: datetime
) -> bytes:
    """Write all that is known of an address; `mails` by the subscription's id."""
    held = {
        "tenderwatch": _FORMAT,
        "email": email,
        "exported": now,
        "alerts": [
            {
                "name": one.name,
                "query": one.form,
                "kind": one.kind,
                "rhythm": one.rhythm,
                "news": sorted(one.news),
                "language": one.language,
                "state": one.state,
                "created": one.created,
                "confirmed": one.confirmed,
                "paused_until": one.paused_until,
                "ended": one.ended,
                "consent": asdict(one.consent),
                "mails": [asdict(mail) for mail in mails.get(one.id, ())],
            }
            for one in alerts
        ],
    }
    return orjson.dumps(held, option=orjson.OPT_INDENT_2)


def write_opml(
    alerts: Sequence[Subscription], feed: Callable[[Query], str], page: Callable[[Subscription], str], now: datetime
) -> bytes:
    """Write the feeds of alerts for a feed reader; `feed` and `page` give addresses, of a search and an alert."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Tenderwatch"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    for one in alerts:
        if one.unreadable:  # there is nothing to follow
            continue
        name = one.name or short_title(one.query, one.language)
        said = {"type": "rss", "text": name, "title": name, "xmlUrl": feed(one.query), "htmlUrl": page(one)}
        if one.kind is Kind.REPORT:
            said["category"] = _REPORT
        etree.SubElement(body, "outline", said | {"language": one.language})
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def read_file(body: bytes) -> list[SavedSearch]:
    """Read the searches of a JSON or OPML file; raises Refused, which says which one cannot be read and why."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _read_opml(text) if text.startswith(b"<") else _read_json(text)
    if not found:
        raise Refused("no search was found in this file: give one that was exported here, JSON or OPML")
    if len(found) > MOST:
        raise Refused(f"the file has {len(found)} searches: up to {MOST} are taken")
    return found


def _read_json(body: bytes) -> list[SavedSearch]:
    try:
        held: Any = orjson.loads(body)
        alerts = held["alerts"]
        return [_read_alert(number, one) for number, one in enumerate(alerts, 1) if one.get("state") in _GO_ON]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused("this is neither a JSON nor an OPML file of alerts: give one that was exported here") from None


def _read_alert(number: int, alert: dict[str, Any]) -> SavedSearch:
    name, news = alert.get("name"), alert.get("news")
    try:
        kind = Kind(alert.get("kind", Kind.ALERT))
        rhythm = Rhythm(alert.get("rhythm", USUAL_RHYTHM[kind]))
        wants = USUAL_NEWS if news is None else frozenset(map(News, news))
    except ValueError:
        raise Refused(f"alert {number} of the file has a kind, rhythm or news that we do not know") from None
    if rhythm not in RHYTHMS[kind]:
        raise Refused(f"alert {number} of the file is of kind {kind}: its rhythm must be {' or '.join(RHYTHMS[kind])}")
    query = _read_query(number, alert["query"])
    return SavedSearch(query, name if isinstance(name, str) else None, kind, rhythm, wants)


def _read_opml(body: bytes) -> list[SavedSearch]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Refused("this file is no XML that can be read: give an OPML file that was exported here") from None
    outlines = [one for one in root.iter("outline") if one.get("xmlUrl")]
    return [
        SavedSearch(
            _read_feed(number, one.get("xmlUrl", "")),
            one.get("title") or one.get("text"),
            *((Kind.REPORT, Rhythm.MONTHLY) if one.get("category") == _REPORT else ()),
        )
        for number, one in enumerate(outlines[: MOST + 1], 1)
    ]


def _read_feed(number: int, address: str) -> Query:
    try:
        form = urlsplit(address).query
    except ValueError:
        raise Refused(f"search {number} of the file has no address that can be read: {address[:80]!r}") from None
    return _read_query(number, form)


def _read_query(number: int, form: object) -> Query:
    try:
        return from_url(str(form)).saved()
    except (BadQuery, ValueError) as problem:
        raise Refused(f"search {number} of the file cannot be read: {problem}") from None
