"""One tender of a digest, in words: what a mail's row says, ready for the templates.

Everything that a source wrote is cleaned and capped here; the templates escape it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from alerts.changes import Change, lot_number, say_changes
from alerts.model import Line, MatchKind, Reason
from alerts.texts import texts
from tenders.bodies import name_epci
from tenders.codes import Cpv, Department, Nuts
from tenders.model import Lot, Tender
from tenders.phrasing import day, days_left, money, short_moment
from tenders.plain import one_line
from tenders.predictions import best_asserted, say_estimate
from tenders.query_words import quote
from tenders.reference import fold
from tenders.status import closing, paris_day
from tenders.vocabulary import (
    BUYER_CATEGORIES,
    BUYER_TYPES,
    KINDS,
    NATURES,
    PROCEDURES,
    cpv_name,
    department_name,
    nuts_name,
    source_name,
    spoken,
)

_SOON: Final = 3  # days: from here on the days left are shown as pressing


@dataclass(frozen=True, slots=True)
class Limits:
    """How many characters of a source's texts a row shows."""

    title: int = 180
    name: int = 120
    label: int = 110


WIDE: Final = Limits()
NARROW: Final = Limits(title=110, name=60, label=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A tender as a mail shows it; an empty text is a line that is not printed."""

    kind: MatchKind
    url: str
    title: str
    capitals: bool  # a title in capitals alone is set smaller: it shouts enough
    lead: str  # days left, or the state in its place
    tone: str  # stop: hurry or stopped; otherwise empty
    when: str
    changes: tuple[Change, ...]
    buyer: str
    lot: str
    facts: str
    value: str
    seen: str
    why: str
    mark: str = ""  # where an estimated code is marked as wrong


def closing_order(line: Line, now: datetime) -> tuple[bool, bool, float, str]:
    """Sort key: the soonest to close first, then those without a date, then those already closed; then by title."""
    until = closing(line.tender)
    return _is_closed(line.tender, now), until is None, until.timestamp() if until else 0, line.tender.merged.title


def _is_closed(tender: Tender, now: datetime) -> bool:
    until = closing(tender)
    return until is not None and until < now


def say_line(line: Line, base_url: str, language: str, now: datetime, limits: Limits = WIDE) -> Row:
    """Say one line of a digest in words."""
    tender, merged = line.tender, line.tender.merged
    said = texts(language)
    told = {name: values for name, values in line.changes.items() if name not in _said_by_state(line)}
    changes = tuple(say_changes(told, tender, language, now)) if line.kind is not MatchKind.NEW else ()
    if line.kind is MatchKind.CHANGED and not line.changes:  # changed, and changed back before this mail
        changes = (Change(said["reverted"]),)
    lead, tone, when = _say_state(line, language, now)
    lots = list(_matched_lots(line))
    translated = merged.translations.get(language)
    title = (translated.title if translated and merged.language != language else None) or merged.title
    return Row(
        kind=line.kind,
        url=f"{base_url.rstrip('/')}/tenders/{tender.id}",
        title=one_line(title, limits.title) or one_line(tender.id, limits.title),
        capitals=title.isupper(),
        lead=lead,
        tone=tone,
        when=when,
        changes=changes,
        buyer=_say_buyer(tender, language, limits),
        lot=_say_lot(lots[0], tender, language, limits) if lots else "",
        facts=_say_facts(tender, language, limits),
        value=_say_value(tender, language),
        seen=said["seen"].format(", ".join(dict.fromkeys(one_line(source_name(n.source), 40) for n in tender.notices))),
        why=" ".join(filter(None, (_say_why(line, lots, language), said["former"] if line.former else ""))),
    )


def _said_by_state(line: Line) -> set[str]:
    """Return the changes that the row's lead says already."""
    names = {"cancelled"} if line.tender.cancelled else set()
    return names | {"awarded", "awards"} if line.tender.awarded and line.kind is MatchKind.LEFT else names


def _say_state(line: Line, language: str, now: datetime) -> tuple[str, str, str]:
    """Return the lead of a row, its tone, and the date that follows it."""
    said = texts(language)
    tender = line.tender
    if line.kind is MatchKind.CANCELLED or tender.cancelled:
        return said["cancelled_word"], "stop", _say_notice(line, language, now)
    if tender.awarded:
        winners = _say_winners(tender, language)
        if winners:
            return f"{said['awarded_word']} {winners}", "stop", ""
        return said["awarded_word"], "stop", _say_notice(line, language, now)
    lead, tone, when = _say_time(tender, language, now)
    if line.kind is MatchKind.LEFT and not _is_closed(tender, now):
        return said["left_word"], "", f"{lead}, {when}" if when else lead
    if line.kind is MatchKind.CHANGED and not _is_closed(tender, now):
        return _say_remaining(line, lead, tone, when, language, now)
    return lead, tone, when


def _say_time(tender: Tender, language: str, now: datetime) -> tuple[str, str, str]:
    said = texts(language)
    until, exact = closing(tender), tender.merged.deadline is not None
    if until is None:
        return (said["planned"], "", said["no_deadline"].lower()) if tender.planned else (said["no_deadline"], "", "")
    last = paris_day(until)
    written = short_moment(until, language, now=now) if exact else day(last, language, now=now)
    if until < now:
        return said["closed"], "stop", said["since" if exact else "was_displayed"].format(written)
    tone = "stop" if last - paris_day(now) <= timedelta(days=_SOON) else ""
    return days_left(last, language, now=now), tone, written if exact else said["displayed"].format(written)


def _say_remaining(line: Line, lead: str, tone: str, when: str, language: str, now: datetime) -> tuple[str, str, str]:
    """Of a changed tender: "Toujours 29 jours" where the deadline stays, "Il vous reste 29 jours" where it moved."""
    said = texts(language)
    until = closing(line.tender)
    if until is None:
        return lead, tone, when
    days = (paris_day(until) - paris_day(now)).days
    if "deadline" not in line.changes and "display_until" not in line.changes:
        return (said["still"].format(lead) if days > 1 else lead), tone, when
    if days == 0:
        return said["last_day"], tone, ""
    return said["remaining"].format(said["one_day"] if days == 1 else lead), tone, ""


def _say_notice(line: Line, language: str, now: datetime) -> str:
    """Say which notice tells it: ``selon BOAMP 26-47580 du 20 mai``."""
    said = texts(language)
    notice = next((n for n in line.tender.notices if n.key == line.notice), None)
    if notice is None:
        return ""
    name = f"{source_name(notice.source)} {one_line(notice.source_id, 60)}"
    when = f" {said['of'].format(day(notice.published, language, now=now))}" if notice.published else ""
    return said["according"].format(name) + when


def _say_winners(tender: Tender, language: str) -> str:
    names = dict.fromkeys(one_line(s.name, 60) for award in tender.merged.awards for s in award.suppliers if s.name)
    shown = list(names)[:2]
    if not shown:
        return ""
    rest = len(names) - len(shown)
    said = texts(language)
    more = f" {said['others'].format(rest)}" if rest else ""
    return said["awarded_to"].format(", ".join(shown)) + more


def _say_buyer(tender: Tender, language: str, limits: Limits) -> str:
    """Say who buys and where: ``Centre hospitalier du Val, Montigny (21)``."""
    merged = tender.merged
    name = one_line(merged.buyer.name, limits.name)
    town = re.sub(r"\s+cedex\b.*", "", one_line(merged.buyer.town, 50), flags=re.IGNORECASE)  # a postal sorting mark
    if town and fold(town) in fold(name):
        town = ""
    where = _say_place(tender, language)
    if where and f"({where})" in name:
        where = ""
    line = ", ".join(filter(None, (name, town)))
    return f"{line}\u00a0({where})" if line and where else line or where


def _say_place(tender: Tender, language: str) -> str:
    merged = tender.merged
    places = [*merged.places, *(place for lot in merged.lots for place in lot.places)]
    codes: dict[str, None] = dict.fromkeys(map(str, merged.departments))
    for place in places:
        under = Nuts(place).departments()
        if len(under) == 1:
            codes.setdefault(str(under[0]))
    if spoken(language) == "en" and len(codes) == 1:
        return one_line(department_name(next(iter(codes))), 40)
    if codes:
        return ", ".join(codes) if len(codes) <= 4 else texts(language)["departments"].format(len(codes))
    named = [Nuts(place).label(language) for place in places[:1]]
    return one_line(named[0], 40) if named and named[0] else ""


def _say_value(tender: Tender, language: str) -> str:
    value = tender.merged.value
    if value is None or not value.amount.is_finite() or value.amount <= 0 or value.amount.adjusted() > 15:
        return texts(language)["no_value"]
    return money(value, language)


def _lot_count(tender: Tender) -> int | None:
    merged = tender.merged
    return merged.lot_count if merged.lot_count is not None else len(merged.lots) or None


def _say_facts(tender: Tender, language: str, limits: Limits) -> str:
    """Say ``48 000 €, 3 lots. Travaux, procédure adaptée. CPV 45421000 Travaux de menuiserie.``"""
    said, merged = texts(language), tender.merged
    count = _lot_count(tender)
    lots = {None: "", 0: said["no_lots"], 1: said["one_lot"]}.get(count) if count in (None, 0, 1) else ""
    first = [_say_value(tender, language), said["lots"].format(count) if count and count > 1 else lots]
    second = [
        NATURES[spoken(language)].get(merged.nature or "", ""),
        PROCEDURES[spoken(language)].get(merged.procedure or "", ""),
    ]
    third = [_say_cpv(tender, language, limits)]
    fourth = [said["reserved"]] if merged.strategic.reserved else []
    sentences = (", ".join(filter(None, parts)) for parts in (first, second, third, fourth))
    return " ".join(f"{s[:1].upper()}{s[1:].rstrip('.')}." for s in sentences if s)


def _say_cpv(tender: Tender, language: str, limits: Limits) -> str:
    """Say the buyer's code, else the one that we estimate, and that we do."""
    if codes := tender.cpv_published:
        return f"CPV\u00a0{one_line(cpv_name(codes[0], language), limits.label)}"
    guess = best_asserted(tender.cpv_predicted)
    if guess is None:
        return ""
    terms = tuple(one_line(term, 40) for term in guess.terms)
    return say_estimate(replace(guess, terms=terms), language, limits.label)


def _matched_lots(line: Line) -> Iterator[Lot]:
    """Give the lots that made the tender match: whose words, or whose CPV where the tender's own is another."""
    lots = line.tender.merged.lots
    if len(lots) <= 1 and (_lot_count(line.tender) or 1) <= 1:
        return  # a lone lot is the tender itself
    for reason in line.why:
        if reason.name == "q" and reason.met == "lot":
            yield from (lot for lot in lots if reason.asked in f"{lot.title or ''}\n{lot.description or ''}")
        elif reason.name in ("cpv", "cpv_any"):
            met = Cpv(reason.met).prefix
            guesses = () if line.tender.cpv_published else line.tender.cpv_predicted
            under = {guess.lot for guess in guesses if guess.asserted and guess.code.startswith(met)}
            under |= {lot.id for lot in lots if any(code.startswith(met) for code in lot.cpv)}
            if None not in under and not any(code.startswith(met) for code in line.tender.merged.cpv):
                yield from (lot for lot in lots if lot.id in under)


def _say_lot(lot: Lot, tender: Tender, language: str, limits: Limits) -> str:
    said = texts(language)
    number, count = lot_number(lot.id), _lot_count(tender)
    name = said["lot_of"].format(number, count) if count and count > 1 else said["lot"].format(number)
    title = one_line(lot.title, limits.name)
    return f"{name}{said['colon']}{title}" if title else name


def _say_why(line: Line, lots: list[Lot], language: str) -> str:
    """Say why the subscriber gets this tender: ``Pourquoi vous : « toiture » dans le titre, Côte-d’Or.``"""
    said = texts(language)
    found: dict[str, list[str]] = {}
    others: list[str] = []
    for reason in line.why:
        if reason.name == "q":
            found.setdefault(reason.met, []).append(quote(one_line(reason.asked, 40), language))
        else:
            others.append(_say_reason(reason, line.tender, language))
    words = [f"{', '.join(dict.fromkeys(asked))} {_say_where(met, lots, language)}" for met, asked in found.items()]
    parts = list(dict.fromkeys(filter(None, (*words, *others))))
    return f"{said['why']}{said['colon']}{', '.join(parts)}." if parts else ""


def _say_where(met: str, lots: list[Lot], language: str) -> str:
    said = texts(language)
    if met == "lot" and lots:
        return said["at_lot"].format(lot_number(lots[0].id))
    return said.get(f"in_{met}", "")


def _say_reason(reason: Reason, tender: Tender, language: str) -> str:
    if reason.name in ("cpv", "cpv_any"):
        code = one_line(reason.met, 10)
        return f"CPV\u00a0{code}" if tender.cpv_published else texts(language)["estimated_cpv"].format(code)
    if reason.name == "dept":
        return department_name(Department(one_line(reason.met, 5)))
    if reason.name == "nuts":
        return nuts_name(one_line(reason.met, 5), language)
    if reason.name == "buyer":
        return texts(language)["this_buyer"]
    if reason.name == "epci":
        return name_epci(one_line(reason.met, 9))
    if reason.name == "winner_dept":
        return texts(language)["winner_dept"].format(department_name(Department(one_line(reason.met, 5))))
    if reason.name in ("winner", "local"):
        return texts(language).get(f"{reason.name}_{reason.asked}", "")
    return _say_code(reason, tender, spoken(language))


def _say_code(reason: Reason, tender: Tender, language: str) -> str:
    merged = tender.merged
    if reason.name == "nature":
        return NATURES[language].get(merged.nature or "", "")
    if reason.name == "procedure":
        return PROCEDURES[language].get(merged.procedure or "", "")
    if reason.name == "buyer_type":
        return BUYER_TYPES[language].get(merged.buyer.type or "", "")
    if reason.name == "buyer_category":
        return BUYER_CATEGORIES[language].get(reason.asked, "")
    if reason.name == "kind":
        return KINDS[language].get(reason.asked, "")
    return ""  # the source stands before; what else there may be has no words
