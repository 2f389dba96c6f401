"""A material change is what the definition says, and nothing else: held against an independent statement of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from indexer.material import material_changes, material_facts
from indexer.merge import merge
from tenders.codes import Cpv, Nuts
from tenders.model import Award, Buyer, Document, Lot, Money, Notice, NoticeKind, PredictedCpv, Supplier, Tender
from tenders.store.tenders import load_history
from tests.indexer.random_tenders import random_notice
from tests.notices import House, notice


def changed(before: Tender, after: Tender, **how: bool) -> set[str]:
    return set(material_changes(material_facts(before), material_facts(after), **{"deeper": False, **how}))


def is_material(before: Tender, after: Tender) -> bool:
    """The definition in words: deadline (end of display where none), cancellation, lots, documents, value, award."""
    one, other = before.merged, after.merged
    if one.deadline and other.deadline:
        moved = one.deadline.timestamp() != other.deadline.timestamp()
    elif one.deadline or other.deadline:
        moved = True
    else:
        moved = one.display_until != other.display_until
    winners = [
        sorted((_number(a.lot), tuple(s.name or s.id for s in a.suppliers)) for a in t.awards) for t in (one, other)
    ]
    return (
        moved
        or before.cancelled != after.cancelled
        or before.awarded != after.awarded
        or {_number(lot.id) for lot in one.lots} != {_number(lot.id) for lot in other.lots}
        or [d.url or d.title for d in _sorted(one)] != [d.url or d.title for d in _sorted(other)]
        or (one.value and (one.value.amount, one.value.currency))
        != (other.value and (other.value.amount, other.value.currency))
        or winners[0] != winners[1]
    )


def _number(lot_id: str | None) -> str:
    return (lot_id or "").removeprefix("LOT-").lstrip("0")


def _sorted(merged: Notice) -> list[Document]:
    return sorted(merged.documents, key=lambda document: document.url or document.title or "")


def _change(draw: random.Random, told: Notice) -> Notice:
    """Return the notice with one or two things said otherwise, material or not."""
    winner = Award(lot=draw.choice((None, "1", "LOT-2")), suppliers=(Supplier(name=draw.choice("AB")),))
    choices: list[dict[str, Any]] = [
        {"title": "Autre titre"},
        {"description": draw.choice((None, "Autre description"))},
        {"cpv": (Cpv("45000000"),)},
        {"buyer": Buyer(name="Autre nom")},
        {"reference": "2026-99"},
        {"deadline": draw.choice((None, datetime.fromisoformat("2026-06-01T12:00:00+02:00")))},
        {"deadline": told.deadline and told.deadline.astimezone(UTC)},
        {"display_until": draw.choice((None, date(2026, 6, 2)))},
        {"documents": tuple(Document(url=f"https://a.example/{n}") for n in range(draw.randint(0, 2)))},
        {"value": draw.choice((None, Money(Decimal("89999.990")), Money(Decimal(7)), Money(Decimal(7), "SEK")))},
        {"lots": tuple(Lot(id=f"LOT-000{n}") for n in range(1, draw.randint(1, 4)))},
        {"lots": tuple(replace(lot, title="Autre lot") for lot in told.lots)},
        {"awards": (winner,)},
        {"kind": draw.choice(tuple(NoticeKind))},
    ]  # fmt: skip
    said: dict[str, Any] = {}
    for choice in draw.sample(choices, draw.randint(1, 2)):
        said |= choice
    return replace(told, **said)


@pytest.mark.parametrize("seed", range(300))
def test_what_changed_is_what_the_definition_says(seed: int) -> None:
    draw = random.Random(seed)
    notices = [random_notice(draw, number) for number in range(draw.randint(1, 4))]
    before = merge(notices)
    place = draw.randrange(len(notices))
    later = [*notices[:place], _change(draw, notices[place]), *notices[place + 1 :]]
    if draw.random() < 0.4:
        later.append(random_notice(draw, 90))
    after = merge(later)
    assert bool(changed(before, after)) == is_material(before, after)


CALL = notice(
    value=Money(Decimal(5)), lots=(Lot(id="1"), Lot(id="2")), documents=(Document(url="https://a.example/1"),)
)


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Autre titre"},
        {"description": "Autre"},
        {"buyer": Buyer(name="Autre")},
        {"cpv": (Cpv("45000000"),)},
        {"display_until": date(2026, 7, 1)},  # a deadline is known
        {"lots": (Lot(id="LOT-0001", title="Couverture"), Lot(id="LOT-0002"))},
        {"value": Money(Decimal("5.000"))},
        {"deadline": datetime.fromisoformat("2026-06-17T10:00:00+00:00")},
    ],
)
def test_these_are_no_material_changes(said: dict[str, Any]) -> None:
    assert changed(merge([CALL]), merge([replace(CALL, **said)])) == set()


def test_a_winner_without_a_name_is_no_news_beside_others_and_news_alone() -> None:
    named, person = Supplier(name="Val"), Supplier(place=Nuts("FRC11"))

    def result(*suppliers: Supplier) -> Tender:
        return merge([notice(kind=NoticeKind.RESULT, awards=(Award(lot="1", suppliers=suppliers),))])

    assert changed(result(named), result(named, person)) == set()
    assert "awarded" in changed(result(), result(person))


def test_predicted_codes_are_no_material_change() -> None:
    tender = merge([CALL])
    guessed = replace(tender, cpv_predicted=(PredictedCpv(code=Cpv("45000000"), probability=0.9),), classifier="2")
    assert changed(tender, guessed) == set()


PAGE = replace(
    CALL, source="place", source_id="77", value=Money(Decimal(6)), lots=(Lot(id="1"),), reference="2026-14",
    documents=(Document(url="https://b.example/1"),),
)  # fmt: skip


def history(house: House, *steps: tuple[Notice, ...]) -> list[tuple[str, set[str]]]:
    for step in steps:
        house.bring(*step)
    with house.store.reading() as connection:
        revisions = load_history(connection, merge(steps[0]).id)
    return [(revision.notice, set(revision.fields)) for revision in reversed(revisions)]


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = House(tmp_path)
    yield made
    made.close()


def test_a_new_source_of_the_same_call_is_told_to_nobody(house: House) -> None:
    assert history(house, (CALL,), (PAGE,)) == [("boamp:26-1", set())]


def test_a_new_source_with_another_deadline_is_told(house: House) -> None:
    other = replace(PAGE, links={"boamp": "26-1"}, deadline=datetime.fromisoformat("2026-06-16T12:00:00+02:00"))
    assert history(house, (CALL,), (other,)) == [("boamp:26-1", set()), ("place:77", {"deadline"})]


def test_a_correction_by_a_new_source_is_told_whole(house: House) -> None:
    corrected = notice(
        "9-2026", source="ted", kind=NoticeKind.CHANGE, supersedes=("boamp:26-1",), published=date(2026, 5, 25),
        value=Money(Decimal(6)), lots=(Lot(id="LOT-0001"),), deadline=None,
    )  # fmt: skip
    assert history(house, (CALL,), (corrected,)) == [("boamp:26-1", set()), ("ted:9-2026", {"lots", "value"})]


def test_each_revision_names_the_notice_that_says_it_though_several_come_at_once(house: House) -> None:
    moved = notice(
        "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
        deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
    )  # fmt: skip
    silent = notice("26-10", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 24), deadline=None)
    assert history(house, (CALL,), (moved, silent)) == [("boamp:26-1", set()), ("boamp:26-9", {"deadline"})]
