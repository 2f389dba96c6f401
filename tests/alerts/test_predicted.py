"""Alerts by codes that we predict: told when a notice brings them, never because another classifier judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indexer.classifier import Classifier
from tenders.codes import Cpv
from tenders.model import Document, Lot
from tenders.query_url import from_url
from tenders.store.database import mark
from tenders.store.tenders import noticed_since
from tests.alerts.test_run import MORNING, Desk
from tests.indexer.cpv.keywords import TRADES, Keywords
from tests.notices import NOON, notice

BLIND = Keywords({}, "words-0")  # an old model, which says nothing
SEEING = Keywords()
OTHER = Keywords({**TRADES, "toiture": ("30197", 0.9)}, "words-2")
ROOF = notice("26-1", "Réfection de la toiture")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.classifier = SEEING
    yield desk
    desk.close()


def judge_again(desk: Desk, by: Classifier) -> None:
    desk.classifier = by
    assert desk.build().reclassified == 1


def test_a_predicted_code_is_told_with_the_words_for_it(desk: Desk) -> None:
    desk.follow("cpv_any=452")
    desk.bring(ROOF, notice("26-2", "Fourniture de papier"), notice("26-3", "Mobilier scolaire"))
    assert desk.run().matched == 1
    text = " ".join(desk.last().split())
    assert "CPV estimé, 83 % : toiture (45261 Travaux de charpente et de couverture" in text
    assert "Pourquoi vous : CPV estimé 45261." in text


def test_a_search_for_the_buyers_codes_only_is_told_of_those_only(desk: Desk) -> None:
    desk.follow("cpv=45")
    desk.bring(ROOF)
    assert desk.run().matched == 0
    desk.bring(replace(ROOF, cpv=(Cpv("45261000"),)))
    assert desk.run().matched == 1


def test_another_classifier_tells_nobody_of_what_it_finds(desk: Desk) -> None:
    desk.classifier = BLIND
    desk.follow("cpv_any=45")
    desk.bring(ROOF)
    assert desk.run().matched == 0
    judge_again(desk, SEEING)
    with desk.store.reading() as connection:
        assert noticed_since(connection, mark(connection, "matched"), 10) == []
    assert len(list(desk.engine.stream(from_url("cpv_any=45"), NOON))) == 1
    for days in range(3):
        assert desk.run(MORNING + timedelta(days=days)).mails == 0
    desk.bring(replace(ROOF, documents=(Document(title="CCTP"),)))  # a notice selects it for the first time
    assert desk.run(MORNING + timedelta(days=4)).matched == 1
    assert desk.told() == ["NOUVEAU"]


def test_what_waits_for_the_matcher_is_judged_as_its_notice_left_it(desk: Desk) -> None:
    desk.follow("cpv_any=45")
    desk.bring(ROOF)
    judge_again(desk, OTHER)  # before the matcher came round
    assert desk.run().matched == 1
    assert desk.told() == ["NOUVEAU"]


def test_a_tender_told_is_told_neither_twice_nor_as_gone_by_another_classifier(desk: Desk) -> None:
    desk.follow("cpv_any=45")
    desk.bring(ROOF)
    assert desk.run().matched == 1
    for by in (OTHER, SEEING, BLIND):
        judge_again(desk, by)
        assert desk.run(MORNING + timedelta(hours=1)).mails == 0
    desk.bring(replace(ROOF, title="Réfection de la toiture de l'école"))  # a title edit, judged by the blind one
    assert desk.run(MORNING + timedelta(hours=2)).mails == 0
    moved = datetime.fromisoformat("2026-07-01T12:00:00+02:00")
    desk.bring(replace(ROOF, deadline=moved))
    assert desk.run(MORNING + timedelta(hours=3)).mails == 1
    assert desk.told() == ["NOUVEAU", "MODIFIÉ"]


def test_a_code_of_the_buyer_does_take_a_tender_out_of_the_set(desk: Desk) -> None:
    desk.follow("cpv_any=45")
    desk.bring(ROOF)
    desk.run()
    desk.bring(replace(ROOF, cpv=(Cpv("30197000"),)))
    desk.run(MORNING + timedelta(hours=1))
    assert desk.told() == ["NOUVEAU", "SORTI DE VOTRE RECHERCHE"]


def test_an_official_code_of_the_same_trade_is_no_news(desk: Desk) -> None:
    desk.follow("cpv_any=45")
    desk.bring(ROOF)
    desk.run()
    desk.bring(replace(ROOF, cpv=(Cpv("45261000"),)))
    assert desk.run(MORNING + timedelta(hours=1)).mails == 0


@pytest.mark.parametrize(("first", "told"), [(SEEING, ["NOUVEAU"]), (BLIND, [])])
def test_the_passing_of_time_brings_in_only_what_was_predicted_when_its_notice_came(
    desk: Desk, first: Classifier, told: list[str]
) -> None:
    desk.classifier = first
    desk.follow("cpv_any=45&deadline_within=7d")
    desk.bring(ROOF)  # closes in four weeks
    assert desk.run().mails == 0
    judge_again(desk, Keywords(version="words-3"))
    desk.run(MORNING + timedelta(days=24))
    assert desk.told() == told


def test_the_lot_that_our_code_speaks_for_is_named(desk: Desk) -> None:
    desk.follow("cpv_any=45261")
    lots = (Lot(id="LOT-0001", title="Peinture"), Lot(id="LOT-0002", title="Zinguerie"))
    desk.bring(notice("26-1", "Aménagement de la halle", lots=lots, published=date(2026, 5, 20)))
    assert desk.run().matched == 1
    assert "Lot 2 sur 2 : Zinguerie" in desk.last()
