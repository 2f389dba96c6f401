"""Where notices that stand say different things of one fact: the tender shows one, and keeps the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from indexer.sayings import Saying
from indexer.trust import Act
from tenders import canonical
from tenders.model import Contradiction, Money, Notice, Procedure

_STANDING: Final = frozenset({Act.CALL, Act.CORRECTION})
_SIREN: Final = 9  # digits of a SIRET that name the body; the rest names one of its places


def _same_codes(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the codes of one lie under, or above, some of the other: 45261 is 45 said more exactly."""
    return any(_bare(a).startswith(_bare(b)) or _bare(b).startswith(_bare(a)) for a in one for b in other)


def _bare(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")


def _same_procedure(one: Procedure, other: Procedure) -> bool:
    return one is other or Procedure.OTHER in (one, other)  # "other" denies nothing


def _same_body(one: str, other: str) -> bool:
    return one == other or (one[:_SIREN] == other[:_SIREN] and one[:_SIREN].isdecimal())


def _same_money(one: Money, other: Money) -> bool:
    return one.currency != other.currency or one.amount == other.amount  # two currencies cannot be held together


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other)


# field -> whether two statements of it agree
_AGREE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "deadline": _equal,
    "value": _same_money,
    "cpv": _same_codes,
    "nature": _equal,
    "procedure": _same_procedure,
    "places": _same_codes,
    "buyer.id": _same_body,
}


def _stated(notice: Notice, name: str) -> Any:
    return notice.buyer.id if name == "buyer.id" else getattr(notice, name)


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return f"{canonical.amount_text(value.amount)} {value.currency}"
    if isinstance(value, tuple):
        return " ".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def find_contradictions(sayings: Sequence[Saying], provenance: Mapping[str, str]) -> tuple[Contradiction, ...]:
    """Return what standing calls and corrections say otherwise than the merged record, each value once.

    What a later call or correction moved is no contradiction, nor what a platform's page still shows of it.
    """
    return tuple(found for name in _AGREE for found in _of_field(name, sayings, provenance))


def _of_field(name: str, sayings: Sequence[Saying], provenance: Mapping[str, str]) -> Iterator[Contradiction]:
    agree, key = _AGREE[name], provenance.get(name) or provenance.get(name.partition(".")[0])
    believed = next((s for s in sayings if s.notice.key == key and s.act in _STANDING), None)
    if believed is None or not _stated(believed.notice, name):
        return
    held = [_stated(believed.notice, name)]
    for saying in sayings:
        value = _stated(saying.notice, name)
        if saying.act not in _STANDING or not value or any(agree(value, known) for known in held):
            continue
        if not _is_moved(saying, believed) and not (saying.is_live and _is_stale(name, value, believed, sayings)):
            held.append(value)
            yield Contradiction(field=name, value=_text(value), notice=saying.notice.key)


def _is_moved(saying: Saying, believed: Saying) -> bool:
    """Whether the notice that is believed took the place of what `saying` says."""
    if saying.round < believed.round:
        return True
    if believed.act is Act.CALL:
        return saying.notice.source == believed.notice.source and saying.day < believed.day
    return not saying.is_live and saying.order < believed.order


def _is_stale(name: str, value: Any, believed: Saying, sayings: Sequence[Saying]) -> bool:
    """Whether a live page shows what the correction that is believed moved: what was said before it, or nobody said."""
    if believed.act is not Act.CORRECTION:
        return False
    before = [s.notice for s in sayings if s.act in _STANDING and s.order < believed.order and not s.is_live]
    said = [known for notice in before if (known := _stated(notice, name))]
    return not said or any(_AGREE[name](value, known) for known in said)
