"""A person's word on notices: that two tenders are one procedure, or that notices are one of their own. It wins.

Decisions name notices by their keys and so survive a replay of the store; tenders follow with the next build.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from tenders.errors import BadQuery
from tenders.store.decisions import Act, decide, load_decisions
from tenders.store.links import PossibleLink, ask_again, find_notices, load_keys, notices_beside, possible_links
from tenders.store.tenders import find_tender, load_merges

LONGEST_REASON = 200  # characters


def merge_tenders(connection: Connection, one: str, other: str, reason: str, *, at: datetime) -> None:
    """Decide that two tenders are one; every pair of their notices, so that an earlier word on one is taken back.

    Raises BadQuery where they are one already, or an id is none.
    """
    mine, theirs = notices_of(connection, one), notices_of(connection, other)
    if mine == theirs:
        raise BadQuery(f"{one} and {other} are one tender already", name="id")
    _write(connection, Act.MERGE, [(a, b) for a in mine for b in theirs], reason, at)


def split_notices(connection: Connection, keys: Sequence[str], reason: str, *, at: datetime) -> None:
    """Decide that notices of one tender, given by their keys, are a procedure of their own; the others stay.

    Raises BadQuery for a notice that is not known, and where nothing would be left behind.
    """
    known = _require(connection, keys)
    rest = set(load_keys(connection, notices_beside(connection, known))) - set(keys)
    if not rest:
        raise BadQuery("these notices are a tender of their own already", name="notice")
    _write(connection, Act.SPLIT, [(a, b) for a in keys for b in rest], reason, at)


def settle_possible(connection: Connection, one: str, other: str, act: Act, reason: str, *, at: datetime) -> None:
    """Take or refuse a possible link between two notices, given by their keys; it is not asked again."""
    _require(connection, (one, other))
    _write(connection, act, [(one, other)], reason, at)


def review(connection: Connection, limit: int) -> list[PossibleLink]:
    """Return the possible links that wait for a word, newest first: in two tenders, and no person has decided."""
    waiting: list[PossibleLink] = []
    for link in possible_links(connection):
        pair = {link.notice, link.other}
        if not any({said.one, said.other} == pair for said in load_decisions(connection, [link.notice])):
            waiting.append(link)
            if len(waiting) == limit:
                break
    return waiting


def notices_of(connection: Connection, tender: str) -> list[str]:
    """Return the keys of a tender's notices, of the one that absorbed it where it stands no more; else BadQuery."""
    standing = find_tender(connection, tender)
    if standing is None:
        raise BadQuery(f"there is no tender {tender}: `tenders search` prints ids", name="id")
    return [row.key for row in load_merges(connection, standing)]


def _require(connection: Connection, keys: Iterable[str]) -> list[int]:
    known = find_notices(connection, keys)
    for key in keys:
        if key not in known:
            raise BadQuery(f"there is no notice {key}: it is named by its source and id, as boamp:26-1", name="notice")
    return list(known.values())


def _write(connection: Connection, act: Act, pairs: Sequence[tuple[str, str]], reason: str, at: datetime) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise BadQuery(f"say why with --reason, in {LONGEST_REASON} characters at most", name="reason")
    decide(connection, act, pairs, reason.strip(), at=at)
    ask_again(connection, find_notices(connection, {key for pair in pairs for key in pair}).values())
