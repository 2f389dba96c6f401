"""An observation in words, each number with the page that lists its tenders: key figures, and side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from indexer.observatory.figures import Breakdown, Months, Spread, Values
from indexer.observatory.naming import LEAST_OF_A_SHARE, name_value, say_percent, say_share
from indexer.observatory.observe import RESULT_DAYS, Observation
from indexer.observatory.scope import Number, hold_to, month_days
from indexer.observatory.winners import Lots, WonLots
from tenders.phrasing import say_number
from tenders.query import Query, Status
from tenders.status import paris_day
from tenders.translations import NN_, translator

Address = Callable[[Query], str]
NATURES = ("works", "services", "supplies")


@dataclass(frozen=True, slots=True)
class Linked:
    """A number as people write it, and the page that lists its tenders."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure on top, and what it rests on."""

    name: str
    figure: Linked
    under: str
    basis: tuple[Linked, Linked] | None = None  # known, unknown
    lots: Linked | None = None  # that it rests on, where it is a share of lots


class Said:
    """Says an observation in one language; `address` writes the page of a query."""

    def __init__(self, seen: Observation, address: Address, language: str) -> None:
        self.seen, self.language, self.address = seen, language, address
        self._ = translator(language).gettext

    def link(self, number: Number | None) -> Linked | None:
        """Write a number with the list of its tenders."""
        return None if number is None else self.must(number)

    def must(self, number: Number) -> Linked:
        """Write a number that no scope leaves out."""
        return Linked(say_number(number.count, self.language), self.address(number.query))

    def basis(self, found: Breakdown | Spread | Values | Months) -> tuple[Linked, Linked] | None:
        """Write of how many tenders the record states a figure, and of how many not."""
        return None if found.unknown is None else (self.must(found.known), self.must(found.unknown))

    def key_figures(self, before: Observation | None, held: bool) -> Iterator[KeyFigure]:
        """Give the figures on top that somebody states; `held` says that we hold the whole of the year before."""
        _, seen = self._, self.seen
        yield KeyFigure(_("Tenders published"), self.must(seen.total), self._say_growth(before) if held else "")
        if seen.calls[1].count:
            alone = _("known by an award, a plan or a modification alone")
            yield KeyFigure(_("Read without a call"), self.must(seen.calls[1]), alone)
        if seen.answer.known.count:
            most = _("half of the tenders give no more")
            yield KeyFigure(_("Time to answer"), self._days(seen.answer), most, self.basis(seen.answer))
        if seen.offers.known.count:
            most = _("half of the tenders drew no more")
            yield KeyFigure(_("Offers received by lot"), self._offers(seen.offers), most, self.basis(seen.offers))
        yield from self._won()
        unannounced = self.unannounced()
        if unannounced is not None:
            under = _("closed, published more than %(days)d days ago, no award read") % {"days": RESULT_DAYS}
            yield KeyFigure(_("Without a known result"), unannounced, under)
        if seen.relaunches is not None:
            yield KeyFigure(_("Relaunches"), self.must(seen.relaunches), _("a title says so"))

    def unannounced(self) -> Linked | None:
        """Write how many tenders have no known result; None where the scope's own states leave them out."""
        seen = self.seen
        if seen.scope.status and Status.CLOSED not in seen.scope.status:
            return None
        return Linked(self._("too early to tell"), "") if self._is_recent() else self.link(seen.unannounced)

    def _is_recent(self) -> bool:
        """Whether no tender is old enough for a result to be missed."""
        seen, last = self.seen, paris_day(self.seen.at) - timedelta(days=RESULT_DAYS)
        if seen.unannounced is None:
            return True
        first = next((month.month for month in seen.months.months if month.number.count), None)
        return first is not None and seen.months.earlier is None and month_days(first)[0] > last

    def _won(self) -> Iterator[KeyFigure]:
        _, seen = self._, self.seen
        if seen.winners.known.count:
            yield KeyFigure(_("Won by an SME at least in part"), self._share_of_smes(), "", self.basis(seen.winners))
        if seen.won_lots.sme is not None and seen.won_lots.sized.count:
            share, rests = self.share_of_lots(seen.won_lots), self.say_lots(seen.won_lots.sized)
            yield KeyFigure(_("Lots won by an SME"), share, "", lots=rests)
        local = self._share_of_locals()
        if local is not None and self._known_local().count:
            yield KeyFigure(_("Won by a local firm at least in part"), local, "", self.basis_of_locals())

    def _share_of_smes(self) -> Linked:
        found = self.seen.winners
        return self._share(found.number("sme") or Number(0, found.known.query), found.known)

    def share_of_lots(self, won: WonLots) -> Linked:
        """Write the share of lots that an SME won, of those of which a winner's size is stated."""
        if won.sme is None or not won.sized.count:
            return self._not_known(won.sized.tenders)
        said = say_share(won.sme.count, won.sized.count, self.language, won.sized.tenders.count)
        return Linked(said, self.address(won.sme.tenders.query))

    def say_lots(self, lots: Lots) -> Linked:
        """Write ``1,718 lots in 640 tenders``, with the list of the tenders."""
        said = (
            self.say_many(NN_("%(count)s lot", "%(count)s lots"), lots.count),
            self.say_many(NN_("in %(count)s tender", "in %(count)s tenders"), lots.tenders.count),
        )
        return Linked(" ".join(said), self.address(lots.tenders.query))

    def _share_of_locals(self) -> Linked | None:
        yes = self.seen.local.yes
        return None if yes is None else self._share(yes, self._known_local())

    def basis_of_locals(self) -> tuple[Linked, Linked]:
        """Write of how many tenders it is told whether a winner is local, and of how many not."""
        return self.must(self._known_local()), self.must(self.seen.local.unknown)

    def _known_local(self) -> Number:
        seen = self.seen
        return Number(seen.total.count - seen.local.unknown.count, replace(seen.scope, known=("local",)))

    def _share(self, part: Number, whole: Number) -> Linked:
        if not whole.count:
            return self._not_known(whole)
        return Linked(say_share(part.count, whole.count, self.language), self.address(part.query))

    def growth(self, before: Observation) -> float | None:
        """Return how many more tenders than before, as a part of those; None where they were too few for a share."""
        count = before.total.count
        return None if count < LEAST_OF_A_SHARE else (self.seen.total.count - count) / count

    def _say_growth(self, before: Observation | None) -> str:
        _ = self._
        if before is None:
            return ""
        growth = self.growth(before)
        if growth is None:
            return _("%(count)s in the year before") % {"count": say_number(before.total.count, self.language)}
        said = {"share": say_percent(abs(growth), self.language)}
        if growth > 0:
            return _("%(share)s more than in the year before") % said
        fewer = _("%(share)s fewer than in the year before") % said
        return fewer if growth else _("as many as in the year before")

    def _not_known(self, known: Number) -> Linked:
        return Linked(self._("not known"), self.address(known.query))

    def _days(self, found: Spread) -> Linked:
        return self._median(found, NN_("%(count)s day", "%(count)s days"))

    def _offers(self, found: Spread) -> Linked:
        return self._median(found, NN_("%(count)s offer", "%(count)s offers"))

    def _median(self, found: Spread, unit: tuple[str, str]) -> Linked:
        if found.median is None:
            return self._not_known(found.known)
        return Linked(self.say_many(unit, found.median), self.address(found.known.query))

    def say_many(self, unit: tuple[str, str], count: int) -> str:
        """Write so many of a unit, given as its two messages."""
        return translator(self.language).ngettext(*unit, count) % {"count": say_number(count, self.language)}

    def column(self) -> list[Linked | None]:
        """Return what stands in a column of the comparison; the rows are those of `compared_names`."""
        seen = self.seen
        return [
            self.must(seen.total),
            self.must(seen.calls[0]),
            *(self._of_nature(nature) for nature in NATURES),
            self._days(seen.answer),
            self._offers(seen.offers),
            self._share_of_smes(),
            None if seen.won_lots.sme is None else self.share_of_lots(seen.won_lots),
            self._share_of_locals(),
            self._share(seen.values.known, seen.total),
            self._share(seen.award_values[0], seen.total),
        ]

    def _of_nature(self, nature: str) -> Linked | None:
        if self.seen.total.count and not self.seen.natures.known.count:
            return self._not_known(self.seen.natures.known)
        query = hold_to(self.seen.scope, "nature", nature)
        return self.link(self.seen.natures.number(nature) or (query and Number(0, query)) or None)

    def compared_names(self) -> list[str]:
        """Return the names of the rows of a comparison."""
        _ = self._
        return [
            _("Tenders published"),
            _("Read with a call"),
            *(name_value("natures", nature, self.language) for nature in NATURES),
            _("Time to answer, median"),
            _("Offers received by lot, median"),
            _("Won by an SME at least in part"),
            _("Lots won by an SME"),
            _("Won by a local firm at least in part"),
            _("Estimated value known"),
            _("Awarded amount known"),
        ]


def side_by_side(columns: Sequence[Said]) -> tuple[list[tuple[str, list[Linked | None]]], list[str]]:
    """Return the rows of a comparison, None for what a scope leaves out, and the names of what no column states."""
    silent, rows = [], []
    unknown = {translator(columns[0].language).gettext("not known")}
    for name, *cells in zip(columns[0].compared_names(), *(said.column() for said in columns), strict=True):
        if {cell.text for cell in cells if cell} == unknown:
            silent.append(name)
        else:
            rows.append((name, cells))
    return rows, silent
