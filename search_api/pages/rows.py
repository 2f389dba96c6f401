"""What a list shows of a tender, and how a list by deadline is grouped; words ready for the templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from indexer.marks import Wanted, find_marks
from indexer.retelling import retell
from search_api.wording import cpv_text, describe_change, lot_name, place_text
from tenders.labels import DECLARED, STATES, headed
from tenders.model import Lot, NoticeKind, Tender
from tenders.phrasing import day, days_left, hour, is_soon, money, short_moment
from tenders.plain import shorten
from tenders.predictions import best_asserted, say_code, say_estimated
from tenders.query import Status
from tenders.status import closing, paris_day, status
from tenders.translations import N_, translator
from tenders.vocabulary import source_name

_NEWS = timedelta(days=60)  # how long a change is told in a list
_MARKS = ("social", "green", "reserved", "innovation", "sme", "eu_funded")  # declared, worth a word in a line
_SCANNED_LOTS = 100
_TOLD = 12  # notices of a tender whose changes a list tells: each costs a merge
_PLACES = 3  # départements that a line names
_TITLE, _LOT_TITLE, _NAME = 300, 160, 200  # characters

Pieces = list[tuple[str, bool]]  # a text, and whether it was asked for
GROUPS = {
    "week": N_("Within 7 days"),
    "month": N_("Within 30 days"),
    "later": N_("Later"),
    "unknown": N_("No deadline published"),
    "over": N_("Closed, awarded or cancelled"),
}


@dataclass(frozen=True, slots=True)
class RowDue:
    """When a tender closes, as the left of a row says it: days left, or a state word with its `tone`."""

    figure: str
    line: str
    group: str
    tone: str | None = None  # of the state word, None where the figure is not one
    iso: str | None = None
    days: int | None = None  # left, for the folding rule
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One tender of a list."""

    id: str
    language: str | None
    title: Pieces
    due: RowDue
    where: str
    lot: tuple[str, Pieces, str] | None  # its place, title in pieces, amount
    change: tuple[str, str, str, str] | None  # day, what, before, after
    outcome: str
    facts: tuple[str, ...]
    estimate: tuple[str, str] | None  # its name, the code
    marks: tuple[str, ...]
    value: str
    lots: str
    sources: tuple[str, ...]


def show_row(tender: Tender, now: datetime, wanted: Wanted | None, language: str) -> Row:
    """Return what a list shows of a tender."""
    merged, _ = tender.merged, translator(language).gettext
    codes = tender.cpv_published
    guess = None if codes else best_asserted(tender.cpv_predicted)
    kinds = [headed(n, v, language) for n, v in (("nature", merged.nature), ("procedure", merged.procedure)) if v]
    bought = ", ".join([*kinds[:1], *(kind[:1].lower() + kind[1:] for kind in kinds[1:])])
    due, buyer = show_row_due(tender, now, language), shorten(merged.buyer.name or "", _NAME)
    return Row(
        id=tender.id,
        language=merged.language,
        title=mark_pieces(shorten(merged.title, _TITLE), merged.language, wanted),
        due=due,
        where=", ".join(filter(None, (buyer, place_text(tender, language, most=_PLACES)))),
        lot=_matching_lot(tender, wanted, language),
        change=_newest_change(tender, now, language) if due.group != "over" else None,
        outcome=_outcome(tender, language) if tender.awarded else "",
        facts=tuple(filter(None, (bought, f"CPV\u00a0{cpv_text(codes[0], language)}" if codes else ""))),
        estimate=(say_estimated(guess, language), say_code(guess, language)) if guess else None,
        marks=tuple(_(DECLARED[name]) for name in _MARKS if getattr(merged.strategic, name)),
        value=money(merged.value, language) if merged.value else "",
        lots=_count_lots(tender, language),
        sources=tuple(dict.fromkeys(source_name(notice.source) for notice in tender.notices)),
    )


