"""Whom the merged record believes for each field, and that it says so, whatever the order of arrival."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from indexer.merge import merge
from indexer.trust import TRUST
from tenders.codes import Cpv
from tenders.model import Buyer, Document, Lot, Money, Notice, NoticeKind, Strategic, Tender, Translation
from tests.indexer.random_tenders import random_notice
from tests.notices import notice


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+02:00")


JOURNAL = notice("26-1", deadline=moment("06-17T12:00"), published=date(2026, 5, 6), url="https://journal.example/1")
PLATFORM = notice(
    "77", "REFECTION TOITURE ECOLE", source="place", deadline=moment("06-17T11:00"), published=date(2026, 5, 4),
    reference="2026-14", url="https://platform.example/77", buyer=Buyer(name="COMMUNE DE VALLEBRUNE"),
)  # fmt: skip
FEED = notice("f", "Toiture à refaire !", source="echo", buyer=Buyer(), deadline=None, published=date(2026, 5, 1))
CORRECTION = notice(
    "26-9", "Rectificatif - Réfection de la toiture", kind=NoticeKind.CHANGE, supersedes=("26-1",),
    published=date(2026, 5, 25), deadline=moment("06-30T12:00"),
)  # fmt: skip


def said_by(tender: Tender, *names: str) -> list[str]:
    return [tender.provenance[name] for name in names]


def test_every_field_of_a_notice_has_a_rule_or_names_the_record() -> None:
    gathered = {"source", "source_id", "kind", "published", "supersedes", "links"}
    assert TRUST.keys() | gathered == {field.name for field in fields(Notice)}
    assert not TRUST.keys() & gathered


def test_the_journal_says_what_is_bought_and_the_platform_how_to_bid() -> None:
    tender = merge([FEED, PLATFORM, JOURNAL])
    assert said_by(tender, "title", "url", "reference", "deadline") == [
        "boamp:26-1", "place:77", "place:77", "place:77",
    ]  # fmt: skip
    assert tender.merged.deadline == PLATFORM.deadline
    assert (tender.merged.published, tender.provenance["published"]) == (date(2026, 5, 1), "echo:f")


def test_a_feed_is_believed_only_where_nobody_else_says_anything() -> None:
    feed = replace(FEED, description="Trois pans de tuiles.", documents=(Document(url="https://echo.example/1"),))
    tender = merge([feed, replace(JOURNAL, description="Tuiles plates.")])
    assert tender.merged.description == "Tuiles plates."
    assert said_by(tender, "title", "documents") == ["boamp:26-1", "echo:f"]


def test_a_correction_moves_what_it_states_and_leaves_the_words_to_the_call() -> None:
    corrected = replace(CORRECTION, cpv=(Cpv("45261210"),), value=None)
    tender = merge([PLATFORM, replace(JOURNAL, cpv=(Cpv("45261000"),), value=Money(Decimal(9))), corrected])
    assert said_by(tender, "deadline", "cpv", "value", "title") == [
        "boamp:26-9", "boamp:26-9", "boamp:26-1", "boamp:26-1",
    ]  # fmt: skip


def test_a_later_round_takes_the_place_of_corrections_of_an_earlier_one() -> None:
    again = replace(JOURNAL, source_id="26-20", published=date(2026, 7, 1), deadline=moment("08-01T12:00"))
    assert merge([JOURNAL, CORRECTION, again]).merged.deadline == again.deadline
    twin = replace(JOURNAL, source="ted", published=date(2026, 5, 12))  # of one round, though published after
    assert (
        merge([JOURNAL, replace(CORRECTION, published=date(2026, 5, 8)), twin]).provenance["deadline"] == "boamp:26-9"
    )


def test_of_two_journals_the_fuller_text_of_the_call_is_believed() -> None:
    full = replace(
        JOURNAL, source="ted", title="Réfection complète", published=date(2026, 5, 9), cpv=(Cpv("45261000"),)
    )
    assert merge([JOURNAL, full]).merged.title == "Réfection complète"


def test_what_announces_a_winner_says_nothing_of_how_long_one_may_bid() -> None:
    result = notice(
        "26-30", kind=NoticeKind.RESULT, deadline=None, display_until=date(2026, 12, 1), published=date(2026, 9, 1)
    )
    tender = merge([replace(JOURNAL, deadline=None), result])
    assert tender.merged.display_until is None
    assert "display_until" not in tender.provenance


def test_a_notice_without_a_day_speaks_after_the_one_it_names() -> None:
    call = replace(JOURNAL, published=None)
    change = replace(CORRECTION, published=None)
    for order in ([call, change], [change, call]):
        assert merge(order).merged.deadline == CORRECTION.deadline


def test_the_buyer_is_one_with_its_number_from_one_notice_and_its_postcode_from_another() -> None:
    numbered = replace(PLATFORM, buyer=Buyer(name="COMMUNE DE VALLEBRUNE", id="21210231900012"))
    placed = replace(JOURNAL, source="ted", source_id="5-2026", buyer=Buyer(id="21210231900012", postcode="21999"))
    stranger = replace(CORRECTION, buyer=Buyer(name="Syndicat des eaux", town="Ailleurs"))
    tender = merge([replace(JOURNAL, language="fr", family="fns"), numbered, placed, stranger])
    assert tender.merged.buyer == Buyer(
        name="Commune de Vallebrune", id="21210231900012", postcode="21999", country="FR"
    )
    assert said_by(tender, "buyer.name", "buyer.id", "buyer.postcode") == ["boamp:26-1", "place:77", "ted:5-2026"]
    assert "buyer.town" not in tender.provenance


def test_flags_and_translations_are_gathered_from_all() -> None:
    green = replace(JOURNAL, strategic=Strategic(green=True), translations={"en": Translation(title="Roof")})
    social = replace(CORRECTION, strategic=Strategic(green=False, social=True))
    tender = merge([green, social])
    assert (tender.merged.strategic.green, tender.merged.strategic.social) == (True, True)
    assert said_by(tender, "strategic.green", "strategic.social", "translations") == [
        "boamp:26-1", "boamp:26-9", "boamp:26-1",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_nothing_but_the_id_depends_on_the_order_of_arrival(seed: int) -> None:
    draw = random.Random(seed)
    notices = [random_notice(draw, number) for number in range(draw.randint(2, 6))]
    merged = merge(notices)
    for _ in range(5):
        draw.shuffle(notices)
        again = merge(notices)
        assert replace(again, id=merged.id, notices=merged.notices) == merged


@pytest.mark.parametrize("seed", range(150))
def test_provenance_tells_the_truth_of_every_field(seed: int) -> None:
    draw = random.Random(1000 + seed)
    tender = merge([random_notice(draw, number) for number in range(draw.randint(1, 6))])
    by_key = {one.key: one for one in tender.notices}
    for field in fields(Notice):
        value = getattr(tender.merged, field.name)
        if value not in (None, (), {}, "") and field.name not in ("source", "source_id", "strategic"):
            assert field.name in tender.provenance, field.name
    for name, key in tender.provenance.items():
        whole, _, part = name.partition(".")
        merged, stated = getattr(tender.merged, whole), getattr(by_key[key], whole)
        if whole in ("buyer", "strategic") and part:
            assert getattr(merged, part) == getattr(stated, part) is not None
        elif whole == "lots" and part:
            lot, _, fact = part.rpartition(".")
            assert getattr(_lot(merged, lot), fact) == getattr(_lot(stated, lot), fact)
        elif whole == "awards" and part:
            own = {award for award in merged if award.lot == part}
            assert own and own <= set(stated)
        elif name not in ("kind", "buyer", "lots", "lot_count", "awards", "links", "supersedes", "translations"):
            assert merged == stated


def _lot(lots: tuple[Lot, ...], lot_id: str) -> Lot:
    return next(lot for lot in lots if lot.id == lot_id)
