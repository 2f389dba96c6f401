"""What the observatory's page says of an observation: key figures, sections with chart and table, comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from indexer.observatory.figures import Breakdown, Line, Months, Spread, Values
from indexer.observatory.observe import RESULT_DAYS, Observation
from indexer.observatory.scope import Number, hold_to
from search_api.observatory.naming import LEAST_OF_A_SHARE, name_month, name_value, say_percent, say_share
from search_api.pages.observatory_charts import Bars, Columns, draw_lines, draw_months
from search_api.pages.observatory_map import Map, draw_map
from search_api.wording import say_number
from tenders.query import Query
from tenders.translations import N_, NN_, translator
from tenders.vocabulary import STATED, spoken

Address = Callable[[Query], str]
_SHOWN = 10  # values of a breakdown
_NATURES = ("works", "services", "supplies")


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


@dataclass(frozen=True, slots=True)
class Section:
    """A chart and its table; `basis` is of how many tenders the record tells it, and of how many not."""

    id: str
    title: str
    chart: Columns | Bars | Map | None
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Linked | None, ...], Query], ...]
    basis: tuple[Linked, Linked] | None = None


class Shown:
    """Writes an observation for people in one language; `address` writes the page of a query."""

    def __init__(self, seen: Observation, address: Address, language: str) -> None:
        self.seen, self.language, self.address = seen, language, address
        self._ = translator(language).gettext

    def link(self, number: Number | None) -> Linked | None:
        """Write a number with the list of its tenders."""
        return None if number is None else Linked(say_number(number.count, self.language), self.address(number.query))

    def _must(self, number: Number) -> Linked:
        return Linked(say_number(number.count, self.language), self.address(number.query))

    def _basis(self, found: Breakdown | Spread | Values | Months) -> tuple[Linked, Linked] | None:
        return None if found.unknown is None else (self._must(found.known), self._must(found.unknown))

    def key_figures(self, before: Observation | None, held: bool) -> Iterator[KeyFigure]:
        """Give the figures on top; `held` says that we hold the whole of the year before."""
        _, seen = self._, self.seen
        yield KeyFigure(_("Tenders published"), self._must(seen.total), self._say_growth(before) if held else "")
        most = _("half of the tenders give no more")
        yield self._middle(_("Time to answer"), self._days(seen.answer), seen.answer, most)
        most = _("half of the tenders drew no more")
        yield self._middle(_("Offers received by lot"), self._offers(seen.offers), seen.offers, most)
        yield KeyFigure(_("Won by an SME at least in part"), self._share_of_smes(), "", self._basis(seen.winners))
        if seen.unannounced is not None:
            under = _("closed, published more than %(days)d days ago, no award read") % {"days": RESULT_DAYS}
            yield KeyFigure(_("Without a known result"), self._must(seen.unannounced), under)
        if seen.relaunches is not None:
            yield KeyFigure(_("Relaunches"), self._must(seen.relaunches), _("a title says so"))

    def _share_of_smes(self) -> Linked:
        found = self.seen.winners
        return self._share(found.number("sme") or Number(0, found.known.query), found.known)

    def _share(self, part: Number, whole: Number) -> Linked:
        if not whole.count:
            return self._not_known(whole)
        return Linked(say_share(part.count, whole.count, self.language), self.address(part.query))

    def _say_growth(self, before: Observation | None) -> str:
        _ = self._
        if before is None:
            return ""
        count = before.total.count
        if count < LEAST_OF_A_SHARE:
            return _("%(count)s in the year before") % {"count": say_number(count, self.language)}
        growth = (self.seen.total.count - count) / count
        said = {"share": say_percent(abs(growth), self.language)}
        if growth > 0:
            return _("%(share)s more than in the year before") % said
        fewer = _("%(share)s fewer than in the year before") % said
        return fewer if growth else _("as many as in the year before")

    def _not_known(self, known: Number) -> Linked:
        return Linked(self._("not known"), self.address(known.query))

    def _middle(self, name: str, figure: Linked, found: Spread, under: str) -> KeyFigure:
        return KeyFigure(name, figure, "" if found.median is None else under, self._basis(found))

    def _days(self, found: Spread) -> Linked:
        return self._median(found, NN_("%(count)s day", "%(count)s days"))

    def _offers(self, found: Spread) -> Linked:
        return self._median(found, NN_("%(count)s offer", "%(count)s offers"))

    def _median(self, found: Spread, unit: tuple[str, str]) -> Linked:
        if found.median is None:
            return self._not_known(found.known)
        said = translator(self.language).ngettext(*unit, found.median)
        return Linked(said % {"count": say_number(found.median, self.language)}, self.address(found.known.query))

    def sections(self) -> Iterator[Section]:
        """Give the sections in the order of the page."""
        _, seen = self._, self.seen
        yield self._months()
        yield self._places()
        estimates = _("CPV divisions, as published or, where none was, estimated: %(count)s tenders are estimates.")
        said = estimates % {"count": say_number(seen.estimated.count, self.language)}
        yield self._bars("divisions", _("What is bought"), seen.divisions, said)
        by_name = _("Joint buyers count each. A buyer is known by its name.")
        yield self._bars("buyers", _("Who buys most often"), seen.buyers, by_name)
        never = _("As notices state it; never guessed from a name.")
        yield self._bars("buyer_types", _("By type of buyer"), seen.buyer_types, never)
        yield self._bars("procedures", _("By procedure"), seen.procedures, "")
        yield self._values()
        both = _("A tender with winners of both sizes counts in both.")
        local = _("Whether a winner is local is told by no award that we read.")
        yield self._bars("winners", _("Winners by size"), seen.winners, f"{both} {local}")
        yield self._bars("states", _("By state"), seen.states, "")
        once = _("A tender seen on several sources counts once, and with each of them here.")
        yield self._bars("sources", _("By source"), seen.sources, once)

    def _places(self) -> Section:
        _, found = self._, self.seen.places
        title = _("Tenders by département")
        chart = draw_map(found.lines, self.seen.scope, title, self.language, self.address)
        caption = _("Each département leads to the list of its tenders. A tender in several places counts in each.")
        return self._section("places", _("Where the work is done"), found, chart, caption, most=len(found.lines))

    def _section(self, id_: str, title: str, found: Breakdown, chart: Any, caption: str, most: int = _SHOWN) -> Section:
        rows = tuple(self._row(id_, line) for line in found.lines[:most])
        return Section(id_, title, chart, caption, (title, self._("Tenders")), rows, self._basis(found))

    def _bars(self, id_: str, title: str, found: Breakdown, caption: str) -> Section:
        lines = found.lines[:_SHOWN]
        drawn = any(line.number.count for line in lines)
        chart = draw_lines(id_, lines, title, self.language) if drawn else None
        return self._section(id_, title, found, chart, caption)

    def _row(self, figure: str, line: Line) -> tuple[str, tuple[Linked | None, ...], Query]:
        return name_value(figure, line.value, self.language), (self._must(line.number),), line.number.query

    def _months(self) -> Section:
        _, seen = self._, self.seen
        natures = [nature for nature in _NATURES if nature in seen.by_nature]
        of_nature = {n: {m.month: m.number for m in seen.by_nature[n].months.months} for n in natures}
        rows = tuple(
            (
                name_month(month.month, self.language),
                (*(self.link(of_nature[nature].get(month.month)) for nature in natures), self._must(month.number)),
                month.number.query,
            )
            for month in seen.months.months
        )
        head = (_("Month"), *(name_value("natures", nature, self.language) for nature in natures), _("Total"))
        months = seen.months.months
        caption = _("By day of first publication.")
        if months and months[-1].unfinished:
            caption += " " + _("Dashed: a month that is not over or not whole in this period.")
        beyond = ((N_("%(count)s before."), seen.months.earlier), (N_("%(count)s after."), seen.months.later))
        for text, number in beyond:
            if number is not None:
                caption += " " + _(text) % {"count": say_number(number.count, self.language)}
        title = _("Tenders by month")
        chart = draw_months(months, title, self.language) if months else None
        basis = self._basis(seen.months) if seen.months.unknown.count else None
        return Section("months", title, chart, caption, head, rows, basis)

    def small_months(self) -> Iterator[tuple[str, Linked, Columns]]:
        """Give the months of each nature, to be seen side by side."""
        for line in self.seen.natures.lines:
            name = name_value("natures", line.value, self.language)
            months = self.seen.by_nature[line.value].months.months
            if months:
                yield name, self._must(line.number), draw_months(months, name, self.language, small=True)

    def _values(self) -> Section:
        _, found = self._, self.seen.values
        title = _("By value")
        caption = _("Estimated values in euros, in classes: one absurd value moves none of them.")
        if found.median is not None:
            middle = name_value("values", found.median, self.language)
            caption += " " + _("The middle value lies in the class: %(class)s.") % {"class": middle}
        chart = draw_lines("values", found.classes, title, self.language) if found.classes else None
        rows = tuple(self._row("values", line) for line in found.classes)
        return Section("values", title, chart, caption, (title, _("Tenders")), rows, self._basis(found))

    def clauses(self) -> Iterator[tuple[str, tuple[Linked | None, ...]]]:
        """Give what is declared of responsible buying: yes, no, not stated."""
        for one in self.seen.clauses:
            name = STATED[spoken(self.language)][one.name]
            yield name[:1].upper() + name[1:], tuple(map(self.link, (one.yes, one.no, one.unknown)))

    def facts(self) -> Iterator[tuple[str, tuple[str, ...], Linked, Linked]]:
        """Give what has quartiles, and what is known or not: name, quartiles, known, unknown."""
        _, seen = self._, self.seen
        for name, found in ((_("Time to answer, in days"), seen.answer), (_("Offers received by lot"), seen.offers)):
            said = tuple(self._say_middle(one) for one in (found.low, found.median, found.high))
            yield name, said, self._must(found.known), self._must(found.unknown)
        yield _("Lots"), ("", "", ""), self._must(seen.lots[0]), self._must(seen.lots[1])

    def _say_middle(self, middle: int | None) -> str:
        return self._("not known") if middle is None else say_number(middle, self.language)

    def column(self) -> list[Linked | None]:
        """Return what stands in a column of the comparison; the rows are those of `compared_names`."""
        seen = self.seen
        return [
            self._must(seen.total),
            *(self._of_nature(nature) for nature in _NATURES),
            self._days(seen.answer),
            self._offers(seen.offers),
            self._share_of_smes(),
            self._share(seen.values.known, seen.total),
        ]

    def _of_nature(self, nature: str) -> Linked | None:
        if not self.seen.natures.known.count:
            return self._not_known(self.seen.natures.known)
        query = hold_to(self.seen.scope, "nature", nature)
        return self.link(self.seen.natures.number(nature) or (query and Number(0, query)) or None)

    def compared_names(self) -> list[str]:
        """Return the names of the rows of a comparison."""
        _ = self._
        return [
            _("Tenders published"),
            *(name_value("natures", nature, self.language) for nature in _NATURES),
            _("Time to answer, median"),
            _("Offers received by lot, median"),
            _("Won by an SME at least in part"),
            _("Value known"),
        ]
