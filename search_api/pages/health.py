"""How a source is doing, in words."""

from __future__ import annotations

from datetime import datetime

from tenders.phrasing import short_moment
from tenders.store.sources import Described, Freshness, RunState, State
from tenders.translations import N_, translator
from tenders.vocabulary import source_name

_STATES = {
    State.FRESH: N_("Up to date"),
    State.SUSPECT: N_("To be checked"),
    State.LATE: N_("Late"),
    State.SILENT: N_("Silent"),
    State.NEVER: N_("Not read yet"),
}


def title_of(source: Described, language: str) -> str:
    """Return a source's own title, in the reader's language where it has words of ours."""
    title = translator(language).gettext(source.title) if source.title else ""
    return title or source_name(source.name)


def say_state(state: State, language: str) -> str:
    """Name a state."""
    return translator(language).gettext(_STATES[state])


def say_reason(one: Freshness, now: datetime, language: str) -> str:
    """Say what is wrong with a source and since when; "" where nothing is. A failed try is told though it is fresh."""
    _ = translator(language).gettext

    def at(moment: datetime | None) -> str:
        return short_moment(moment, language, now=now) if moment else ""

    failed = next((run for run in one.runs[:1] if run.state is RunState.FAILED), None)
    if one.state is State.SILENT and one.last_item:
        return _("Nothing new since %(when)s.") % {"when": at(one.last_item)}
    if one.state is State.SILENT:
        return _("It was read, and has never brought anything.")
    if one.state is State.LATE:
        return _("Its next reading was due by %(when)s.") % {"when": at(one.expected_by)}
    if failed:
        return _("The last try, on %(when)s, failed.") % {"when": at(failed.ended or failed.started)}
    if one.state is State.SUSPECT:
        return _("It brought less than usual, or something that looks wrong.")
    return ""
