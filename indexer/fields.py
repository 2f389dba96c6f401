"""The index's fields, said once: schema, mapping, documents, filters and atoms derive from this table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto

from indexer.analysis import words
from indexer.buyers import categories, groupings
from indexer.stated import MOST, answer_days, is_relaunch, lots, month, offers, stated, value_class
from indexer.winning import is_local, seats, sized_lots, sme_lots, winners, winners_by_value
from tenders.model import Tender
from tenders.query import FLAGS, Facet, Sort
from tenders.status import closing, start_of_day

VERSION = 6  # raise it at any change of the table: an index of another version must be rebuilt
CODE_LENGTH = 1000  # characters of a code that count: engines refuse terms of many thousand bytes
NEW = timedelta(days=180)  # how long a tender is new
_LAST_NEW = date.max - NEW - timedelta(days=1)  # a day of publication may be any that a source writes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CENTS = 10**15  # more than a query can ask for, and within the 64 bits of an index

Text = tuple[str | None, str]  # language, value


class Kind(Enum):
    """How a field is indexed."""

    TEXT = auto()  # two token streams, NAME_stem and NAME_word
    CODE = auto()  # exact terms
    NUMBER = auto()  # whole numbers >= 0, for ranges
    DAY = auto()  # a NUMBER that is a day: its proleptic Gregorian ordinal
    MOMENT = auto()  # a NUMBER that is a moment: milliseconds since 1970 UTC
    ORDER = auto()  # one whole number, for sorting


@dataclass(frozen=True, slots=True)
class Field:
    """A field: how to read its values from a tender, how much its words weigh, which facet or order it serves.

    `many` says that a facet has so many values that an engine does well to count them by number, `counted` that its
    values are counted for a facet that is worked out of them, `whole` that a facet gives every value, not the most
    frequent alone.
    """

    name: str
    kind: Kind
    read: Callable[[Tender], Iterable[str | int | Text]]
    weight: float = 1.0
    facet: Facet | None = None
    many: bool = False
    counted: bool = False
    whole: bool = False
    sort: Sort | None = None


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 UTC; moments before that count as 0."""
    return max(0, (moment - _EPOCH) // timedelta(milliseconds=1))


def _titles(tender: Tender) -> Iterator[Text]:
    for notice in tender.notices:
        yield notice.language, notice.title
        for language, text in notice.translations.items():
            if text.title:
                yield language, text.title


def _buyer_texts(tender: Tender) -> Iterator[Text]:
    for notice in tender.notices:
        for buyer in notice.buyers:
            if buyer.name:
                yield notice.language, buyer.name
        if notice.reference:
            yield notice.language, notice.reference


def _bodies(tender: Tender) -> Iterator[Text]:
    for notice in tender.notices:
        if notice.description:
            yield notice.language, notice.description
        for lot in notice.lots:
            for text in (lot.title, lot.description):
                if text:
                    yield notice.language, text
        for language, translation in notice.translations.items():
            if translation.description:
                yield language, translation.description


def _cpv(tender: Tender) -> Iterator[str]:
    for code in tender.cpv_published:
        yield from code.lineage()


def _cpv_any(tender: Tender) -> Iterator[str]:
    for code in tender.cpv_any:
        yield from code.lineage()


def _nuts(tender: Tender) -> Iterator[str]:
    """Places as published; where none is, the NUTS codes of the départements."""
    merged = tender.merged
    places = {*merged.places, *(place for lot in merged.lots for place in lot.places)}
    for place in places or {d.nuts for d in merged.departments if d.nuts}:
        yield from place.lineage()


def _departments(tender: Tender) -> Iterator[str]:
    """Départements as published, and those of the places."""
    merged = tender.merged
    yield from merged.departments
    for place in {*merged.places, *(place for lot in merged.lots for place in lot.places)}:
        yield from place.departments()


def _buyers(tender: Tender) -> Iterator[str]:
    for notice in tender.notices:
        for buyer in notice.buyers:
            yield from (" ".join(words(part)) for part in (buyer.id, buyer.name) if part)


def _buyers_said(tender: Tender) -> Iterator[str]:
    """The buyers' names as the filter compares them, those without a letter or digit left out."""
    for notice in tender.notices:
        for buyer in notice.buyers:
            name = " ".join(words(buyer.name or ""))
            if name:
                yield name


def _one(value: str | int | None) -> tuple[str | int, ...]:
    return () if value is None else (value,)


def _stage(tender: Tender) -> str:
    """What the notices say, whatever the time: status derives from this, `closing` and now."""
    return "cancelled" if tender.cancelled else "awarded" if tender.awarded else "planned" if tender.planned else "call"


def _flags(tender: Tender) -> Iterator[str]:
    for name in FLAGS:
        value = getattr(tender.merged.strategic, name)
        if value is not None:
            yield f"{name}:{'yes' if value else 'no'}"
    yield f"relaunch:{'yes' if is_relaunch(tender) else 'no'}"
    local = is_local(tender, frozenset(_departments(tender)))
    if local is not None:
        yield f"local:{'yes' if local else 'no'}"


def _day_number(tender: Tender) -> int | None:
    return None if tender.merged.published is None else tender.merged.published.toordinal()


def _current_until(tender: Tender) -> Iterator[int]:
    """Up to when it can be bid for or is new: one number, so that an order by relevance favours it at little cost."""
    published = tender.merged.published
    moments = [moment for moment in (closing(tender),) if moment]
    if published:
        moments.append(start_of_day(min(published, _LAST_NEW)) + NEW)
    if moments:
        yield milliseconds(max(moments))


def euro_cents(tender: Tender) -> int | None:
    """The value in cents where it is stated in euros."""
    value = tender.merged.value
    return None if value is None or value.currency != "EUR" else min(_MOST_CENTS, max(0, int(value.amount * 100)))


def _stated(tender: Tender) -> Iterator[str]:
    buyers = any(True for _ in _buyers_said(tender))
    return stated(tender, cents=euro_cents(tender), places=frozenset(_departments(tender)), buyers=buyers)


def _some(count: int) -> tuple[int, ...]:
    return (min(count, MOST),) if count else ()


# One packed key an order: the value above, the seq below, so that ties fall the same way in every engine.
_SEQ_BITS = 31
_SEQ_MAX = (1 << _SEQ_BITS) - 1
_VALUE_MAX = (1 << 32) - 1


def _by_deadline(tender: Tender) -> int:
    """Ascending: known deadlines, then those known by their end of display only, then none."""
    closes = closing(tender)
    if closes is None:
        key = (1 << 33) - 1
    else:
        key = min(_VALUE_MAX, milliseconds(closes) // 1000) + (0 if tender.merged.deadline else 1 << 32)
    newest_first = _SEQ_MAX // 2
    return (key << (_SEQ_BITS - 1)) | (newest_first - min(tender.seq, newest_first))


def _descending(value: int | None, seq: int) -> int:
    return ((0 if value is None else min(_VALUE_MAX - 1, value) + 1) << _SEQ_BITS) | min(seq, _SEQ_MAX)


FIELDS: tuple[Field, ...] = (
    Field("id", Kind.CODE, lambda t: (t.id,)),
    Field("title", Kind.TEXT, _titles, weight=4.0),
    # A buyer's name is short, so each word in it scores high: weighed like a title, "assurance" finds insurers that
    # buy before what insurers sell.
    Field("buyer_text", Kind.TEXT, _buyer_texts, weight=0.5),
    Field("body", Kind.TEXT, _bodies),
    Field("cpv", Kind.CODE, _cpv),
    Field("cpv_division", Kind.CODE, lambda t: (c for c in _cpv(t) if len(c) == 2), facet=Facet.CPV),
    Field("cpv_any", Kind.CODE, _cpv_any),
    Field("cpv_any_division", Kind.CODE, lambda t: (c for c in _cpv_any(t) if len(c) == 2), facet=Facet.CPV_ANY),
    Field("nuts", Kind.CODE, _nuts),
    Field("nuts_region", Kind.CODE, lambda t: (n for n in _nuts(t) if len(n) == 4), facet=Facet.NUTS),
    Field("dept", Kind.CODE, _departments, facet=Facet.DEPT),
    Field("epci", Kind.CODE, groupings),
    Field("buyer", Kind.CODE, _buyers),
    Field("buyer_name", Kind.CODE, lambda t: _one(t.merged.buyer.name), facet=Facet.BUYER, many=True),
    Field("buyer_type", Kind.CODE, lambda t: _one(t.merged.buyer.type), facet=Facet.BUYER_TYPE),
    Field("buyer_category", Kind.CODE, categories, facet=Facet.BUYER_CATEGORY),
    Field("nature", Kind.CODE, lambda t: _one(t.merged.nature), facet=Facet.NATURE),
    Field("procedure", Kind.CODE, lambda t: _one(t.merged.procedure), facet=Facet.PROCEDURE),
    Field("source", Kind.CODE, lambda t: (n.source for n in t.notices), facet=Facet.SOURCE),
    Field("kind", Kind.CODE, lambda t: (n.kind.value for n in t.notices), facet=Facet.KIND),
    Field("stage", Kind.CODE, lambda t: (_stage(t),), counted=True),
    Field("flag", Kind.CODE, _flags, facet=Facet.FLAG),
    Field("known", Kind.CODE, _stated, facet=Facet.KNOWN),
    Field("winner", Kind.CODE, winners, facet=Facet.WINNER),
    Field("winner_dept", Kind.CODE, seats, facet=Facet.WINNER_DEPT),
    Field(
        "winner_value",
        Kind.CODE,
        lambda t: winners_by_value(t, value_class(euro_cents(t))),
        facet=Facet.WINNER_VALUE,
        whole=True,
    ),
    Field("lot_count", Kind.CODE, lambda t: _one(lots(t)), facet=Facet.LOT_COUNT, whole=True),
    Field("sized_lots", Kind.CODE, lambda t: _some(sized_lots(t)), facet=Facet.SIZED_LOTS, whole=True),
    Field("sme_lots", Kind.CODE, lambda t: _some(sme_lots(t)), facet=Facet.SME_LOTS, whole=True),
    Field("buyer_said", Kind.CODE, _buyers_said, facet=Facet.BUYER_SAID, many=True),
    Field("month", Kind.CODE, lambda t: _one(month(t)), facet=Facet.MONTH, whole=True),
    Field("answer_days", Kind.CODE, lambda t: _one(answer_days(t)), facet=Facet.ANSWER_DAYS, whole=True),
    Field("offers", Kind.CODE, lambda t: _one(offers(t)), facet=Facet.OFFERS, whole=True),
    Field("value_class", Kind.CODE, lambda t: _one(value_class(euro_cents(t))), facet=Facet.VALUE_CLASS, whole=True),
    Field("published", Kind.DAY, lambda t: _one(_day_number(t))),
    Field("deadline", Kind.MOMENT, lambda t: (milliseconds(d) for d in (t.merged.deadline,) if d)),
    Field("closing", Kind.MOMENT, lambda t: (milliseconds(c) for c in (closing(t),) if c)),
    Field("current_until", Kind.MOMENT, _current_until),
    Field("value", Kind.NUMBER, lambda t: _one(euro_cents(t))),
    Field("seq", Kind.ORDER, lambda t: (t.seq,), sort=Sort.SEQ),
    Field("by_deadline", Kind.ORDER, lambda t: (_by_deadline(t),), sort=Sort.DEADLINE),
    Field("by_published", Kind.ORDER, lambda t: (_descending(_day_number(t), t.seq),), sort=Sort.PUBLISHED),
    Field(
        "by_value",
        Kind.ORDER,
        lambda t: (_descending((v := euro_cents(t)) and v // 100, t.seq),),
        sort=Sort.VALUE,
    ),
)
WEIGHTS = {f"{f.name}_{stream}": f.weight for f in FIELDS if f.kind is Kind.TEXT for stream in ("stem", "word")}
TEXTS = tuple(f for f in FIELDS if f.kind is Kind.TEXT)
FACETS = {f.facet: f for f in FIELDS if f.facet is not None}
FACET_SIZE = 200  # values counted a facet
WHOLE_SIZE = 2_000  # values of a facet that is given whole: days and offers stop at 999, months are those of a century
ORDERS = {f.sort: f.name for f in FIELDS if f.sort is not None}  # relevance has none


def facet_size(facet: Facet) -> int:
    """How many values of a facet are given at most."""
    return WHOLE_SIZE if FACETS[facet].whole else FACET_SIZE


def cut_facet(facet: Facet, counts: Mapping[str, int]) -> dict[str, int]:
    """Keep the most frequent values, most frequent first, given `facet_size` + 1 of them or all.

    Where more are tied for the last places than there are places, none of the tied is kept: which would be chance.
    """
    size = facet_size(facet)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    least = ordered[size][1] if len(ordered) > size else 0
    return {value: count for value, count in ordered[:size] if count > least}
