"""From what changed in the store to an index that answers; after a crash anywhere, run it again.

The mark ``merged`` (the arrival number of the last notice merged into its tender) stands in the store and moves in the
same transaction as the tenders; how the index follows is told in `indexer.filling`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from indexer.batches import rarely_collected
from indexer.classifier import Classifier
from indexer.engine import SearchEngine
from indexer.filling import Progress, index_written, rebuild, say_nothing
from indexer.judging import judge
from indexer.linking.grouping import Group
from indexer.linking.linker import group_stored, link, reach
from indexer.linking.reasons import write_evidence
from indexer.material import material_changes, material_facts, says_so
from indexer.merge import merge, tender_id
from indexer.reclassify import reclassify
from indexer.relink import relink
from indexer.trust import Act, act_of
from tenders.model import Notice, Tender
from tenders.status import closing
from tenders.store import merging as records
from tenders.store.database import Store, mark, move_mark, next_numbers
from tenders.store.links import take_asked
from tenders.store.merging import Standing, Written
from tenders.store.notices import changed_since, load_notices

MERGE_BATCH = 1000  # notices a transaction


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: notices merged, tenders written, put into the index, judged again by another classifier."""

    notices: int = 0
    written: int = 0
    indexed: int = 0
    reclassified: int = 0


def build(
    store: Store,
    engine: SearchEngine,
    progress: Progress = say_nothing,
    *,
    classifier: Classifier | None = None,
    again: int | None = None,
    anew: bool = False,
) -> Built:
    """Merge every notice that changed and index every tender that was written since the last time, or all `anew`.

    The classifier gives codes where the buyer gave none. When all is indexed, it judges tenders that another one has
    judged: `again` of them at most, None for all, so that new notices never wait long.
    """
    relink(store, progress)
    merged, written = merge_all(store, progress, classifier)
    put = rebuild if anew else index_written
    indexed = put(store, engine, progress)
    judged = reclassify(store, classifier, progress, again) if classifier is not None else 0
    return Built(merged, written, indexed + (index_written(store, engine, progress) if judged else 0), judged)


def merge_all(store: Store, progress: Progress = say_nothing, classifier: Classifier | None = None) -> tuple[int, int]:
    """Merge every notice that changed since the last time; returns how many were looked at, and tenders written."""
    merged = written = 0
    if classifier is not None and _has_changed(store):
        classifier.classify(())  # a late one opens now, while nobody waits for the lock
    with rarely_collected():
        while True:
            with store.writing() as connection:
                notices, tenders = _merge_batch(connection, datetime.now(UTC), classifier)
            if not notices:
                return merged, written
            merged += notices
            written += tenders
            progress("merged", notices)


def _has_changed(store: Store) -> bool:
    with store.reading() as connection:
        return bool(changed_since(connection, mark(connection, "merged"), 1))


def _merge_batch(connection: Connection, at: datetime, classifier: Classifier | None = None) -> tuple[int, int]:
    """Merge the next notices that changed; returns how many were looked at and how many tenders were written."""
    changed = changed_since(connection, mark(connection, "merged"), MERGE_BATCH)
    asked = take_asked(connection, MERGE_BATCH)
    if not changed and not asked:
        return 0, 0
    fresh = load_notices(connection, (id_ for _, id_ in changed))
    concerned = link(connection, fresh, at) | asked
    notices = load_notices(connection, reach(connection, concerned))
    merged = records.load_merged(connection, notices)
    stood: defaultdict[str, set[int]] = defaultdict(set)
    for id_, (home, _, _) in merged.items():
        stood[home].add(id_)
    groups = [g for g in group_stored(connection, notices) if _is_touched(g, fresh, stood[_id(g, notices)])]
    tenders = judge([merge([notices[id_] for id_ in g.notices]) for g in groups], classifier)
    written = _write(connection, groups, tenders, notices, merged, frozenset(fresh), at)
    if changed:
        move_mark(connection, "merged", changed[-1][0])
    return len(changed) + len(asked), written


def _id(group: Group, notices: Mapping[int, Notice]) -> str:
    return tender_id(notices[group.notices[0]])


def _is_touched(group: Group, fresh: Mapping[int, Notice], stood: AbstractSet[int]) -> bool:
    """Whether one of its notices changed, came in, or stood elsewhere, or one left it; `stood` are those it had."""
    return stood != set(group.notices) or any(id_ in fresh for id_ in group.notices)


