"""``tenders cpv corrections`` as an operator types it, and ``tenders cpv agency-link``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tenders.codes import Cpv
from tenders.marking import read_link
from tenders.model import Buyer, Lot
from tenders.store.corrections import Correction, mark_wrong
from tests.command_line import Run, typed
from tests.notices import NOON, House, notice

SECRET = "an invented secret for the tests only, long enough"
ROOF = notice(
    title="Réfection de la toiture",
    description="Tuiles et zinguerie.",
    buyer=Buyer(name="Commune de Vallebrune"),
    lots=(Lot(id="2", title="Désamiantage"),),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.bring(ROOF)
    yield made
    made.close()


@pytest.fixture
def tender(house: House) -> str:
    from tenders.store.schema import tenders

    with house.store.reading() as connection:
        return str(connection.execute(tenders.select()).first().id)  # type: ignore[union-attr]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("TENDERS_SECRET", SECRET)
    return typed(house.path, monkeypatch, capfd)


def say(house: House, tender: str) -> None:
    """Four things: a better code, a plain wrong, a lot's code, and something of a tender that is not there."""
    whole = Correction(
        tender_id=tender, shown=Cpv("90910000"), official=False, proposed=(Cpv("45261210"),), marked=NOON
    )
    with house.store.writing() as connection:
        for one in (
            whole,
            replace(whole, proposed=(), official=True),
            replace(whole, lot="2", proposed=(Cpv("45262660"), Cpv("45110000")), by="agency:centrale"),
            replace(whole, tender_id="gone"),
        ):
            mark_wrong(connection, one)


def test_the_operator_sees_what_waits(house: House, tender: str, run: Run) -> None:
    assert run("cpv", "corrections") == (0, "no correction waits\n", "")
    say(house, tender)
    code, out, _ = run("cpv", "corrections", "--json")
    assert code == 0
    shown = json.loads(out)
    assert [one["id"] for one in shown] == [1, 2, 3, 4]
    assert shown[0] == {
        "id": 1,
        "tender": tender,
        "title": "Réfection de la toiture",
        "lot": None,
        "lot_title": None,
        "shown": "90910000",
        "official": False,
        "proposed": ["45261210"],
        "by": "visitor",
        "marked": NOON.isoformat(),
        "times": 1,
        "state": "open",
    }
    assert shown[2]["lot_title"] == "Désamiantage"
    assert shown[3]["title"] is None
    _, table, _ = run("cpv", "corrections")
    for word in ("90910000", "estimated", "official", "wrong", "45262660"):
        assert word in table


def test_judging_takes_it_off_the_list_and_what_is_unknown_is_said(house: House, tender: str, run: Run) -> None:
    say(house, tender)
    code, out, err = run(
        "cpv", "corrections", "--accept", "1", "--accept", "3", "--refuse", "2", "--refuse", "9", "--json"
    )
    assert code == 1 and "there is no correction 9" in err
    assert [one["id"] for one in json.loads(out)] == [4]
    _, out, _ = run("cpv", "corrections", "--all", "--json")
    assert [one["state"] for one in json.loads(out)] == ["accepted", "refused", "accepted", "open"]
    assert run("cpv", "corrections", "--accept", "2", "--json")[0] == 0
    code, _, err = run("cpv", "corrections", "--accept", "1", "--refuse", "1")
    assert code == 2 and "both accepted and refused" in err


def test_what_was_accepted_is_exported_in_the_shape_of_training_rows(house: House, tender: str, run: Run) -> None:
    say(house, tender)
    assert run("cpv", "corrections", "--export") == (0, "", "")
    run("cpv", "corrections", "--accept", "1", "--accept", "2", "--accept", "3", "--accept", "4")
    _, out, _ = run("cpv", "corrections", "--export")
    whole, lot = [json.loads(line) for line in out.splitlines()]
    assert whole == {
        "id": tender,
        "lang": "fr",
        "title": "Réfection de la toiture",
        "description": "Tuiles et zinguerie.",
        "cpv_main": "45261210",
        "cpv_additional": [],
        "buyer": "Commune de Vallebrune",
        "source": "correction",
    }
    assert (lot["id"], lot["title"], lot["cpv_main"]) == (f"{tender}:2", "Désamiantage", "45262660")
    assert lot["cpv_additional"] == ["45110000"]


def test_accepting_changes_no_tender(house: House, tender: str, run: Run) -> None:
    from tenders.store.tenders import load_tenders

    with house.store.reading() as connection:
        before = load_tenders(connection, [tender])
    say(house, tender)
    run("cpv", "corrections", "--accept", "1")
    with house.store.reading() as connection:
        assert load_tenders(connection, [tender]) == before


def test_an_agency_gets_a_signed_link(run: Run) -> None:
    code, out, _ = run("cpv", "agency-link", "centrale-exemple", "abc")
    assert code == 0
    address, _, token = out.strip().partition("?by=")
    assert address.endswith("/tenders/abc/cpv")
    assert read_link(token, SECRET) == "agency:centrale-exemple"
    code, _, err = run("cpv", "agency-link", "two words", "abc")
    assert code == 1 and "no name of an agency" in err
