"""Any RSS or Atom feed (format ``feed``): its entries as notices.

A feed says little: what an entry does (a call, an award) stands in no element. So an entry is read where a category
names its kind, or where whoever named the feed said it for all: ``#kind=competition`` at the end of `origin`, which is
the feed's address or the file's name. Any other entry is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Final

from crawlers.formats import Refusal
from crawlers.formats.aws_words import fold
from crawlers.formats.feed_tree import Entry, read_entries
from crawlers.formats.text import clean_line, clean_text, note_unread, title, web_address
from crawlers.formats.values import PARIS, read_count, read_date, read_stamp
from tenders.codes import Cpv
from tenders.errors import Refused
from tenders.model import Document, Notice, NoticeKind

SOURCE: Final = "feed"
LONGEST_ID: Final = 200  # characters; the key of a notice has 300
_SAID: Final = re.compile(r"#kind=([a-z-]*)$")
_CPV: Final = re.compile(r"(?:cpv\s*[:=]?\s*)?(\d{8}(?:-\d)?)(?:\s*[-–:]?\s+\D.*)?", re.IGNORECASE | re.ASCII)
_LANGUAGE: Final = re.compile(r"([a-zA-Z]{2})(?:[-_].*)?")
_RFC822: Final = re.compile(  # Thu, 26 Mar 2026 23:30:00 CEST: the day alone is read, its zone may be anything
    r"(?:[A-Za-z]{2,9}\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*\.?[\s-]+(\d{4}|\d{2})(?!\d)", re.ASCII
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_KINDS: Final = {kind.value: kind for kind in NoticeKind} | {
    "avis de marche": NoticeKind.COMPETITION,
    "appel d'offres": NoticeKind.COMPETITION,
    "avis d'appel public a la concurrence": NoticeKind.COMPETITION,
    "contract notice": NoticeKind.COMPETITION,
    "avis de preinformation": NoticeKind.PLANNING,
    "avis rectificatif": NoticeKind.CHANGE,
    "avis d'annulation": NoticeKind.CANCELLATION,
    "avis d'attribution": NoticeKind.RESULT,
    "contract award notice": NoticeKind.RESULT,
}


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:
    """Read a feed: every entry is a notice, or a refusal under its id or ``entry 3``; see the module for `origin`."""
    said = _SAID.search(origin)
    seen: dict[str, Notice] = {}
    try:
        stated = _stated(said[1] if said else "")
        for number, entry in enumerate(read_entries(body, _SAID.sub("", origin)), 1):
            one = _one(entry, number, stated)
            if isinstance(one, Refusal):
                yield one
            elif one.source_id not in seen:
                seen[one.source_id] = one
                yield one
            elif seen[one.source_id] != one:
                yield Refusal(one.source_id, "the same id twice with different contents: the first is read")
    except Refused as problem:
        yield Refusal("", str(problem))


def _stated(kind: str) -> NoticeKind | None:
    if kind and kind not in _KINDS:
        raise Refused(f"unknown kind {kind!r}: it is one of {', '.join(NoticeKind)}")
    return _KINDS[kind] if kind else None


def _one(entry: Entry | Refused, number: int, stated: NoticeKind | None) -> Notice | Refusal:
    where = f"entry {number}"
    try:
        if isinstance(entry, Refused):
            raise entry
        where = _id(entry)
        return _read_entry(entry, where, stated)
    except Refused as problem:
        return Refusal(where, str(problem))


def _id(entry: Entry) -> str:
    for name in entry.ids:
        line = clean_line(name)
        if line:
            return line if len(line) <= LONGEST_ID else f"sha256:{sha256(line.encode()).hexdigest()[:40]}"
    raise Refused("no id: neither guid, atom:id nor link names this entry")


def _read_entry(entry: Entry, source_id: str, stated: NoticeKind | None) -> Notice:
    kinds, codes, subjects = [], [], []
    for scheme, term in entry.categories:
        found = _CPV.fullmatch(term)
        code = _cpv(found[1], "cpv" in scheme.lower() or "cpv" in term.lower()) if found else None
        if code:
            codes.append(code)
        elif fold(term) in _KINDS:
            kinds.append(_KINDS[fold(term)])
        elif line := clean_line(term[:100]):
            subjects.append(line)
    kind = next(iter(kinds), stated)
    if kind is None:
        raise Refused("nothing says what this entry does: no category names its kind, and the feed's setting neither")
    return Notice(
        source=SOURCE,
        source_id=source_id,
        url=_url(entry),
        kind=kind,
        language=_language(entry.language),
        title=title(entry.title),
        description=clean_text(entry.text),
        cpv=tuple(dict.fromkeys(codes)),
        descriptors=tuple(dict.fromkeys(subjects)),
        published=read_feed_day(entry.published),
        documents=tuple(Document(url=url, size=read_count(size)) for url, size in entry.enclosures if web_address(url)),
    )


def _cpv(text: str, named: bool) -> Cpv | None:
    """Return a code; eight digits that nothing calls CPV must be one of CPV 2008."""
    try:
        code = Cpv.parse(text)
    except Refused:
        if named:
            note_unread(SOURCE, "CPV", text)
        return None
    return code if named or code.known else None


def _url(entry: Entry) -> str | None:
    url = web_address(entry.link)
    if entry.link and url is None:
        note_unread(SOURCE, "link", entry.link)
    return url


def _language(told: str | None) -> str | None:
    found = _LANGUAGE.fullmatch((told or "").strip())
    return found[1].lower() if found else None


def read_feed_day(text: str | None) -> date | None:
    """Return the day of an RFC 822 or RFC 3339 date as the feed wrote it, in whatever zone; noise for what is none."""
    if not text:
        return None
    try:
        if re.match(r"\d{4}-", text):
            moment = read_stamp(text, PARIS)
            return moment and moment.date()
        if found := _RFC822.match(text):
            year = int(found[3]) + (0 if len(found[3]) == 4 else 1900 if int(found[3]) >= 70 else 2000)
            return read_date(f"{year:04d}-{_MONTHS.index(found[2].lower()) + 1:02d}-{int(found[1]):02d}")
    except (Refused, ValueError):
        pass
    note_unread(SOURCE, "date", text)
    return None
