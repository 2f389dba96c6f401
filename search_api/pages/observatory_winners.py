"""What the observatory's page says of who won: sizes, natures, values, seats; shares rest on those that are stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.observatory.naming import name_value, say_share
from indexer.observatory.observe import Observation, OfNature
from indexer.observatory.said import NATURES
from search_api.pages.observatory_charts import Bars, draw_shares
from search_api.pages.observatory_figures import Row, Section, Shown
from tenders.codes import ABROAD

Shared = tuple[str, int, int, int]  # label, part, whole, the tenders that it rests on


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
        title = _("Lots won by an SME, by nature")
        shares: list[Shared] = []
        rows: list[Row] = []
        for name, won in ((name, found.won_lots) for name, found in self._parts()):
            if won.sme is not None and won.sized.count:
                shares.append((name, won.sme.count, won.sized.count, won.sized.tenders.count))
                cells = (self.share_of_lots(won), self.say_lots(won.sme), self.say_lots(won.sized))
                rows.append((name, cells, won.sized.tenders.query))
        head = (title, _("Share"), _("Lots won by an SME"), _("Lots of which a winner’s size is stated"))
        caption = _("In numbers of lots. Lots of which no winner’s size is stated are not counted.")
        return Section("sme_natures", title, self._draw(title, shares), caption, head, tuple(rows))

    def _classes(self) -> Section:
        _ = self._
        title = _("Won by an SME at least in part, by value")
        shares: list[Shared] = []
        rows: list[Row] = []
        for one in self.seen.sized_classes:
            name = name_value("values", str(one.least), self.language)
            shares.append((name, one.sme.count, one.known.count, one.known.count))
            cells = (self._share(one.sme, one.known), self.must(one.sme), self.must(one.known))
            rows.append((name, cells, one.known.query))
        head = (title, _("Share"), _("Won by an SME at least in part"), _("Winner’s size stated"))
        caption = _("Of the tenders of each class of value of which a winner’s size is stated.")
        return Section("sme_values", title, self._draw(title, shares), caption, head, tuple(rows))

    def _local(self) -> Section:
        _ = self._
        title = _("Won by a local firm at least in part")
        shares: list[Shared] = []
        rows: list[Row] = []
        for name, clause in ((name, found.local) for name, found in self._parts()):
            if clause.yes is not None and clause.no is not None and clause.yes.count + clause.no.count:
                known = clause.yes.count + clause.no.count
                shares.append((name, clause.yes.count, known, known))
                cells = (self.must(clause.yes), self.must(clause.no), self.must(clause.unknown))
                rows.append((name, cells, clause.yes.query))
        head = (title, _("local"), _("from elsewhere"), _("not stated"))
        caption = _("Local: the seat of a winner lies in a département where the work is done.")
        return Section("local", title, self._draw(title, shares), caption, head, tuple(rows), self.basis_of_locals())

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

    def _draw(self, title: str, shares: Sequence[Shared]) -> Bars | None:
        lines = [
            (label, say_share(part, whole, self.language, tenders), part / whole)
            for label, part, whole, tenders in shares
        ]
        return draw_shares(lines, title, self.language) if lines else None
