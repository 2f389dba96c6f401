"""What linking knows of a notice, and the keys under which notices that may belong together are found.

A key is a declared id (``boamp:21-85788``, ``procedure:...``), or the hash of a block: a buyer with a title, with the
beginning or the end of one, with its subjects, with its reference; a moment and a place. A notice reads only its
nearest neighbours under a key, so that what one notice costs does not grow with the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from indexer.analysis import words
from indexer.linking.titles import Title, read_title, telling
from tenders.model import Notice, NoticeKind

CALLS = frozenset({NoticeKind.COMPETITION})
CORRECTIONS = frozenset({NoticeKind.CHANGE, NoticeKind.CANCELLATION})
OUTCOMES = frozenset({NoticeKind.RESULT, NoticeKind.DIRECT_AWARD, NoticeKind.MODIFICATION, NoticeKind.COMPLETION})
# Of one day, what is corrected stands before its correction.
PLAN, CALL, OUTCOME, CORRECTION = range(4)
_ACT = {**dict.fromkeys(CALLS, CALL), **dict.fromkeys(OUTCOMES, OUTCOME), **dict.fromkeys(CORRECTIONS, CORRECTION)}
_LONGEST = 200  # characters of a declared id; a longer one is none
_FEW_LETTERS = 8  # a shorter title says too little to link by
_LONG = 50  # letters of a title that may say enough without its buyer
_PART = 2  # words at the beginning or end of a title by which it is found
_STEM = 5  # letters of them: a slip later in the word does no harm


@dataclass(frozen=True, slots=True)
class Facts:
    """A notice as linking sees it. `place` orders notices by day, act and key, whenever they came."""

    key: str
    source: str
    kind: NoticeKind
    day: date | None
    ends: date | None
    deadline: datetime | None
    title: Title
    buyer: str
    buyer_id: str
    postcode: str
    departments: frozenset[str]
    family: str | None
    subjects: frozenset[str]
    reference: str
    declared: frozenset[str]
    named: frozenset[str]  # of them, the ids of other notices
    procedures: frozenset[str]
    place: int


def read_facts(notice: Notice) -> Facts:
    """Read what linking needs of a notice."""
    ends = notice.deadline.date() if notice.deadline else notice.display_until
    day = notice.published or ends
    named = {f"{source}:{id_}" for source, id_ in notice.links.items() if source in ("boamp", "ted")}
    named |= {id_ if ":" in id_ else f"{notice.source}:{id_}" for id_ in notice.supersedes}
    procedures = (
        {f"procedure:{notice.procedure_id}"} if notice.procedure_id and len(notice.procedure_id) < 190 else set()
    )
    reference = "".join(words(notice.reference or ""))
    return Facts(
        key=notice.key,
        source=notice.source,
        kind=notice.kind,
        day=day,
        ends=ends,
        deadline=notice.deadline,
        title=read_title(notice.title),
        buyer=" ".join(words(notice.buyer.name or "")),
        buyer_id=(notice.buyer.id or "")[:9],  # a SIREN names the body, the rest of a SIRET its desk
        postcode=notice.buyer.postcode or "",
        departments=frozenset(notice.departments),
        family=notice.family,
        subjects=frozenset(notice.descriptors or notice.cpv),
        reference=reference if 4 <= len(reference) <= 60 and any(c.isdigit() for c in reference) else "",
        declared=frozenset(id_ for id_ in {notice.key} | named | procedures if len(id_) <= _LONGEST),
        named=frozenset(named - {notice.key}),
        procedures=frozenset(procedures),
        place=_place(notice, day),
    )


def _place(notice: Notice, day: date | None) -> int:
    number = int.from_bytes(sha256(notice.key.encode()).digest()[:4])
    return ((day.toordinal() if day else 0) << 36) | (_ACT.get(notice.kind, PLAN) << 32) | number


def read_place(place: int) -> tuple[int, int]:
    """Return the day and the act of a place: PLAN, CALL, OUTCOME or CORRECTION."""
    return place >> 36, (place >> 32) & 15


def _block(shared: str, *parts: str) -> str:
    """A key under which notices meet; those of one buyer stand side by side in the store's index."""
    return f"{_digest(shared)}{_digest('|'.join(parts))}"


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:12]


def blocks(facts: Facts) -> Iterator[str]:
    """Yield the keys of the blocks a notice stands in."""
    title = facts.title.text
    buyers = [f"name {facts.buyer}"] if facts.buyer else []
    buyers += [f"id {facts.buyer_id}"] if facts.buyer_id else []
    tell = [word[:_STEM] for word in telling(facts.title.words)]
    for buyer in buyers:
        if len(title) >= _FEW_LETTERS:
            yield _block(buyer, "title", title)
            for part in {tuple(tell[:_PART]), tuple(tell[-_PART:])} - {()}:
                yield _block(buyer, "part", *sorted(part))
        if facts.subjects and facts.kind in CALLS | CORRECTIONS:
            yield _block(buyer, "subject", *sorted(facts.subjects))
        if facts.reference:
            yield _block(buyer, "reference", facts.reference)
    if facts.postcode and len(title) >= _FEW_LETTERS:
        yield _block(f"post {facts.postcode}", "title", title)
    if facts.kind in CALLS:
        yield from _blocks_beyond_the_buyer(facts)


def _blocks_beyond_the_buyer(call: Facts) -> Iterator[str]:
    if call.deadline:
        moment = call.deadline.astimezone(UTC).strftime("%Y-%m-%d %H")
        for department in call.departments:
            yield _block(moment, "department", department)
    if len(call.title.text) >= _LONG and call.ends:
        yield _block(call.ends.isoformat(), "title", call.title.text)


def find_keys(facts: Facts) -> frozenset[str]:
    """Every key a notice is found by."""
    return facts.declared | frozenset(blocks(facts))