def _write(
    connection: Connection,
    groups: list[Group],
    tenders: list[Tender],
    notices: Mapping[int, Notice],
    merged: Mapping[int, tuple[str, str, str]],
    fresh: frozenset[int],
    at: datetime,
) -> int:
    standing_ids = {tender for tender, _, _ in merged.values()} | {t.id for t in tenders}
    standing = records.load_standing(connection, standing_ids)
    depths = records.load_depths(connection, (id_ for g in groups for id_ in g.notices))
    homes = {id_: t.id for t, g in zip(tenders, groups, strict=True) for id_ in g.notices}
    absorbed = _absorbed(merged, homes)
    versions = next_numbers(connection, "version", len(tenders) + len(absorbed))
    judged = [
        _judge(tender, g, standing.get(tender.id), depths, fresh) for tender, g in zip(tenders, groups, strict=True)
    ]
    seqs = iter(next_numbers(connection, "seq", sum(changed is not None for _, _, changed in judged)))
    fresh_keys = {depths[id_][0] for g in groups for id_ in g.notices if id_ in fresh}
    batch: list[Written] = []
    history: list[dict[str, Any]] = []
    for tender, g, version, (facts, depth, changed) in zip(tenders, groups, versions, judged, strict=False):
        old = standing.get(tender.id)
        cause = max(g.notices, key=lambda id_: (id_ in fresh, depths[id_][2]))
        said = next((key for name in changed or () if (key := says_so(name, tender)) in fresh_keys), None)
        if changed is None and old is not None:
            seq, revision = old.seq, old.revision
        else:
            seq, revision = next(seqs), (old.revision if old else 0) + 1
            history.append(
                {
                    "tender_id": tender.id,
                    "revision": revision,
                    "seq": seq,
                    "version": version,
                    "notice": said or notices[cause].key,
                    "changed_at": at,
                    "fields": changed,
                }
            )
        numbered = replace(tender, version=version, seq=seq, revision=revision)
        batch.append(Written(numbered, depths[cause][2], closing(tender), facts, depth))
    records.write_tenders(connection, batch, standing, at=at)
    records.write_revisions(connection, history)
    records.write_absorbed(connection, absorbed, versions[len(tenders) :], at=at)
    _write_merges(connection, groups, homes, notices, merged, at)
    return len(batch)


def _judge(
    tender: Tender,
    g: Group,
    old: Standing | None,
    depths: Mapping[int, tuple[str, int, int]],
    fresh: frozenset[int],
) -> tuple[dict[str, Any], dict[str, int], dict[str, list[Any]] | None]:
    """Return the material facts, how deep each notice was read, and what changed (None: nothing that is told)."""
    facts = material_facts(tender)
    depth = {depths[id_][0]: depths[id_][1] for id_ in g.notices}
    if old is None:
        return facts, depth, {}
    came = depth.keys() - old.depths.keys()
    deeper = not came and any(depth[key] > old.depths[key] for key in depth)
    revised = any(id_ in fresh and depths[id_][0] in old.depths for id_ in g.notices)
    joined = bool(came) and not revised and _only_repeat(came, tender, old)
    return facts, depth, material_changes(old.facts, facts, deeper=deeper, joined=joined) or None


def _only_repeat(came: AbstractSet[str], tender: Tender, old: Standing) -> bool:
    """Whether all the notices that came are calls of sources that had not spoken of this tender."""
    sources = {key.partition(":")[0] for key in old.depths}
    return all(
        act_of(notice) in (Act.CALL, Act.EARLY) and notice.source not in sources
        for notice in tender.notices
        if notice.key in came
    )


def _absorbed(merged: Mapping[int, tuple[str, str, str]], homes: Mapping[int, str]) -> dict[str, str]:
    """Tenders that stood and stand no more -> the one that holds their first notice now."""
    kept = set(homes.values())
    first: dict[str, int] = {}
    for id_, (tender, _, _) in merged.items():
        if id_ in homes and tender not in kept:
            first[tender] = min(id_, first.get(tender, id_))
    return {tender: homes[id_] for tender, id_ in first.items()}


def _write_merges(
    connection: Connection,
    groups: list[Group],
    homes: Mapping[int, str],
    notices: Mapping[int, Notice],
    merged: Mapping[int, tuple[str, str, str]],
    at: datetime,
) -> None:
    rows = []
    for g in groups:
        for id_ in g.notices:
            rule, evidence = write_evidence(g.links.get(id_), notices)
            if merged.get(id_) != (homes[id_], rule, evidence):
                row = {"notice_id": id_, "tender_id": homes[id_], "rule": rule, "evidence": evidence, "merged_at": at}
                rows.append(row)
    if rows:
        records.write_merges(connection, rows)
