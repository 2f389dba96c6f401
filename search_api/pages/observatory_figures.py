"""What the observatory's page says of an observation: key figures, sections with chart and table, comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from indexer.observatory.figures import Breakdown, Line, Spread
from indexer.observatory.naming import name_month, name_value
from indexer.observatory.said import NATURES, Linked, Said
from search_api.pages.observatory_charts import Bars, Columns, draw_lines, draw_months
from search_api.pages.observatory_map import Map, draw_map
from tenders.phrasing import say_number
from tenders.query import Query
from tenders.translations import N_, NN_
from tenders.vocabulary import STATED, spoken

Row = tuple[str, tuple[Linked | None, ...], Query]  # of a table: label, numbers, and the search of the first
_SHOWN = 10  # values of a breakdown


@dataclass(frozen=True, slots=True)
class Section:
    """A chart and its table; `basis` is of how many tenders the record tells it, and of how many not."""

    id: str
    title: str
    chart: Columns | Bars | Map | None
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    basis: tuple[Linked, Linked] | None = None


class Shown(Said):
    """Says an observation on the page: its sections, each with a chart and its table."""

    def sections(self) -> Iterator[Section]:
        """Give the sections in the order of the page."""
        _, seen = self._, self.seen
        yield self._months()
        yield self._places()
        estimates = _("CPV divisions, as published or, where none was, estimated: %(count)s tenders are estimates.")
        said = estimates % {"count": say_number(seen.estimated.count, self.language)}
        yield self._bars("divisions", _("What is bought"), seen.divisions, said)
        yield self._buyers()
        told = _("As a buyer’s SIREN number tells it, joint buyers each; never guessed from a name.")
        yield self._bars("buyer_categories", _("By category of buyer"), seen.buyer_categories, told)
        never = _("As notices state it; never guessed from a name.")
        yield self._bars("buyer_types", _("By type of buyer"), seen.buyer_types, never)
        yield self._bars("procedures", _("By procedure"), seen.procedures, "")
        yield self._values()
        yield self._bars("states", _("By state"), seen.states, "")
        once = _("A tender seen on several sources counts once, and with each of them here.")
        yield self._bars("sources", _("By source"), seen.sources, once)

    def natures(self) -> Section:
        """Give the natures as bars, where there is no room for the months of each."""
        return self._bars("natures", self._("By nature"), self.seen.natures, "")

    def _places(self) -> Section:
        _, found = self._, self.seen.places
        title = _("Tenders by département")
        chart = draw_map(found.lines, self.seen.scope, title, self.language, self.address)
        caption = _("Each département leads to the list of its tenders. A tender in several places counts in each.")
        return self._section("places", _("Where the work is done"), found, chart, caption, most=len(found.lines))

    def _buyers(self) -> Section:
        _, found = self._, self.seen.buyers
        title = _("Who buys most often")
        several = {name: count for name, count in self.seen.buyer_places.items() if count > 1}
        unit = NN_("(%(count)s département)", "(%(count)s départements)")
        told = {name: self.say_many(unit, count) for name, count in several.items()}
        short = {name: _("(%(count)d dépt)") % {"count": count} for name, count in several.items()}
        chart = draw_lines("buyers", found.lines, title, self.language, short) if found.lines else None
        caption = _("Joint buyers count each. A buyer is known by its name: bodies of one name count as one.")
        section = self._section("buyers", title, found, chart, caption)
        named = [" ".join(filter(None, (line.value, told.get(line.value)))) for line in found.lines]
        rows = ((name, cells, query) for name, (_name, cells, query) in zip(named, section.rows, strict=True))
        return replace(section, rows=tuple(rows))

    def _section(self, id_: str, title: str, found: Breakdown, chart: Any, caption: str, most: int = _SHOWN) -> Section:
        rows = tuple(self._row(id_, line) for line in found.lines[:most])
        return Section(id_, title, chart, caption, (title, self._("Tenders")), rows, self.basis(found))

    def _bars(self, id_: str, title: str, found: Breakdown, caption: str) -> Section:
        lines = found.lines[:_SHOWN]
        drawn = any(line.number.count for line in lines)
        chart = draw_lines(id_, lines, title, self.language) if drawn else None
        return self._section(id_, title, found, chart, caption)

    def _row(self, figure: str, line: Line) -> Row:
        return name_value(figure, line.value, self.language), (self.must(line.number),), line.number.query

    def _months(self) -> Section:
        _, seen = self._, self.seen
        natures = [nature for nature in NATURES if nature in seen.by_nature]
        of_nature = {n: {m.month: m.number for m in seen.by_nature[n].months.months} for n in natures}
        rows = tuple(
            (
                name_month(month.month, self.language),
                (
                    *(self.link(of_nature[nature].get(month.month)) for nature in natures),
                    self.link(month.called),
                    self.must(month.number),
                ),
                month.number.query,
            )
            for month in seen.months.months
        )
        head = (
            _("Month"),
            *(name_value("natures", nature, self.language) for nature in natures),
            _("With a call"),
            _("Total"),
        )
        months = seen.months.months
        caption = _("By day of first publication.")
        if any(month.unfinished for month in months):
            caption += " " + _("Dashed: a month that is not over, or of which this period or we have a part only.")
        if seen.calls[1].count:
            caption += " " + _("In outline: read without a call, known by an award, a plan or a modification alone.")
        beyond = ((N_("%(count)s before."), seen.months.earlier), (N_("%(count)s after."), seen.months.later))
        for text, number in beyond:
            if number is not None:
                caption += " " + _(text) % {"count": say_number(number.count, self.language)}
        title = _("Tenders by month")
        chart = draw_months(months, title, self.language) if months else None
        basis = self.basis(seen.months) if seen.months.unknown.count else None
        return Section("months", title, chart, caption, head, rows, basis)

    def small_months(self) -> Iterator[tuple[str, Linked, Columns]]:
        """Give the months of each nature, to be seen side by side."""
        for line in self.seen.natures.lines:
            name = name_value("natures", line.value, self.language)
            months = self.seen.by_nature[line.value].months.months
            if months:
                yield name, self.must(line.number), draw_months(months, name, self.language, small=True)

    def _values(self) -> Section:
        _, found = self._, self.seen.values
        title = _("By estimated value")
        caption = _("Estimated values in euros, in classes: one absurd value moves none of them.")
        if found.median is not None:
            middle = name_value("values", found.median, self.language)
            caption += " " + _("The middle value lies in the class: %(class)s.") % {"class": middle}
        chart = draw_lines("values", found.classes, title, self.language) if found.classes else None
        rows = tuple(self._row("values", line) for line in found.classes)
        return Section("values", title, chart, caption, (title, _("Tenders")), rows, self.basis(found))

    def clauses(self) -> Iterator[tuple[str, tuple[Linked | None, ...]]]:
        """Give what is declared of responsible buying: yes, no, not stated."""
        for one in self.seen.clauses:
            name = STATED[spoken(self.language)][one.name]
            yield name[:1].upper() + name[1:], tuple(map(self.link, (one.yes, one.no, one.unknown)))

    def facts(self) -> Iterator[tuple[str, tuple[str, ...], Linked, Linked]]:
        """Give what has quartiles and is stated: name, quartiles, known, unknown."""
        for name, found in self._spreads():
            if found.known.count:
                said = tuple(say_number(one or 0, self.language) for one in (found.low, found.median, found.high))
                yield name, said, self.must(found.known), self.must(found.unknown)

    def awarded(self) -> tuple[Linked, Linked] | None:
        """Write of how many tenders an awarded amount is stated, and of how many not; None where nobody states one."""
        known, unknown = self.seen.award_values
        return (self.must(known), self.must(unknown)) if known.count else None

    def _spreads(self) -> tuple[tuple[str, Spread], ...]:
        _, seen = self._, self.seen
        return (
            (_("Time to answer, in days"), seen.answer),
            (_("Offers received by lot"), seen.offers),
            (_("Lots"), seen.lots),
        )

    def unsaid(self, sections: Iterable[Section]) -> Iterator[tuple[str, Linked]]:
        """Give what no tender of the scope states: its name, and the tenders."""
        if self.seen.total.count:
            yield from ((one.title, one.basis[1]) for one in sections if one.chart is None and one.basis)
            yield from ((name, self.must(found.unknown)) for name, found in self._spreads() if not found.known.count)
            known, unknown = self.seen.award_values
            if not known.count:
                yield self._("Awarded amount"), self.must(unknown)
