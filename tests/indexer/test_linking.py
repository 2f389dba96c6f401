"""Which notices become one tender, and which must not."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from indexer.linking import clean_title, declared_keys, group, title_keys
from indexer.merge import merge
from tenders.model import Buyer, Notice, NoticeKind
from tests.indexer.random_tenders import random_notice
from tests.notices import notice

DAY = date(2026, 5, 20)


def parts(*notices: Notice) -> list[set[str]]:
    grouped = group(dict(enumerate(notices)))
    return sorted(({notices[n].source_id for n in g.notices} for g in grouped), key=min)


def of(number: int, kind: str = "competition", days: int = 0, **said: object) -> Notice:
    plain = {"deadline": None, "display_until": DAY + timedelta(days=30)} | said
    return notice(f"n{number}", kind=NoticeKind(kind), published=DAY + timedelta(days=days), **plain)


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Travaux de VOIRIE (rectificatif)", "travaux de voirie"),
        ("Avis d'attribution - Travaux de voirie", "travaux de voirie"),
        ("Annulation : travaux de voirie", "travaux de voirie"),
        ("Rectificatif", "rectificatif"),
    ],
)
def test_a_title_loses_what_says_only_which_act_it_is(title: str, cleaned: str) -> None:
    assert clean_title(title) == cleaned


def test_declared_ids_link_across_titles_buyers_and_sources() -> None:
    call = notice("26-1")
    correction = notice("26-9", title="Autre titre", kind=NoticeKind.CHANGE, supersedes=("26-1",))
    on_ted = notice("123-2026", source="ted", title="Roof", procedure_id="p-1", links={"boamp": "26-1"})
    award = notice("200-2026", source="ted", title="Award", procedure_id="p-1", kind=NoticeKind.RESULT)
    stranger = notice("26-1", source="ebourgogne", title="Roof", buyer=Buyer(name="Autre"))
    assert parts(call, correction, on_ted, award) == [{"26-1", "26-9", "123-2026", "200-2026"}]
    assert len(group({1: call, 2: stranger})) == 2


def test_a_correction_joins_the_latest_open_call_of_the_same_title() -> None:
    early, late = of(1, days=0), of(2, days=20, display_until=DAY + timedelta(days=60))
    fix = of(3, "change", days=25, title="Réfection de la toiture de l'école (rectificatif)")
    assert parts(early, late, fix) == [{"n1"}, {"n2", "n3"}]


def test_a_correction_long_after_the_call_has_closed_stays_alone() -> None:
    assert parts(of(1), of(2, "change", days=80)) == [{"n1"}, {"n2"}]


def test_an_award_joins_the_latest_call_that_had_closed() -> None:
    closed = of(1)
    still_open = of(2, days=35, display_until=DAY + timedelta(days=120))
    assert parts(closed, still_open, of(3, "result", days=60)) == [{"n1", "n3"}, {"n2"}]


def test_two_calls_of_one_title_are_one_only_with_the_same_end() -> None:
    assert parts(of(1), of(2, days=3)) == [{"n1", "n2"}]
    assert parts(of(1), of(2, days=3, display_until=DAY + timedelta(days=31))) == [{"n1"}, {"n2"}]


def test_awards_meet_each_other_only_through_their_call() -> None:
    assert parts(of(1, "result", days=100), of(2, "result", days=110)) == [{"n1"}, {"n2"}]
    assert parts(of(3), of(1, "result", days=100), of(2, "result", days=110)) == [{"n1", "n2", "n3"}]


def test_another_buyer_or_a_short_title_links_nothing() -> None:
    assert len(parts(of(1), of(2, buyer=Buyer(name="Commune de Rochemaure")))) == 2
    assert title_keys(notice(title="2021-04")) == frozenset()


def test_the_order_of_arrival_does_not_matter_for_the_partition() -> None:
    draw = random.Random(5)
    for _ in range(30):
        notices = [of(n, draw.choice(("competition", "change", "result")), days=draw.randint(0, 400),
                      display_until=DAY + timedelta(days=draw.randint(0, 430))) for n in range(8)]  # fmt: skip
        notices.sort(key=lambda n: (n.published, n.source_id))
        first = parts(*notices)
        ties = len({n.published for n in notices}) < len(notices)
        draw.shuffle(notices)
        assert parts(*notices) == first or ties


def test_the_id_of_a_tender_is_that_of_its_first_stored_notice() -> None:
    call, fix = notice("26-1"), notice("26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",))
    assert merge([call]).id == merge([call, fix]).id != merge([fix, call]).id


def test_every_notice_is_in_exactly_one_group_with_a_reason() -> None:
    draw = random.Random(6)
    notices = {n: random_notice(draw, n) for n in range(200)}
    groups = group(notices)
    assert sorted(id_ for g in groups for id_ in g.notices) == list(range(200))
    assert all(set(g.links) == set(g.notices) for g in groups)
    assert all(link.rule in ("first", "declared", "title") for g in groups for link in g.links.values())


def test_declared_keys_of_a_long_or_foreign_id_do_no_harm() -> None:
    assert declared_keys(notice("26-1", supersedes=("x" * 500,))) == {"boamp:26-1"}
