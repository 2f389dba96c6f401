"""Link notices in the store: what changed finds its neighbours, and those that it may concern are judged again.

A notice is judged by its nearest earlier neighbours under each of its keys, so those it concerns are its nearest later
ones. Whatever the order of arrival and the batches, the links come to the same. Under keys that many share it looks
only where the others have not settled it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson
from sqlalchemy import Connection

from indexer.linking.facts import Facts, find_keys, read_block, read_facts, read_placed
from indexer.linking.grouping import Group, group
from indexer.linking.pairs import Link, Rule
from indexer.linking.rules import WIDE, find_links, looks_on, may_concern
from tenders.model import Notice
from tenders.store import links as records
from tenders.store.decisions import Act, has_decisions, load_decisions
from tenders.store.links import LinkRow, Shelves, Standpoint
from tenders.store.notices import load_notices

VERSION = 3  # raise it at any change of keys or rules: every notice is then linked anew


def link(connection: Connection, fresh: Mapping[int, Notice], at: datetime) -> set[int]:
    """Link notices that came or changed; returns the notices of which a link changed, `fresh` among them."""
    facts = {id_: read_facts(notice) for id_, notice in fresh.items()}
    stands = {id_: Standpoint(known.place, find_keys(known)) for id_, known in facts.items()}
    before = {id_: at for id_, at in records.load_standpoints(connection, fresh).items() if at != stands[id_]}
    concerned = _later(Shelves(connection, may_concern), before)  # those that a revised notice stood before
    records.write_keys(connection, stands)
    shelves = Shelves(connection, may_concern)
    concerned |= _later(shelves, stands)
    stands |= records.load_standpoints(connection, concerned - stands.keys())
    near = shelves.neighbours({id_: _under(at, wide=False) for id_, at in stands.items()}, earlier=True)
    found = _judge(connection, near, facts)
    wide = {id_: _under(at, wide=True) for id_, at in stands.items() if looks_on(facts[id_], found[id_], facts)}
    more = shelves.neighbours(wide, earlier=True)
    found |= _judge(connection, {id_: ids | near[id_] for id_, ids in more.items() if ids - near[id_]}, facts)
    rows = {id_: _rows(links) for id_, links in found.items()}
    return records.replace_links(connection, rows, at=at) | fresh.keys()


def _under(at: Standpoint, *, wide: bool) -> Standpoint:
    return Standpoint(at.place, frozenset(key for key in at.keys if (read_block(key) in WIDE) is wide))


def _later(shelves: Shelves, stands: Mapping[int, Standpoint]) -> set[int]:
    return set().union(*shelves.neighbours(stands, earlier=False).values())


def _judge(connection: Connection, earlier: Mapping[int, set[int]], facts: dict[int, Facts]) -> dict[int, list[Link]]:
    """Find the links of notices among these earlier ones; `facts` grows by what was read for it."""
    wanted = set(earlier).union(*earlier.values()) - facts.keys()
    facts |= {id_: read_facts(notice) for id_, notice in load_notices(connection, wanted).items()}
    return {id_: find_links(id_, facts[id_], ((i, facts[i]) for i in ids)) for id_, ids in earlier.items()}


def _rows(links: Iterable[Link]) -> list[LinkRow]:
    best: dict[int, LinkRow] = {}
    for one in links:
        row = (one.notice, one.other, one.rule.value, one.sure, orjson.dumps(one.saw).decode())
        best.setdefault(one.other, row)
    return list(best.values())


def group_stored(connection: Connection, notices: Mapping[int, Notice]) -> list[Group]:
    """Part notices into procedures by their links in the store and by what persons decided of them."""
    by_key = {notice.key: id_ for id_, notice in notices.items()}
    links = [
        Link(notice, other, Rule(rule), sure, orjson.loads(saw))
        for notice, other, rule, sure, saw in records.load_links(connection, notices)
        if sure and other in notices
    ]
    apart: list[tuple[int, int]] = []
    for said in load_decisions(connection, list(by_key)):
        if said.one in by_key and said.other in by_key:
            pair = (by_key[said.one], by_key[said.other])
            if said.act is Act.SPLIT:
                apart.append(pair)
            else:
                links.append(Link(*pair, Rule.PERSON, True, {"reason": said.reason}))
    return group({id_: read_placed(notice) for id_, notice in notices.items()}, links, apart)


def reach(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return every notice that may stand in one tender with some of `ids`, or stood: by links and by decisions."""
    reached = records.linked_notices(connection, set(ids) | records.notices_beside(connection, ids))
    while has_decisions(connection):
        keys = records.load_keys(connection, reached)
        said = [d for d in load_decisions(connection, keys) if d.act is Act.MERGE]
        named = {key for d in said for key in (d.one, d.other)}.difference(keys)
        more = set(records.find_notices(connection, named).values()) - reached
        if not more:
            break
        reached = records.linked_notices(connection, reached | more | records.notices_beside(connection, more))
    return reached
