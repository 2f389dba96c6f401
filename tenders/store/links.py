"""Keys by which notices find their neighbours, the links found between them, and the notices to be grouped again.

Under one key a notice reads its nearest neighbours only, so that a key that everybody has costs no more than another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from tenders.store.schema import link_keys, links, merges, notices, past_merges, regroup
from tenders.store.tenders import in_chunks

NEAREST = 64  # neighbours read under one key, on either side
_KEYS = 400  # of one question
_STRETCH = 8 * NEAREST  # notices of a crowd read at once
_LAST = 1 << 62  # after every place


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a notice stands among its neighbours: its place, and its keys."""

    place: int
    keys: frozenset[str]


def load_standpoints(connection: Connection, ids: Iterable[int]) -> dict[int, Standpoint]:
    """Return where notices stood when their keys were last written."""
    places: dict[int, int] = {}
    keys: dict[int, set[str]] = {}
    for chunk in in_chunks(ids):
        for row in connection.execute(select(link_keys).where(link_keys.c.notice_id.in_(chunk))):
            places[row.notice_id] = row.place
            keys.setdefault(row.notice_id, set()).add(row.key)
    return {id_: Standpoint(place, frozenset(keys[id_])) for id_, place in places.items()}


def write_keys(connection: Connection, stands: Mapping[int, Standpoint]) -> None:
    """Write what each notice can be found by, in the place of what was."""
    for chunk in in_chunks(stands):
        connection.execute(delete(link_keys).where(link_keys.c.notice_id.in_(chunk)))
    rows = [{"key": key, "place": at.place, "notice_id": id_} for id_, at in stands.items() for key in at.keys]
    if rows:
        connection.execute(insert(link_keys), rows)


class Shelves:
    """What stands under keys, read once; made anew after keys were written.

    `concerns` says of a key and two places under it whether the later one may look at the earlier.
    """

    def __init__(self, connection: Connection, concerns: Callable[[str, int, int], bool]) -> None:
        self._connection = connection
        self._concerns = concerns
        self._held: dict[str, list[tuple[int, int]]] = {}  # (place, notice)
        self._crowds: dict[str, tuple[int, int]] = {}  # the places whose neighbours are held, where not all are

    def neighbours(self, stands: Mapping[int, Standpoint], *, earlier: bool) -> dict[int, set[int]]:
        """Return, for each notice, its nearest neighbours under each of its keys: the earlier ones, or the later."""
        self._read({key for at in stands.values() for key in at.keys})
        found: dict[int, set[int]] = {id_: set() for id_ in stands}
        for id_, at in sorted(stands.items(), key=lambda known: known[1].place):
            for key in at.keys:
                near = self._beside(key, at.place, earlier)
                found[id_].update(other for place, other in near if self._concerns(key, *sorted((place, at.place))))
        return found

    def _read(self, keys: Iterable[str]) -> None:
        wanted = sorted(key for key in keys if key not in self._held)
        for start in range(0, len(wanted), _KEYS):
            chunk = wanted[start : start + _KEYS]
            most = len(chunk) * NEAREST
            query = select(link_keys.c.key, link_keys.c.place, link_keys.c.notice_id).where(link_keys.c.key.in_(chunk))
            rows = self._connection.execute(query.order_by(link_keys.c.key, link_keys.c.place).limit(most)).all()
            self._held |= {key: [] for key in chunk}
            for key, group in groupby(rows, key=itemgetter(0)):
                self._held[key] = [(place, id_) for _, place, id_ in group]
            if len(rows) == most:  # cut: what stands from here on is read by stretches
                self._crowds |= {key: (1, 0) for key in chunk if key >= rows[-1].key}

    def _beside(self, key: str, place: int, earlier: bool) -> Sequence[tuple[int, int]]:
        if key in self._crowds:
            self._look_around(key, place)
        shelf = self._held[key]
        if earlier:
            at = bisect_left(shelf, (place,))
            return shelf[max(0, at - NEAREST) : at]
        at = bisect_left(shelf, (place + 1,))
        return shelf[at : at + NEAREST]

    def _look_around(self, key: str, place: int) -> None:
        """Hold a stretch of a crowd's shelf: all the neighbours of a place, and of many that follow it."""
        first, last = self._crowds[key]
        if first <= place <= last:
            return
        at = link_keys.c.place
        query = select(at, link_keys.c.notice_id).where(link_keys.c.key == key)
        before = self._connection.execute(query.where(at < place).order_by(at.desc()).limit(NEAREST)).all()
        after = self._connection.execute(query.where(at >= place).order_by(at).limit(_STRETCH)).all()
        self._held[key] = [(row.place, row.notice_id) for row in (*reversed(before), *after)]
        self._crowds[key] = (place, _LAST if len(after) < _STRETCH else after[-NEAREST - 1].place - 1)


LinkRow = tuple[int, int, str, bool, str]  # notice, the earlier one, rule, sure, what the rule saw


def replace_links(connection: Connection, found: Mapping[int, Sequence[LinkRow]], *, at: datetime) -> set[int]:
    """Write the links of notices in the place of theirs; returns the notices of which a link changed, both ends."""
    known = {(row.notice_id, row.other_id): row for row in _links_of(connection, found)}
    new = {(row[0], row[1]): row for rows in found.values() for row in rows}
    gone = [pair for pair, row in known.items() if tuple(row)[:5] != new.get(pair)]
    come = [row for pair, row in new.items() if pair not in known or tuple(known[pair])[:5] != row]
    for notice_id, other_id in gone:
        connection.execute(delete(links).where(links.c.notice_id == notice_id, links.c.other_id == other_id))
    if come:
        names = ("notice_id", "other_id", "rule", "sure", "saw")
        connection.execute(insert(links), [dict(zip(names, row, strict=True)) | {"found_at": at} for row in come])
    return {id_ for pair in (*gone, *((row[0], row[1]) for row in come)) for id_ in pair}


