"""`/sources`: what is watched and whether it works now; `/sources/{name}`: one source, its crawls, what it brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.counting import Counts
from search_api.languages import language_of
from search_api.pages.health import say_reason, say_state, title_of
from search_api.pages.layout import Pages
from search_api.problems import not_found
from search_api.receipts import Receipt, Receipts
from tenders.labels import name_of
from tenders.phrasing import day, long_moment, say_number, short_moment
from tenders.plain import web_link
from tenders.query import Facet, Query
from tenders.query_url import to_url
from tenders.store.coverage import cover
from tenders.store.sources import Freshness, RunState, State
from tenders.translations import N_, translator
from tenders.vocabulary import source_name

# What a source is, beside its name. What is not here is a buyers' portal or a feed, of which its title says enough.
JOURNALS = {
    "boamp": N_("official journal of public procurement, France"),
    "ted": N_("official journal, European Union"),
    "decp": N_("awarded contracts, France"),
}
_WORST = (State.SILENT, State.LATE, State.SUSPECT)
_TONES = {State.FRESH: "ok", State.SUSPECT: "doubt", State.LATE: "late", State.SILENT: "down", State.NEVER: "none"}
_PLACES = 12  # départements of one source


@dataclass(frozen=True, slots=True)
class Row:
    """A source in a table: its name, what it is, its state in words with a tone, and what it brought."""

    name: str
    title: str
    about: str
    state: str
    tone: str
    reason: str
    last_success: str
    week: str
    usual: str
    bar: tuple[float, float, float] | None  # per cent: got, where the usual begins, how wide it is
    newest: tuple[str, str] | None  # the id of a tender, the day

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever read of it, nor tried."""
        return not (self.last_success or self.week or self.reason)


def show_rows(judged: Sequence[Freshness], brought: dict[str, Receipt], now: datetime, language: str) -> list[Row]:
    """Return the sources that were described, then those that only files brought."""
    rows = [_row(one.source.name, one, brought.get(one.source.name), now, language) for one in judged]
    described = {one.source.name for one in judged}
    return rows + [_row(name, None, brought[name], now, language) for name in sorted(brought.keys() - described)]


def _row(name: str, one: Freshness | None, brought: Receipt | None, now: datetime, language: str) -> Row:
    _ = translator(language).gettext
    state = one.state if one else State.NEVER
    success = one.last_success if one else None
    return Row(
        name=name,
        title=title_of(one.source, language) if one else source_name(name),
        about=_(JOURNALS[name]) if name in JOURNALS else "",
        state=_("From files") if brought and state is State.NEVER else say_state(state, language),
        tone=_TONES[state],
        reason=say_reason(one, now, language) if one else "",
        last_success=short_moment(success, language, now=now) if success else "",
        week=say_number(brought.week, language) if brought else "",
        usual=_say_usual(brought, language),
        bar=_bar(brought) if brought else None,
        newest=(brought.newest[0], day(brought.newest[1], language, now=now)) if brought and brought.newest else None,
    )


def _say_usual(brought: Receipt | None, language: str) -> str:
    if brought is None or brought.usual is None:
        return ""
    low, high = (say_number(number, language) for number in brought.usual)
    return translator(language).gettext("usually %(low)s to %(high)s") % {"low": low, "high": high}


def _bar(brought: Receipt) -> tuple[float, float, float] | None:
    if brought.usual is None:
        return None
    low, high = brought.usual
    whole = max(high, brought.week, 1) * 1.25
    return tuple(round(100 * part / whole, 1) for part in (brought.week, low, high - low))  # type: ignore[return-value]


def show_totals(judged: Sequence[Freshness], language: str) -> list[dict[str, str]]:
    """Return the figures on top: how many sources there are, and how many in each state."""
    say = translator(language)
    _ = say.gettext
    states, seen = Counter(one.state for one in judged), cover(judged)
    read_at = seen.read_at if seen else None
    under = _("read on %(when)s") % {"when": long_moment(read_at, language)} if read_at else _("none was read yet")
    shown = [{"tone": "", "name": _("Sources watched"), "count": str(len(judged)), "under": under}]
    notes = {
        State.FRESH: _("read in time, with what they usually bring"),
        State.SUSPECT: _("read in time, but something is doubtful"),
        State.LATE: _("not read within their usual hours"),
        State.SILENT: _("nothing new for longer than ever before"),
        State.NEVER: _("no reading has come to its end"),
    }
    return shown + [
        {
            "tone": _TONES[state],
            "name": say_state(state, language),
            "count": str(states[state]),
            "under": note,
        }
        for state, note in notes.items()
        if states[state] or state is State.FRESH
    ]


def show_worst(judged: Sequence[Freshness], now: datetime, language: str) -> dict[str, Any] | None:
    """Say the worst fault there is, None where every source that was ever read is read in time and beyond doubt."""
    for state in _WORST:
        for one in judged:
            if one.state is state:
                return {
                    "name": one.source.name,
                    "title": title_of(one.source, language),
                    "tone": "stop" if state is State.SILENT else "warn",
                    "said": say_reason(one, now, language),
                    "homepage": web_link(one.source.homepage),
                    "detail": next((run.reason for run in one.runs if run.reason), ""),
                }
    return None


