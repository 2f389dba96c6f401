"""What linking knows of a notice, and the keys under which notices that may belong together are found.

A key is a declared id (``boamp:21-85788``, ``procedure:...``), or the hash of a block: a buyer with a title, with the
beginning or the end of one, with its subjects, with its reference, with the end of a call; a moment and a place. A
notice reads only its nearest neighbours under a key, so that what one notice costs does not grow with the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256

from indexer.analysis import words
from indexer.linking.titles import Title, read_reference, read_title, telling, without_relaunch
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
_START = 110  # letters at the start of a title that say it is one: sources cut it later, words run into one another
_PART = 2  # words at the beginning or end of a title by which it is found
_STEM = 5  # letters of them: a slip later in the word does no harm
_KIND = 12  # where in the key of a block the letter of its kind stands


class Block(StrEnum):
    """What the notices of a block share, by one letter of its key."""

    TITLE = "t"  # its first letters, whatever parts its words
    REFERENCE = "r"
    PART = "p"  # the beginning or the end of a title
    SUBJECT = "s"
    END = "e"  # of calls, with the buyer, the place or a long title


@dataclass(frozen=True, slots=True)
class Placed:
    """A notice as grouping sees it. `place` orders notices by day, act and key, whenever they came."""

    place: int
    procedures: frozenset[str]  # declared ids of them


@dataclass(frozen=True, slots=True)
class Facts(Placed):
    """A notice as linking sees it."""

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
    concluded: date | None = None  # the first day on which an outcome says that a contract was concluded


def read_placed(notice: Notice) -> Placed:
    """Read what grouping needs of a notice."""
    id_ = notice.procedure_id
    return Placed(
        place=_place(notice, notice.published or _ends(notice)),
        procedures=frozenset({f"procedure:{id_}"} if id_ and len(id_) < 190 else ()),
    )


def _ends(notice: Notice) -> date | None:
    return notice.deadline.date() if notice.deadline else notice.display_until


def read_facts(notice: Notice) -> Facts:
    """Read what linking needs of a notice."""
    ends = _ends(notice)
    placed = read_placed(notice)
    named = {f"{source}:{id_}" for source, id_ in notice.links.items() if source in ("boamp", "ted")}
    named |= {id_ if ":" in id_ else f"{notice.source}:{id_}" for id_ in notice.supersedes}
    title = read_title(notice.title)
    reference = "".join(words(notice.reference or "")) or read_reference(title)
    return Facts(
        place=placed.place,
        procedures=placed.procedures,
        key=notice.key,
        source=notice.source,
        kind=notice.kind,
        day=notice.published or ends,
        ends=ends,
        deadline=notice.deadline,
        title=title,
        buyer=" ".join(words(notice.buyer.name or "")),
        buyer_id=(notice.buyer.id or "")[:9],  # a SIREN names the body, the rest of a SIRET its desk
        postcode=notice.buyer.postcode or "",
        departments=frozenset(notice.departments),
        family=notice.family,
        subjects=frozenset(notice.descriptors or notice.cpv),
        reference=reference if 4 <= len(reference) <= 60 and any(c.isdigit() for c in reference) else "",
        declared=frozenset(id_ for id_ in {notice.key} | named | placed.procedures if len(id_) <= _LONGEST),
        named=frozenset(named - {notice.key}),
        concluded=min((award.date for award in notice.awards if award.date), default=None),
    )


def _place(notice: Notice, day: date | None) -> int:
    number = int.from_bytes(sha256(notice.key.encode()).digest()[:4])
    return ((day.toordinal() if day else 0) << 36) | (_ACT.get(notice.kind, PLAN) << 32) | number


def read_place(place: int) -> tuple[int, int]:
    """Return the day and the act of a place: PLAN, CALL, OUTCOME or CORRECTION."""
    return place >> 36, (place >> 32) & 15


def read_block(key: str) -> Block | None:
    """Return what notices share that meet under a key; None for a declared id."""
    return None if ":" in key else Block(key[_KIND])


def _block(kind: Block, shared: str, *parts: str) -> str:
    """A key under which notices meet; those of one buyer stand side by side in the store's index."""
    return f"{_digest(shared)}{kind}{_digest('|'.join(parts))}"


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:_KIND]


def blocks(facts: Facts) -> Iterator[str]:
    """Yield the keys of the blocks a notice stands in."""
    title = facts.title.text
    start = title.replace(" ", "")[:_START]
    buyers = [f"name {facts.buyer}"] if facts.buyer else []
    buyers += [f"id {facts.buyer_id}"] if facts.buyer_id else []
    tell = [word[:_STEM] for word in telling(without_relaunch(facts.title).words)]
    for buyer in buyers:
        if len(title) >= _FEW_LETTERS:
            yield _block(Block.TITLE, buyer, start)
            for part in {tuple(tell[:_PART]), tuple(tell[-_PART:])} - {()}:
                yield _block(Block.PART, buyer, *sorted(part))
            if facts.kind in CALLS and facts.ends:
                yield _block(Block.END, buyer, facts.ends.isoformat())
        if facts.subjects and facts.kind in CALLS | CORRECTIONS:
            yield _block(Block.SUBJECT, buyer, *sorted(facts.subjects))
        if facts.reference:
            yield _block(Block.REFERENCE, buyer, facts.reference)
    if facts.postcode and len(title) >= _FEW_LETTERS:
        yield _block(Block.TITLE, f"post {facts.postcode}", start)
    if facts.kind in CALLS:
        yield from _blocks_beyond_the_buyer(facts)


def _blocks_beyond_the_buyer(call: Facts) -> Iterator[str]:
    if call.deadline:
        moment = call.deadline.astimezone(UTC).strftime("%Y-%m-%d %H")
        for department in call.departments:
            yield _block(Block.END, moment, department)
    if len(call.title.text) >= _LONG and call.ends:
        yield _block(Block.END, call.ends.isoformat(), call.title.text)


def find_keys(facts: Facts) -> frozenset[str]:
    """Every key a notice is found by."""
    return facts.declared | frozenset(blocks(facts))
