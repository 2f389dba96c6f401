"""The reference evaluator: a Query against one tender, read straight off DESIGN's words; slow, and the oracle of all.

It shares with the engines the analyser, the words that tell a relaunch and those that know a public body, and nothing
else: no field table, no plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from indexer.analysis import stem_all, words
from indexer.linking.titles import read_title
from tenders.bodies import categorise, groupings_of, read_siren
from tenders.body_names import recognise
from tenders.codes import FRANCE, Nuts
from tenders.model import Buyer, Tender
from tenders.query import FLAGS, Query, Status
from tenders.query_text import Either, Every, Node, Not, Phrase, Prefix

_PARIS = ZoneInfo("Europe/Paris")


def values(tender: Tender) -> Iterator[tuple[str | None, str]]:
    """Every text that words are looked for in, with its language."""
    for notice in tender.notices:
        yield notice.language, notice.title
        own = [notice.description, notice.reference, *(buyer.name for buyer in notice.buyers)]
        own += [text for lot in notice.lots for text in (lot.title, lot.description)]
        yield from ((notice.language, text) for text in own if text)
        for language, text in notice.translations.items():
            yield from ((language, part) for part in (text.title, text.description) if part)


def _says(tender: Tender, node: Node, languages: tuple[str, ...]) -> bool:
    if isinstance(node, Every):
        return all(_says(tender, part, languages) for part in node.parts)
    if isinstance(node, Either):
        return any(_says(tender, part, languages) for part in node.parts)
    if isinstance(node, Not):
        return not _says(tender, node.part, languages)
    wanted = words(node.text)
    texts = [(language, words(text)) for language, text in values(tender)]
    if isinstance(node, Prefix):
        surface = {token for _, tokens in texts for token in tokens}
        return all(token in surface for token in wanted[:-1]) and any(t.startswith(wanted[-1]) for t in surface)
    if len(wanted) == 1 and not isinstance(node, Phrase) and any(wanted[0] in tokens for _, tokens in texts):
        return True
    runs = [stem_all(wanted, language) for language in languages]
    return any(_follows(stem_all(tokens, language), run) for language, tokens in texts for run in runs)


def _follows(tokens: list[str], run: list[str]) -> bool:
    return any(tokens[i : i + len(run)] == run for i in range(len(tokens) - len(run) + 1))


def _closing(tender: Tender) -> datetime | None:
    if tender.merged.deadline:
        return tender.merged.deadline
    if tender.merged.display_until is None:
        return None
    return datetime.combine(tender.merged.display_until, time(23, 59, 59, 999_000), _PARIS)


def status(tender: Tender, now: datetime) -> Status:
    """The first status that holds: cancelled, awarded, closed, open, planned."""
    if tender.cancelled:
        return Status.CANCELLED
    if tender.awarded:
        return Status.AWARDED
    closing = _closing(tender)
    if closing is not None and closing < now:
        return Status.CLOSED
    return Status.PLANNED if tender.planned else Status.OPEN


def _under(codes: Iterable[str], wanted: tuple[str, ...]) -> bool:
    return not wanted or any(code.startswith(prefix) for code in codes for prefix in wanted)


def _worth(tender: Tender, query: Query) -> bool:
    value = tender.merged.value
    if value is None or value.currency != "EUR":
        return query.value_unknown == "keep"
    amount = Decimal(max(0, int(value.amount * 100))) / 100  # amounts count to the cent
    return (query.value_min or 0) <= amount and (query.value_max is None or amount <= query.value_max)


def _in_time(tender: Tender, query: Query, now: datetime) -> bool:
    day, deadline = tender.merged.published, tender.merged.deadline
    if query.published_after and not (day and query.published_after <= day):
        return False
    if query.published_before and not (day and day <= query.published_before):
        return False
    if query.deadline_after and not (deadline and query.deadline_after <= deadline.astimezone(_PARIS).date()):
        return False
    if query.deadline_before and not (deadline and deadline.astimezone(_PARIS).date() <= query.deadline_before):
        return False
    return not query.deadline_within or bool(deadline and now <= deadline <= now + query.deadline_within.span)


def _states(tender: Tender, departments: Collection[str]) -> set[str]:
    """What the record says something of, by the names of `known`."""
    merged = tender.merged
    published, deadline, value = merged.published, merged.deadline, merged.value
    everybody = [b for notice in tender.notices for b in notice.buyers]
    codes = [*merged.cpv, *(code for lot in merged.lots for code in lot.cpv)]
    guessed = [guess.code for guess in tender.cpv_predicted if guess.asserted]
    said: dict[str, object] = {
        "published": published,
        "call": any(notice.kind in ("competition", "change") for notice in tender.notices),
        "answer": published
        and deadline
        and 1 < deadline.year < 9999
        and deadline.astimezone(_PARIS).date() >= published,
        "nature": merged.nature,
        "procedure": merged.procedure,
        "cpv": codes,
        "cpv_any": codes or guessed,
        "dept": departments,
        "buyer": any(words(b.name or "") for b in everybody),
        "buyer_type": merged.buyer.type,
        "buyer_id": any(_number(b) for b in everybody),
        "buyer_category": _categories(everybody),
        "value": value and value.currency == "EUR",
        "lots": merged.lots or merged.lot_count is not None,
        "award_value": any(award.value and award.value.currency == "EUR" for award in merged.awards),
        "offers": any(award.bids is not None and award.bids >= 0 for award in merged.awards),
        "winner": _winners(tender),
        "winner_dept": _seats(tender) - {""},
        "local": _local(tender, departments) is not None,
    }
    stated = {name for name, value in said.items() if value}
    return stated | {name for name in FLAGS if getattr(merged.strategic, name) is not None}


def _number(buyer: Buyer) -> str | None:
    return read_siren(buyer.id, buyer.country)


def _categories(buyers: Iterable[Buyer]) -> set[str]:
    return {category for number in filter(None, map(_number, buyers)) if (category := categorise(number))}


def _groupings(buyers: Iterable[Buyer]) -> set[str]:
    known = (
        _number(buyer)
        or (recognise(buyer.name or "", buyer.postcode or "") if (buyer.country or "FR") in FRANCE else None)
        for buyer in buyers
    )
    return {grouping for siren in filter(None, known) for grouping in groupings_of(siren)}


def _winners(tender: Tender) -> set[str]:
    sizes = {supplier.size for award in tender.merged.awards for supplier in award.suppliers}
    return {"large" if size == "large" else "sme" for size in sizes if size}


def _seats(tender: Tender) -> set[str]:
    """Where the winners sit: a département, 99 for abroad, "" where neither is told."""
    return {_seat(supplier.place) for award in tender.merged.awards for supplier in award.suppliers}


def _seat(place: Nuts | None) -> str:
    if place is None:
        return ""
    if place[:2] != "FR":
        return "99"
    departments = place.departments()
    return departments[0] if len(departments) == 1 else ""


def _local(tender: Tender, work: Collection[str]) -> bool | None:
    """Whether a winner sits where the work is done; None where the seats or the work's départements do not tell."""
    seats = _seats(tender)
    for award in tender.merged.awards:
        if not award.suppliers and (award.lot is None or award.value is not None or award.date is not None):
            seats.add("")  # won by nobody knows whom; a lot without a winner, a price or a date was not won (BT-142)
    if any(seat in work for seat in seats if seat != "99"):
        return True
    told = bool(seats) and "" not in seats and bool(work) and not ("99" in seats and "99" in work)
    return False if told else None


