"""The notices of one procedure in the order they speak, with what decides whom to believe; free of arrival order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from indexer.trust import Act, Rule, Standing, act_of, standing_of
from tenders.model import Notice

ROUND_DAYS: Final = 10  # one call stands in all its journals and on the buyer's platform within so many days
_DEEPEST: Final = 50  # corrections of corrections that are followed


@dataclass(frozen=True, slots=True)
class Saying:
    """One notice among those of its procedure.

    `day` is when it speaks, `round` counts the calls it follows, `told` the fields it states: what tells more is the
    fuller text of the same call.
    """

    notice: Notice
    act: Act
    standing: Standing
    day: date
    round: int
    told: int
    order: tuple[date, int, tuple[int, ...], str]  # day, what it names and does, number
    unturned: tuple[date, int, tuple[int, ...], str]  # the same, whatever it does

    @property
    def is_live(self) -> bool:
        """Whether it is a page that its platform keeps up to date, so that it speaks of now and not of its day."""
        return self.standing is Standing.PLATFORM


def is_known(notice: Notice, name: str) -> bool:
    """Whether a notice states a field."""
    return getattr(notice, name) not in (None, (), {}, "")


def weigh(notices: Sequence[Notice]) -> list[Saying]:
    """Return the notices in the order they speak.

    One without a day of publication speaks on that of the notice it names, or of the latest call. On one day a notice
    speaks after those it names, a correction after calls, an outcome last, then by number.
    """
    acts = [act_of(notice) for notice in notices]
    days = _days(notices, acts)
    starts = _rounds(
        day
        for notice, act, day in zip(notices, acts, days, strict=True)
        if act is Act.CALL or (act is Act.CANCELLATION and standing_of(notice) is Standing.PLATFORM)
    )
    depths = _depths(notices)
    sayings = [
        Saying(
            notice,
            act,
            standing_of(notice),
            day,
            sum(start <= day for start in starts),
            sum(is_known(notice, name) for name in _FIELDS),
            (day, depths[notice.key] * 10 + _TURNS[act], _numbers(notice.source_id), notice.key),
            (day, depths[notice.key], _numbers(notice.source_id), notice.key),
        )
        for notice, act, day in zip(notices, acts, days, strict=True)
    ]
    return sorted(sayings, key=lambda saying: saying.order)


_TURNS: Final = {Act.EARLY: 0, Act.CALL: 1, Act.CORRECTION: 2, Act.CANCELLATION: 3, Act.OUTCOME: 4}


_FIELDS: Final = tuple(field.name for field in fields(Notice))


def believed(sayings: Sequence[Saying], rule: Rule) -> list[Saying]:
    """Return the sayings that count for a field, the most trusted first."""
    if len(sayings) == 1:
        return [saying for saying in sayings if saying.act in rule.believed]
    places = {act: place for place, group in enumerate(rule.acts) for act in group}
    sources = {source: place for place, source in enumerate(rule.sources)}
    counted = [saying for saying in sayings if saying.act in places]
    if rule.moved:
        counted.reverse()  # the sort is stable: what speaks later goes before
        return sorted(counted, key=lambda s: (places[s.act], -s.round, *_moved(s, sources)))
    return sorted(counted, key=lambda s: (places[s.act], sources[s.standing], -s.told, s.order))


def _moved(saying: Saying, sources: Mapping[Standing, int]) -> tuple[int, int, int, int]:
    if saying.act is Act.CALL:
        return 1, 0, sources[saying.standing], -saying.told
    return 0, -saying.day.toordinal(), sources[saying.standing], 0


def _days(notices: Sequence[Notice], acts: Sequence[Act]) -> list[date]:
    by_name = {name: n.published for n in notices if n.published for name in (n.key, n.source_id)}
    calls = [n.published for n, act in zip(notices, acts, strict=True) if n.published and act is Act.CALL]
    latest = max(calls, default=max((n.published for n in notices if n.published), default=date.min))
    return [
        n.published or max((day for name in n.supersedes if (day := by_name.get(name))), default=latest)
        for n in notices
    ]


def _rounds(days: Iterable[date]) -> list[date]:
    """Return the days on which a new call begins."""
    starts: list[date] = []
    for day in sorted(days):
        if not starts or (day - starts[-1]).days > ROUND_DAYS:
            starts.append(day)
    return starts


def _depths(notices: Sequence[Notice]) -> dict[str, int]:
    """Return by key how long the chain is of notices that one names, and those name."""
    keys = {name: n.key for n in notices for name in (n.source_id, n.key)}
    named = {n.key: [keys[name] for name in n.supersedes if keys.get(name, n.key) != n.key] for n in notices}
    depths = dict.fromkeys(named, 0)
    for _ in range(_DEEPEST):
        deeper = {key: max((depths[other] + 1 for other in others), default=0) for key, others in named.items()}
        if deeper == depths:
            break
        depths = deeper
    return depths


def _numbers(source_id: str) -> tuple[int, ...]:
    """``21-85788`` speaks before ``21-100002``: numbers are given in order."""
    return tuple(int(digits) for digits in re.findall(r"\d{1,18}", source_id))
