"""What became of a procedure: who won which lot, whether all is decided, whether it was called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.analysis import words
from indexer.lots import lot_key, lot_names
from indexer.sayings import Saying, believed
from indexer.trust import TRUST, Act
from tenders.model import Award, Lot, NoticeKind

_LATER = frozenset({NoticeKind.MODIFICATION, NoticeKind.COMPLETION})  # of a contract that was concluded


@dataclass(frozen=True, slots=True)
class Outcome:
    """The awards that stand, and what follows from them for the whole."""

    awards: tuple[Award, ...]
    awarded: bool
    cancelled: bool


def has_winner(award: Award) -> bool:
    """Whether an award tells that a lot was won. Where a lot has no winner, price nor date, nobody won it (BT-142)."""
    return bool(award.suppliers) or award.value is not None or award.date is not None or award.lot is None


def read_outcome(
    sayings: Sequence[Saying], lots: Sequence[Lot], lot_count: int | None, provenance: dict[str, str]
) -> Outcome:
    """Return what became of a procedure; writes into `provenance` where the awards come from.

    It is awarded when an outcome speaks of the whole, or every lot is decided and one at least was won. When every lot
    is decided and none was won, no contract follows: it is cancelled. An outcome of some lots leaves the rest to the
    deadline; where no call tells of a deadline, any outcome is the end.
    """
    names = lot_names(lots)
    awards = _awards(sayings, names, provenance)
    decided = _is_decided(sayings, awards, names, max(len(lots), lot_count or 0))
    won = any(map(has_winner, awards)) or not awards
    return Outcome(awards, decided and won, _is_called_off(sayings) or (decided and not won))


def _key(award: Award, names: Mapping[str, str]) -> str | None:
    return None if award.lot is None else names.get(lot_key(award.lot), lot_key(award.lot))


def _awards(sayings: Sequence[Saying], names: Mapping[str, str], provenance: dict[str, str]) -> tuple[Award, ...]:
    """Take of each lot what the latest outcome says of it, and what is said of the whole once."""
    outcomes = believed(sayings, TRUST["awards"])
    replaced = _replaced(outcomes)
    holders: dict[str, Saying] = {}
    for saying in outcomes:
        for key in dict.fromkeys(_key(award, names) for award in saying.notice.awards):
            if key is not None:
                holders.setdefault(key, saying)
    kept: list[tuple[Saying, Award]] = []
    for saying in (s for s in sayings if s.act is Act.OUTCOME):
        for award in saying.notice.awards:
            key = _key(award, names)
            if holders[key] is saying if key is not None else saying.notice.key not in replaced:
                kept.append((saying, award))
    stand = [(s, a) for s, a in kept if not (a.lot is None and _is_repeated(s, a, kept))]
    if stand:
        provenance["awards"] = stand[-1][0].notice.key
        for saying, award in stand:
            if award.lot is not None and saying.notice.key != provenance["awards"]:
                provenance[f"awards.{award.lot}"] = saying.notice.key
    return tuple(dict.fromkeys(award for _, award in stand))


def _replaced(outcomes: Sequence[Saying]) -> frozenset[str]:
    """Return the outcomes whose word of the whole a correction took back: those it names, else the only one before."""
    found: set[str] = set()
    for saying in outcomes:
        if saying.notice.kind is NoticeKind.CHANGE:
            earlier = [s.notice for s in outcomes if s.order < saying.order]
            named = [n.key for n in earlier if {n.key, n.source_id} & set(saying.notice.supersedes)]
            found |= set(named or [n.key for n in earlier if len(earlier) == 1])
    return frozenset(found)


def _winners(award: Award) -> frozenset[str]:
    return frozenset(" ".join(words(supplier.name or supplier.id or "")) for supplier in award.suppliers)


def _is_repeated(saying: Saying, award: Award, kept: Sequence[tuple[Saying, Award]]) -> bool:
    """Whether another source names the winners of an award of the whole: lot by lot, or earlier than this one."""
    others = [
        other
        for s, other in kept
        if s.notice.source != saying.notice.source and (other.lot is not None or s.order < saying.order)
    ]
    winners = _winners(award)
    return bool(winners) and winners <= frozenset().union(*map(_winners, others))


def _is_decided(sayings: Sequence[Saying], awards: Sequence[Award], names: Mapping[str, str], total: int) -> bool:
    outcomes = [saying.notice for saying in sayings if saying.act is Act.OUTCOME]
    if not outcomes:
        return False
    if not any(saying.act in (Act.CALL, Act.CORRECTION) for saying in sayings):
        return True
    if any(not notice.awards or notice.kind in _LATER for notice in outcomes):
        return True
    keys = {_key(award, names) for award in awards}
    lots = set(names.values())
    return None in keys or len(keys) >= total or (bool(lots) and lots <= keys and len(lots) >= total)


def _is_called_off(sayings: Sequence[Saying]) -> bool:
    """Whether no call stands any more, by the notices in order; a platform's page says it of now.

    A cancellation takes back one call: that which it names, else the first of its source and family. Buyers publish a
    call again and cancel the other text of it, so what was taken back is often not the procedure. Of one day the
    numbers tell the order: the cancellation comes first where the call is the new one. A later call, correction or
    outcome says that the procedure goes on.
    """
    standing: list[Saying] = []
    cancelled = False
    for saying in sorted(sayings, key=lambda s: (s.round, s.is_live and s.act is Act.CANCELLATION, s.unturned)):
        if saying.act is Act.CALL:
            standing.append(saying)
        if saying.act is Act.CANCELLATION:
            gone = None if saying.is_live else _taken_back(saying, standing)
            standing = [call for call in standing if call is not gone]
            ours = [call for call in standing if call.notice.source == saying.notice.source]
            cancelled = cancelled or saying.is_live or not ours
        elif saying.act in (Act.CALL, Act.CORRECTION) or (saying.act is Act.OUTCOME and _ends_in_contract(saying)):
            cancelled = False
    return cancelled


def _taken_back(saying: Saying, standing: Sequence[Saying]) -> Saying | None:
    ours = [call for call in standing if call.notice.source == saying.notice.source]
    named = [call for call in ours if {call.notice.key, call.notice.source_id} & set(saying.notice.supersedes)]
    alike = [
        call for call in ours if None in (families := {call.notice.family, saying.notice.family}) or len(families) < 2
    ]
    return next(iter(named or alike), None)


def _ends_in_contract(saying: Saying) -> bool:
    return not saying.notice.awards or any(map(has_winner, saying.notice.awards))