def _links_of(connection: Connection, ids: Iterable[int]) -> Iterator[Any]:
    for chunk in in_chunks(ids):
        yield from connection.execute(select(links).where(links.c.notice_id.in_(chunk)))


def load_links(connection: Connection, ids: Iterable[int]) -> list[LinkRow]:
    """Return the links of notices to earlier ones, sure and possible."""
    return [tuple(row)[:5] for row in _links_of(connection, ids)]


def linked_notices(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return the notices that a sure link ties to some of `ids`, directly or through others; `ids` are among them."""
    reached = set(ids)
    fresh = reached
    while fresh:
        found: set[int] = set()
        for chunk in in_chunks(sorted(fresh)):
            for here, there in ((links.c.notice_id, links.c.other_id), (links.c.other_id, links.c.notice_id)):
                # Not asked for in SQL: SQLite would rather walk every sure link than look up many notices.
                rows = connection.execute(select(there, links.c.sure).where(here.in_(chunk)))
                found.update(id_ for id_, sure in rows if sure)
        fresh = found - reached
        reached |= fresh
    return reached


def notices_beside(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return the notices that stand in one tender with some of `ids` now."""
    found: set[int] = set()
    for chunk in in_chunks(ids):
        homes = select(merges.c.tender_id).where(merges.c.notice_id.in_(chunk))
        found.update(connection.execute(select(merges.c.notice_id).where(merges.c.tender_id.in_(homes))).scalars())
    return found


def ask_again(connection: Connection, ids: Iterable[int]) -> None:
    """Have notices grouped again by the next build."""
    for chunk in in_chunks(set(ids)):
        connection.execute(delete(regroup).where(regroup.c.notice_id.in_(chunk)))
        connection.execute(insert(regroup), [{"notice_id": id_} for id_ in chunk])


def take_asked(connection: Connection, limit: int) -> set[int]:
    """Take the notices that are to be grouped again, so many at most."""
    ids = set(connection.execute(select(regroup.c.notice_id).order_by(regroup.c.notice_id).limit(limit)).scalars())
    for chunk in in_chunks(ids):
        connection.execute(delete(regroup).where(regroup.c.notice_id.in_(chunk)))
    return ids


def find_notices(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of notices by their keys; an unknown key is left out."""
    found: dict[str, int] = {}
    for chunk in in_chunks(dict.fromkeys(keys)):
        query = select(notices.c.key, notices.c.id).where(notices.c.key.in_(chunk))
        found |= {row.key: row.id for row in connection.execute(query)}
    return found


def load_keys(connection: Connection, ids: Iterable[int]) -> list[str]:
    """Return the keys of notices."""
    found: list[str] = []
    for chunk in in_chunks(ids):
        found += connection.execute(select(notices.c.key).where(notices.c.id.in_(chunk))).scalars()
    return found


@dataclass(frozen=True, slots=True)
class PossibleLink:
    """A link too weak to merge by: two notices by their keys, in two tenders, and why they may be one procedure."""

    notice: str
    other: str
    tender: str
    other_tender: str
    rule: str
    saw: str
    found_at: datetime


def possible_links(connection: Connection, tender_id: str | None = None) -> Iterator[PossibleLink]:
    """Read the possible links between notices of two tenders, newest first; all, or those of one tender."""
    here, there, notice, other = merges.alias(), merges.alias(), notices.alias(), notices.alias()
    query = (
        select(
            notice.c.key, other.c.key, here.c.tender_id, there.c.tender_id, links.c.rule, links.c.saw, links.c.found_at
        )
        .select_from(links)
        .join(here, here.c.notice_id == links.c.notice_id)
        .join(there, there.c.notice_id == links.c.other_id)
        .join(notice, notice.c.id == links.c.notice_id)
        .join(other, other.c.id == links.c.other_id)
        .where(~links.c.sure, here.c.tender_id != there.c.tender_id)
        .order_by(links.c.found_at.desc(), links.c.notice_id.desc(), links.c.other_id)
    )
    if tender_id is not None:
        query = query.where((here.c.tender_id == tender_id) | (there.c.tender_id == tender_id))
    yield from (PossibleLink(*row) for row in connection.execution_options(yield_per=200).execute(query))


def count_merges(connection: Connection) -> list[tuple[str, str, int]]:
    """Count by rule the notices that stand by it, the possible links, and the notices that stood elsewhere before."""
    counted: list[tuple[str, str, int]] = []
    for state, column, query in (
        ("merged", merges.c.rule, select(merges.c.rule, func.count())),
        ("possible", links.c.rule, select(links.c.rule, func.count()).where(~links.c.sure)),
        ("moved", past_merges.c.rule, select(past_merges.c.rule, func.count())),
    ):
        rows = connection.execute(query.group_by(column).order_by(func.count().desc(), column))
        counted += [(state, rule, count) for rule, count in rows]
    return counted


def past_of(connection: Connection, tender_id: str) -> list[Row[Any]]:
    """Return (key, rule, evidence, merged_at, until) of the notices that stood in a tender and went to another."""
    query = (
        select(notices.c.key, *(past_merges.c[name] for name in ("rule", "evidence", "merged_at", "until")))
        .join(notices, notices.c.id == past_merges.c.notice_id)
        .where(past_merges.c.tender_id == tender_id)
        .order_by(past_merges.c.id)
    )
    return list(connection.execute(query))