def show_checks(receipts: Receipts, brought: dict[str, Receipt], now: datetime, language: str) -> list[str]:
    """Return the cross-checks, each computed at this moment."""
    say = translator(language)
    _ = say.gettext

    def number(count: int) -> str:
        return say_number(count, language)

    compared = receipts.compare()
    said = []
    if compared.waiting:
        said.append(
            say.ngettext(
                "%(count)s notice or change is not yet in the search.",
                "%(count)s notices and changes are not yet in the search.",
                compared.waiting,
            )
            % {"count": number(compared.waiting)}
        )
    elif compared.held == compared.stored:
        said.append(
            _("Record and index hold the same %(count)s tenders; no notice waits.") % {"count": number(compared.held)}
        )
    else:
        values = {"held": number(compared.held), "stored": number(compared.stored)}
        said.append(_("The record holds %(stored)s tenders, the index %(held)s: some cannot be found.") % values)
    for one, other in receipts.pairs(brought):
        values = {
            "one": source_name(one),
            "other": source_name(other),
            "count": number(receipts.shared(one, other, now)),
            "of": number(brought[one].held),
        }
        said.append(_("Tenders of %(one)s that are also known from %(other)s: %(count)s of %(of)s.") % values)
    if compared.refused:
        said.append(
            say.ngettext(
                "%(count)s entry could not be read: it is kept with the reason, and tried again when its reader is "
                "mended.",
                "%(count)s entries could not be read: each is kept with the reason, and tried again when its reader is "
                "mended.",
                compared.refused,
            )
            % {"count": number(compared.refused)}
        )
    else:
        said.append(_("Everything that was read was understood."))
    return said


def show_runs(one: Freshness, now: datetime, language: str) -> list[dict[str, str]]:
    """Return the recent crawls of a source, newest first."""
    _ = translator(language).gettext
    words = {
        RunState.RUNNING: _("under way"),
        RunState.DONE: _("to its end"),
        RunState.SUSPECT: _("to its end, doubtful"),
        RunState.FAILED: _("failed"),
    }
    return [
        {
            "at": short_moment(run.started, language, now=now),
            "state": words[run.state],
            "read": say_number(run.read, language),
            "new": say_number(run.new, language),
            "quarantined": say_number(run.quarantined, language),
            "reason": run.reason or "",
        }
        for run in one.runs
    ]


def show_places(counts: Counts, name: str, now: datetime, language: str) -> list[dict[str, str]]:
    """Return where the open tenders of a source are: its départements with the most, each with its search."""
    found = counts.by(Facet.DEPT, Query(source=(name,), status=("open",)), now)
    return [
        {
            "name": name_of("dept", code, language),
            "count": say_number(count, language),
            "form": to_url(Query(source=(name,), status=("open",), dept=(code,))),
        }
        for code, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_PLACES]
    ]


def source_routes(pages: Pages, counts: Counts) -> APIRouter:
    """Return the routes of the two pages."""
    router = APIRouter(include_in_schema=False)
    receipts = Receipts(pages.desk, counts)

    @router.get("/sources")
    def sources(request: Request) -> Response:
        now, language = pages.desk.clock(), language_of(request)
        judged, brought = pages.watch.look(now), receipts.look(now)
        rows = show_rows(judged, brought, now, language)
        return pages.answer(
            request,
            "sources.jinja",
            totals=show_totals(judged, language),
            worst=show_worst(judged, now, language),
            journals=[row for row in rows if row.name in JOURNALS],
            portals=[row for row in rows if row.name not in JOURNALS and not row.untouched],
            untouched=[row for row in rows if row.name not in JOURNALS and row.untouched],
            checks=show_checks(receipts, brought, now, language) if brought else [],
        )

    @router.get("/sources/{name}")
    def source(request: Request, name: str) -> Response:
        now, language = pages.desk.clock(), language_of(request)
        one = next((one for one in pages.watch.look(now) if one.source.name == name), None)
        brought = receipts.look(now)
        if one is None and name not in brought:
            return pages.show_problem(request, not_found("there is no source of this name"))
        of_source = Query(source=(name,))
        here = brought.get(name)
        return pages.answer(
            request,
            "source.jinja",
            row=_row(name, one, here, now, language),
            homepage=web_link(one.source.homepage) if one else None,
            licence=translator(language).gettext(one.source.licence) if one and one.source.licence else "",
            due=short_moment(one.expected_by, language, now=now) if one and one.expected_by else "",
            held=say_number(here.held, language) if here else "",
            open=say_number(counts.total(Query(source=(name,), status=("open",)), now), language) if here else "",
            every_form=to_url(of_source),
            open_form=to_url(Query(source=(name,), status=("open",))),
            places=show_places(counts, name, now, language) if here else [],
            runs=show_runs(one, now, language) if one else [],
        )

    return router