def group_rows(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Group rows that come soonest deadline first by urgency, (what the group is called, its rows)."""
    for group, found in groupby(rows, lambda row: row.due.group):
        yield GROUPS[group], list(found)


def mark_pieces(text: str, language: str | None, wanted: Wanted | None) -> Pieces:
    """Cut a text at the words that were asked for."""
    text = " ".join(text.split())
    pieces, at = [], 0
    for start, end in find_marks(text, language, wanted) if wanted else ():
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [*pieces, (text[at:], False)]


def show_row_due(tender: Tender, now: datetime, language: str) -> RowDue:
    """Say when a tender closes, or what became of it."""
    _ = translator(language).gettext
    state = status(tender, now.replace(microsecond=0))
    closes, deadline = closing(tender), tender.merged.deadline
    iso = deadline.isoformat() if deadline else None
    if state in (Status.CANCELLED, Status.AWARDED):
        at = _happened(tender, NoticeKind.CANCELLATION if state is Status.CANCELLED else NoticeKind.RESULT)
        line = _("on %(day)s") % {"day": day(at, language, now=now, weekday=True)} if at else ""
        return RowDue(_(STATES[state]), line, "over", "stopped" if state is Status.CANCELLED else "", None)
    if state is Status.CLOSED and closes:
        shown = day(paris_day(closes), language, now=now, weekday=True)
        return RowDue(_(STATES[state]), _("since %(when)s") % {"when": shown}, "over", "", iso)
    if deadline is None:
        figure = _("Announced project") if state is Status.PLANNED else _(STATES[state])
        shown = day(paris_day(closes), language, now=now) if closes else ""
        line = _("no deadline, shown until %(day)s") % {"day": shown} if shown else _("no deadline published")
        return RowDue(figure, line, "unknown")
    left = (paris_day(deadline) - paris_day(now)).days
    group = "week" if left <= 7 else "month" if left <= 30 else "later"
    when = short_moment(deadline, language, now=now)
    if left == 0:
        hours = max(1, round((deadline - now).total_seconds() / 3600))
        when = _("%(hour)s, in %(count)d h") % {"hour": hour(deadline, language), "count": hours}
    until = paris_day(deadline)
    return RowDue(days_left(until, language, now=now), when, group, None, iso, left, is_soon(until, now))


def _happened(tender: Tender, kind: NoticeKind) -> date | None:
    return max((n.published for n in tender.notices if n.kind is kind and n.published), default=None)


def _matching_lot(tender: Tender, wanted: Wanted | None, language: str) -> tuple[str, Pieces, str] | None:
    """Return the first lot whose title has a wanted word."""
    lots = tender.merged.lots
    if wanted is None or len(lots) < 2:
        return None
    for lot in lots[:_SCANNED_LOTS]:
        pieces = mark_pieces(shorten(lot.title or "", _LOT_TITLE), tender.merged.language, wanted)
        if len(pieces) > 1:
            return _place_of(lot, len(lots), language), pieces, money(lot.value, language) if lot.value else ""
    return None


def _place_of(lot: Lot, count: int, language: str) -> str:
    name = lot_name(lot.id)
    return translator(language).gettext("%(lot)s of %(count)d") % {"lot": name, "count": count}


def _newest_change(tender: Tender, now: datetime, language: str) -> tuple[str, str, str, str] | None:
    """Return the newest material change that a notice made lately: its day, what, before, after."""
    if not 1 < len(tender.notices) <= _TOLD:
        return None
    for told in reversed(retell(tender.notices)):
        if told.changed:
            if told.day == date.min or abs(paris_day(now) - told.day) > _NEWS:
                return None
            name, (old, new) = next(iter(told.changed.items()))
            what, before, after = describe_change(name, old, new, tender, language, now)
            return day(told.day, language, now=now), what, before, after
    return None


def _outcome(tender: Tender, language: str) -> str:
    """Say who won, for how much, out of how many."""
    say, awards = translator(language), tender.merged.awards
    names = list(dict.fromkeys(s.name for award in awards for s in award.suppliers if s.name))
    if not names:
        return ""
    parts = [shorten(", ".join(names[:2]), _NAME) + (" …" if len(names) > 2 else "")]
    if len(awards) == 1:
        [award] = awards
        parts += [money(award.value, language)] if award.value else []
        parts += [say.ngettext("%(num)d bid", "%(num)d bids", award.bids) % {"num": award.bids}] if award.bids else []
    return say.gettext("Awarded to %(whom)s") % {"whom": ", ".join(parts)}


def _count_lots(tender: Tender, language: str) -> str:
    merged, say = tender.merged, translator(language)
    count = len(merged.lots) or merged.lot_count
    if count is None:
        return ""
    return say.ngettext("%(num)d lot", "%(num)d lots", count) % {"num": count} if count > 1 else say.gettext("No lots")
