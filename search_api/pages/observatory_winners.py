"""What the observatory's page says of who won: sizes, natures, values, seats; shares rest on those that are stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.observatory.naming import name_value, say_share
from indexer.observatory.observe import Observation, OfNature
from indexer.observatory.said import NATURES
from search_api.pages.observatory_charts import draw_shares
from search_api.pages.observatory_figures import Row, Section, Shown
from tenders.codes import ABROAD

Shared = tuple[Row, int, int, int]  # row of the table, part, whole, the tenders that it rests on


class ShownWinners(Shown):
    """Writes an observation whole, its winners too."""

    def winners(self) -> Iterator[Section]:
        """Give the sections of who won, in the order of the page."""
        _, found = self._, self.seen.seats
        both = _("A tender with winners of both sizes counts in both.")
        yield self._bars("winners", _("Winners by size"), self.seen.winners, both)
        yield self._natures()
        yield self._classes()
        yield self._local()
        several = _("A tender with winners in several places counts in each.")
        yield replace(self._bars("seats", _("Where winners sit"), found, several), rows=self._seat_rows())

    def _natures(self) -> Section:
        _ = self._
        head = (
            _("Lots won by an SME, by nature"),
            _("Share"),
            _("Lots won by an SME"),
            _("Lots of which a winner’s size is stated"),
        )
        caption = _("In numbers of lots. Lots of which no winner’s size is stated are not counted.")
        shares: list[Shared] = []
        for name, won in ((name, found.won_lots) for name, found in self._parts()):
            if won.sme is not None and won.sized.count:
                cells = (self.share_of_lots(won), self.say_lots(won.sme), self.say_lots(won.sized))
                row = (name, cells, won.sized.tenders.query)
                shares.append((row, won.sme.count, won.sized.count, won.sized.tenders.count))
        return self._shares("sme_natures", head, caption, shares)

    def _classes(self) -> Section:
        _ = self._
        title = _("Won by an SME at least in part, by estimated value")
        head = (title, _("Share"), _("Won by an SME at least in part"), _("Winner’s size stated"))
        caption = _("Of the tenders of each class of estimated value of which a winner’s size is stated.")
        shares: list[Shared] = []
        for one in self.seen.sized_classes:
            cells = (self._share(one.sme, one.known), self.must(one.sme), self.must(one.known))
            row = (name_value("values", str(one.least), self.language), cells, one.known.query)
            shares.append((row, one.sme.count, one.known.count, one.known.count))
        return self._shares("sme_values", head, caption, shares)

    def _local(self) -> Section:
        _ = self._
        head = (_("Won by a local firm at least in part"), _("local"), _("from elsewhere"), _("not stated"))
        caption = _("Local: the seat of a winner lies in a département where the work is done.")
        shares: list[Shared] = []
        for name, told in ((name, found.local) for name, found in self._parts()):
            if told.yes is not None and told.no is not None and (known := told.yes.count + told.no.count):
                row = (name, (self.must(told.yes), self.must(told.no), self.must(told.unknown)), told.yes.query)
                shares.append((row, told.yes.count, known, known))
        return replace(self._shares("local", head, caption, shares), basis=self.basis_of_locals())

    def _shares(self, id_: str, head: tuple[str, ...], caption: str, shares: Sequence[Shared]) -> Section:
        """Return shares as bars and as a table; the first of its head is the title."""
        lines = [
            (row[0], say_share(part, whole, self.language, tenders), part / whole)
            for row, part, whole, tenders in shares
        ]
        chart = draw_shares(lines, head[0], self.language) if lines else None
        return Section(id_, head[0], chart, caption, head, tuple(row for row, *_ in shares))

    def _parts(self) -> Iterator[tuple[str, Observation | OfNature]]:
        """Give the whole and its natures by name."""
        yield self._("All natures"), self.seen
        for nature in NATURES:
            if nature in self.seen.by_nature:
                yield name_value("natures", nature, self.language), self.seen.by_nature[nature]

    def _seat_rows(self) -> tuple[Row, ...]:
        """Return all seats, abroad last."""
        lines = sorted(self.seen.seats.lines, key=lambda line: line.value == ABROAD)
        return tuple(self._row("seats", line) for line in lines)
