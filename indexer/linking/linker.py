"""Link notices in the store: what changed finds its neighbours, and those that it may concern are judged again.

A notice is judged by its nearest earlier neighbours under each of its keys, so those it concerns are its nearest later
ones. Whatever the order of arrival and the batches, the links come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson
from sqlalchemy import Connection

from indexer.linking.facts import Facts, find_keys, read_facts
from indexer.linking.grouping import Group, group
from indexer.linking.rules import Link, Rule, find_links, may_concern
from tenders.model import Notice
from tenders.store import links as records
from tenders.store.decisions import Act, load_decisions
from tenders.store.links import LinkRow, Shelves, Standpoint
from tenders.store.notices import load_notices

VERSION = 1  # raise it at any change of keys or rules: every notice is then linked anew


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
    earlier = shelves.neighbours(stands, earlier=True)
    wanted = set(stands).union(*earlier.values()) - facts.keys()
    facts |= {id_: read_facts(notice) for id_, notice in load_notices(connection, wanted).items()}
    found = {id_: _judge(id_, facts, earlier[id_]) for id_ in stands}
    return records.replace_links(connection, found, at=at) | fresh.keys()


def _later(shelves: Shelves, stands: Mapping[int, Standpoint]) -> set[int]:
    return set().union(*shelves.neighbours(stands, earlier=False).values())


def _judge(id_: int, facts: Mapping[int, Facts], earlier: Iterable[int]) -> list[LinkRow]:
    best: dict[int, LinkRow] = {}
    for found in find_links(id_, facts[id_], ((other, facts[other]) for other in earlier)):
        row = (id_, found.other, found.rule.value, found.sure, orjson.dumps(found.saw).decode())
        best.setdefault(found.other, row)
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
    return group({id_: read_facts(notice) for id_, notice in notices.items()}, links, apart)


def reach(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return every notice that may stand in one tender with some of `ids`, or stood: by links and by decisions."""
    reached = records.linked_notices(connection, set(ids) | records.notices_beside(connection, ids))
    while True:
        keys = records.load_keys(connection, reached)
        said = [d for d in load_decisions(connection, keys) if d.act is Act.MERGE]
        named = {key for d in said for key in (d.one, d.other)}.difference(keys)
        more = set(records.find_notices(connection, named).values()) - reached
        if not more:
            return reached
        reached = records.linked_notices(connection, reached | more | records.notices_beside(connection, more))
