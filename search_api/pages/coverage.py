"""What pages say of the sources: which were read in time. Asked of the store once a minute, whoever reads."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from tenders.errors import TendersError
from tenders.phrasing import long_moment, short_moment
from tenders.store.coverage import cover
from tenders.store.database import Store
from tenders.store.sources import Freshness, freshness
from tenders.translations import translator

_AGE = timedelta(seconds=60)
_NAMED = 3  # late sources that are named


class Watch:
    """Knows how the sources of a store are doing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._judged: tuple[Freshness, ...] = ()
        self._read_at: datetime | None = None

    def look(self, now: datetime) -> tuple[Freshness, ...]:
        """Return how every source is doing; what was known last where the store does not answer."""
        with self._lock:
            if self._read_at is None or abs(now - self._read_at) > _AGE:
                try:
                    with self._store.reading() as connection:
                        self._judged = tuple(freshness(connection, now))
                    self._read_at = now
                except TendersError:
                    pass  # the page itself says what is wrong
            return self._judged

    def say(self, now: datetime, language: str, only: Collection[str] = (), *, named: bool = True) -> tuple[str, str]:
        """Say when sources were read last, and how many of them in time; "" for what is not known.

        `only` names the sources that matter, all of them without; `named` has the late ones named.
        """
        judged = [one for one in self.look(now) if not only or one.source.name in only]
        seen = cover(judged)
        if seen is None:
            return "", ""
        say = translator(language)
        _ = say.gettext
        parts = []
        if seen.fresh:
            parts.append(
                say.ngettext("%(count)d up to date", "%(count)d up to date", seen.fresh) % {"count": seen.fresh}
            )
        if seen.late:
            late = say.ngettext("%(count)d late", "%(count)d late", len(seen.late)) % {"count": len(seen.late)}
            names = _("; ").join(_say_late(title, last, now, language) for title, last in seen.late[:_NAMED])
            parts.append(f"{late} ({names}{' …' if len(seen.late) > _NAMED else ''})" if named else late)
        if seen.doubtful:
            count = len(seen.doubtful)
            parts.append(say.ngettext("%(count)d to be checked", "%(count)d to be checked", count) % {"count": count})
        sources = say.ngettext("%(count)d source read", "%(count)d sources read", seen.sources) % {
            "count": seen.sources
        }
        read = _("Read on %(when)s") % {"when": long_moment(seen.read_at, language)} if seen.read_at else ""
        return read, sources + _(": ") + ", ".join(parts)


def _say_late(title: str, last: datetime | None, now: datetime, language: str) -> str:
    _ = translator(language).gettext
    when = _("last read on %(when)s") % {"when": short_moment(last, language, now=now)} if last else _("not read yet")
    return f"{title}, {when}"
