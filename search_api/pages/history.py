"""What happened to a procedure, newest first, and who says what of it where its notices differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from indexer.linking.pairs import Rule
from indexer.linking.reasons import explain
from indexer.retelling import Told, retell
from search_api.pages.facts import LINE, name_notice
from search_api.wording import describe_change, say_contradiction
from tenders.labels import headed
from tenders.model import Contradiction, Tender
from tenders.phrasing import day, short_moment
from tenders.plain import shorten, web_link
from tenders.query import Status
from tenders.status import paris_day, status
from tenders.store.tenders import Revision
from tenders.translations import translator

Change = tuple[str, str, str]  # what, before, after


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: a notice, or a change that a notice already known made in its place."""

    name: str
    when: str
    iso: str | None
    notice: str = ""
    url: str | None = None
    changes: tuple[Change, ...] = ()
    title: str = ""  # where the notice has another
    rule: str = ""  # why the notice stands here
    seen: str = ""  # when we saw it first
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The newest change of the deadline: what it was, when and by which notice it moved."""

    old: str
    day: str
    notice: str
    at: datetime | None  # the old deadline


@dataclass(frozen=True, slots=True)
class Saying:
    """A field of which notices say different things: what is kept and by whom it is said, what the others say."""

    key: str
    field: str
    kept: str
    origin: dict[str, str | None]
    others: tuple[tuple[str, dict[str, str | None]], ...]


@dataclass(frozen=True, slots=True)
class History:
    """All of it; `changed_on` is the day of the newest change."""

    events: tuple[Event, ...]
    changed_on: str
    moved: Moved | None


def show_history(
    tender: Tender, merges: Iterable[Row[Any]], revisions: Sequence[Revision], now: datetime, language: str
) -> History:
    """Tell a procedure's history as its notices do, with what we saw change between them."""
    told = retell(tender.notices)
    rules = {row.key: explain(row.rule, row.evidence, language) for row in merges if row.rule != Rule.FIRST}
    events = [(one.day, _tell(tender, one, rules, now, language)) for one in told]
    said = {one.notice: set(one.changed) for one in told}
    events += [
        (paris_day(one.changed_at), _tell_revision(tender, one, now, language))
        for one in revisions
        if one.revision > 1 and not set(one.fields) <= said.get(one.notice, set())
    ]
    if events and revisions:
        first = short_moment(revisions[-1].changed_at, language, now=now)
        seen = translator(language).gettext("first seen by us on %(when)s") % {"when": first}
        at, oldest = events[0]
        events[0] = (at, replace(oldest, seen=seen))
    events.sort(key=lambda event: event[0])  # stable: of one day, in the order they speak
    newest = [day(at, language, now=now) for at, event in events if event.changes and at > date.min]
    ahead = _ahead(tender, now, language)
    return History((*ahead, *(event for _, event in reversed(events))), newest[-1] if newest else "",
                   _moved(tender, told, now, language))  # fmt: skip


def _ahead(tender: Tender, now: datetime, language: str) -> list[Event]:
    deadline = tender.merged.deadline
    if deadline is None or status(tender, now) is not Status.OPEN:
        return []
    name = translator(language).gettext("Deadline")
    return [Event(name, short_moment(deadline, language, now=now), deadline.isoformat(), ahead=True)]


def _tell(tender: Tender, told: Told, rules: dict[str, str], now: datetime, language: str) -> Event:
    notice = next(notice for notice in tender.notices if notice.key == told.notice)
    published = notice.published
    return Event(
        name=headed("kind", notice.kind, language),
        when=day(published, language, now=now) if published else "",
        iso=published.isoformat() if published else None,
        notice=name_notice(notice.key),
        url=web_link(notice.url),
        changes=_changes(tender, told.changed, now, language),
        title=shorten(notice.title, LINE) if notice.title != tender.merged.title else "",
        rule=rules.get(notice.key, ""),
    )


def _tell_revision(tender: Tender, revision: Revision, now: datetime, language: str) -> Event:
    url = next((notice.url for notice in tender.notices if notice.key == revision.notice), None)
    return Event(
        name=translator(language).gettext("Changed"),
        when=short_moment(revision.changed_at, language, now=now),
        iso=revision.changed_at.isoformat(),
        notice=name_notice(revision.notice),
        url=web_link(url),
        changes=_changes(tender, revision.fields, now, language),
    )


def _changes(tender: Tender, changed: Any, now: datetime, language: str) -> tuple[Change, ...]:
    return tuple(describe_change(name, old, new, tender, language, now) for name, (old, new) in changed.items())


def _moved(tender: Tender, told: Sequence[Told], now: datetime, language: str) -> Moved | None:
    for one in reversed(told):
        old, new = one.changed.get("deadline") or (None, None)
        if old and new:
            _, before, _ = describe_change("deadline", old, new, tender, language, now)
            at = datetime.fromisoformat(old) if "T" in old else None
            when = day(one.day, language, now=now) if one.day > date.min else ""
            return Moved(before, when, name_notice(one.notice), at)
    return None


def show_sayings(tender: Tender, now: datetime, language: str) -> list[Saying]:
    """Return the fields of which standing notices say otherwise than the merged record."""
    links = {notice.key: web_link(notice.url) for notice in tender.notices}

    def origin(key: str) -> dict[str, str | None]:
        return {"name": name_notice(key), "url": links.get(key)} if key else {}

    sayings = []
    for field in dict.fromkeys(one.field for one in tender.contradictions):
        others = [one for one in tender.contradictions if one.field == field]
        by = tender.provenance.get(field, "")
        name, kept = say_contradiction(Contradiction(field=field, value=_kept(tender, field), notice=by), language, now)
        said = tuple((say_contradiction(one, language, now)[1], origin(one.notice)) for one in others)
        sayings.append(Saying(field, name, kept, origin(by), said))
    return sayings


def _kept(tender: Tender, field: str) -> str:
    """Write a merged value as a contradiction writes it."""
    merged = tender.merged
    if field == "deadline":
        return merged.deadline.isoformat() if merged.deadline else ""
    if field == "value":
        return f"{merged.value.amount} {merged.value.currency}" if merged.value else ""
    if field == "buyer.id":
        return merged.buyer.id or ""
    value = getattr(merged, field)
    return " ".join(value) if isinstance(value, tuple) else str(value or "")