def _is_relaunch(tender: Tender) -> bool:
    return any(read_title(notice.title).relaunch for notice in tender.notices)


def selects(query: Query, tender: Tender, now: datetime) -> bool:
    """Whether a Query selects a tender at a moment, counted to the second."""
    now = now.replace(microsecond=0)
    merged = tender.merged
    cpv = [*merged.cpv, *(code for lot in merged.lots for code in lot.cpv)]
    guessed = [guess.code for guess in tender.cpv_predicted if guess.asserted]
    places = [*merged.places, *(place for lot in merged.lots for place in lot.places)]
    departments = {*merged.departments, *(d for place in places for d in place.departments())}
    stated = _states(tender, departments)
    nuts = places or [d.nuts for d in merged.departments if d.nuts]
    buyers = [b for notice in tender.notices for b in notice.buyers]
    names = {" ".join(words(part)) for buyer in buyers for part in (buyer.id, buyer.name) if part}
    return (
        (query.text is None or _says(tender, query.text, query.languages))
        and _under(cpv, query.cpv)
        and _under(cpv or guessed, query.cpv_any)
        and _under(nuts, query.nuts)
        and (not query.dept or not departments.isdisjoint(query.dept))
        and (not query.buyer or not names.isdisjoint(" ".join(words(buyer)) for buyer in query.buyer))
        and (not query.buyer_type or merged.buyer.type in query.buyer_type)
        and (not query.buyer_category or not _categories(buyers).isdisjoint(query.buyer_category))
        and (not query.epci or not _groupings(buyers).isdisjoint(query.epci))
        and (not query.nature or merged.nature in query.nature)
        and (not query.procedure or merged.procedure in query.procedure)
        and (not query.status or status(tender, now) in query.status)
        and (not query.source or any(notice.source in query.source for notice in tender.notices))
        and (not query.kind or any(notice.kind in query.kind for notice in tender.notices))
        and (not query.winner or not _winners(tender).isdisjoint(query.winner))
        and (not query.winner_dept or not _seats(tender).isdisjoint(query.winner_dept))
        and (query.local is None or _local(tender, departments) is query.local)
        and query.relaunch in (None, _is_relaunch(tender))
        and (not query.known or any(name in stated for name in query.known))
        and (not query.unknown or any(name not in stated for name in query.unknown))
        and all(getattr(query, name) in (None, getattr(merged.strategic, name)) for name in FLAGS)
        and _in_time(tender, query, now)
        and _worth(tender, query)
    )
