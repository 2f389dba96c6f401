"""Keys by which notices find their neighbours, the links found between them, and the notices to be grouped again.

Under one key a notice reads its nearest neighbours only, so that a key that everybody has costs no more than another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from tenders.store.schema import link_keys, links, merges, notices, regroup
from tenders.store.tenders import in_chunks

NEAREST = 64  # neighbours read under one key, on either side
_KEYS = 400  # of one question


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
    """What stands under keys, read once; made anew after keys were written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: dict[str, list[tuple[int, int]] | None] = {}  # (place, notice); None under a key of a crowd

    def neighbours(self, stands: Mapping[int, Standpoint], *, earlier: bool) -> dict[int, set[int]]:
        """Return, for each notice, its nearest neighbours under each of its keys: the earlier ones, or the later."""
        self._read({key for at in stands.values() for key in at.keys})
        return {
            id_: {other for key in at.keys for other in self._beside(key, at.place, earlier)}
            for id_, at in stands.items()
        }

    def _read(self, keys: Iterable[str]) -> None:
        wanted = sorted(key for key in keys if key not in self._held)
        for start in range(0, len(wanted), _KEYS):
            chunk = wanted[start : start + _KEYS]
            most = len(chunk) * NEAREST
            query = select(link_keys.c.key, link_keys.c.place, link_keys.c.notice_id).where(link_keys.c.key.in_(chunk))
            rows = self._connection.execute(query.order_by(link_keys.c.key, link_keys.c.place).limit(most)).all()
            found: dict[str, list[tuple[int, int]] | None] = {key: [] for key in chunk}
            for key, group in groupby(rows, key=itemgetter(0)):
                found[key] = [(place, id_) for _, place, id_ in group]
            if len(rows) == most:  # cut: what stands from here on is asked for notice by notice
                found |= {key: None for key in chunk if key >= rows[-1].key}
            self._held |= found

    def _beside(self, key: str, place: int, earlier: bool) -> Iterable[int]:
        shelf = self._held[key]
        if shelf is None:
            return self._ask(key, place, earlier)
        if earlier:
            at = bisect_left(shelf, (place,))
            return (id_ for _, id_ in shelf[max(0, at - NEAREST) : at])
        at = bisect_left(shelf, (place + 1,))
        return (id_ for _, id_ in shelf[at : at + NEAREST])

    def _ask(self, key: str, place: int, earlier: bool) -> Iterable[int]:
        at = link_keys.c.place
        query = select(link_keys.c.notice_id).where(link_keys.c.key == key, at < place if earlier else at > place)
        return self._connection.execute(query.order_by(at.desc() if earlier else at).limit(NEAREST)).scalars()


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
                found.update(connection.execute(select(there).where(here.in_(chunk), links.c.sure)).scalars())
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
