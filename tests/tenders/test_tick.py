"""The running service's tick: what is new is indexed, then some of what another classifier judged is judged again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

import tenders.__main__ as root
from indexer.shipped import shipped_classifier
from tenders.settings import Settings
from tenders.store.schema import tenders
from tests.databases import database_url
from tests.notices import House, keep, notice


def test_a_tick_judges_what_is_new_and_a_bounded_number_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.bring(*(notice(f"26-{n}", f"Réfection de la toiture du bâtiment {n}") for n in range(5)))
    keep(house.store, [notice("26-9", "Réfection de la voirie")])
    monkeypatch.setattr(root, "JUDGED_AGAIN", 2)
    settings = Settings(
        home=tmp_path, database_url=database_url(tmp_path / "tenders.db"), mail_url=f"maildir:{tmp_path / 'mail'}"
    )
    act = root.tick(settings)
    judged = select(func.count()).where(tenders.c.classifier == shipped_classifier().version)
    for expected in (3, 5, 6, 6):
        act()
        with house.store.reading() as connection:
            assert connection.execute(judged).scalar_one() == expected
    assert house.engine.mark() == 6 + 5
    house.close()
