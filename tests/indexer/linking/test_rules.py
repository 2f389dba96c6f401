"""Which notices become one tender, and which must not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from indexer.linking.facts import read_facts
from indexer.linking.pairs import Rule
from indexer.merge import merge
from tenders.codes import Department
from tenders.model import Award, Buyer, Notice, NoticeKind
from tests.indexer.linking.shelf import group_all, link_all
from tests.indexer.random_tenders import random_notice
from tests.notices import notice

DAY = date(2026, 5, 20)


def parts(*notices: Notice) -> list[set[str]]:
    grouped = group_all(dict(enumerate(notices)))
    return sorted(({notices[n].source_id for n in g.notices} for g in grouped), key=min)


def possible(*notices: Notice) -> list[tuple[str, str, Rule]]:
    _, links = link_all(dict(enumerate(notices)))
    return [(notices[k.notice].source_id, notices[k.other].source_id, k.rule) for k in links if not k.sure]


def of(number: int, kind: str = "competition", days: int = 0, **said: object) -> Notice:
    plain = {"deadline": None, "display_until": DAY + timedelta(days=30)} | said
    return notice(f"n{number}", kind=NoticeKind(kind), published=DAY + timedelta(days=days), **plain)


def test_declared_ids_link_across_titles_buyers_and_sources() -> None:
    call = notice("26-1")
    correction = notice("26-9", title="Autre titre", kind=NoticeKind.CHANGE, supersedes=("26-1",))
    on_ted = notice("123-2026", source="ted", title="Roof", procedure_id="p-1", links={"boamp": "26-1"})
    award = notice("200-2026", source="ted", title="Award", procedure_id="p-1", kind=NoticeKind.RESULT)
    stranger = notice("26-1", source="ebourgogne", title="Roof", buyer=Buyer(name="Autre"))
    assert parts(call, correction, on_ted, award) == [{"26-1", "26-9", "123-2026", "200-2026"}]
    assert len(group_all({1: call, 2: stranger})) == 2


def test_a_correction_joins_the_latest_open_call_of_the_same_title() -> None:
    early, late = of(1, days=0), of(2, days=20, display_until=DAY + timedelta(days=60))
    said = {"title": "Réfection de la toiture de l'école (rectificatif)", "days": 25}
    fix = of(3, "change", display_until=DAY + timedelta(days=70), **said)
    assert parts(early, late, fix) == [{"n1"}, {"n2", "n3"}]
    assert parts(early, late, of(3, "change", **said)) == [{"n1", "n3"}, {"n2"}], "it has the end of the first"


def test_a_correction_long_after_the_call_has_closed_stays_alone() -> None:
    assert parts(of(1), of(2, "change", days=100)) == [{"n1"}, {"n2"}]


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
    assert len(parts(of(1, title="2021"), of(2, title="2021"))) == 2


def test_an_award_of_a_call_that_still_shows_is_its_own_only_after_some_weeks() -> None:
    showing = of(1, display_until=DAY + timedelta(days=90))
    assert parts(showing, of(2, "result", days=70)) == [{"n1", "n2"}]
    assert possible(showing, of(2, "result", days=10)) == [("n2", "n1", Rule.TITLE)]


def test_a_rewritten_title_finds_the_only_open_call_of_the_same_subjects() -> None:
    call = of(1, title="Collecte du verre sur la commune de Vallebrune", descriptors=("82",))
    fix = of(2, "change", days=5, title="Ramassage et collecte du verre, Vallebrune", descriptors=("82",))
    assert parts(call, fix) == [{"n1", "n2"}]
    rival = of(3, title="Transport du bois", descriptors=("82",), display_until=DAY + timedelta(days=40))
    assert parts(call, rival, fix) == [{"n1"}, {"n2"}, {"n3"}]
    stranger = of(4, "change", days=5, title="Location de bennes", descriptors=("82",))
    assert possible(call, stranger) == [("n4", "n1", Rule.SUBJECT)]


def test_words_more_that_fit_two_calls_are_possible_only() -> None:
    calls = of(1, title="Nettoyage des écoles du centre"), of(2, title="Nettoyage des écoles de la gare", days=1)
    award = of(3, "result", days=100, title="Nettoyage des écoles")
    assert [pair[0] for pair in possible(*calls, award)] == ["n3"]
    assert len(parts(*calls, award)) == 3


def test_a_reference_links_whatever_the_title_unless_the_buyer_gives_it_to_all() -> None:
    call = of(1, reference="26U044", title="Rénovation de la crèche")
    award = of(2, "result", days=90, reference="26-U-044", title="Crèche des Tilleuls, chauffage et isolation")
    assert parts(call, award) == [{"n1", "n2"}]
    other = of(3, reference="26U044", title="Achat de papier")
    assert parts(call, other, award) == [{"n1"}, {"n2"}, {"n3"}]


def test_a_call_on_two_platforms_is_one_by_its_moment_and_its_title() -> None:
    at = datetime.fromisoformat("2026-06-17T12:00:00+02:00")
    said = {"deadline": at, "departments": ("21",)}
    call = of(1, buyer=Buyer(name="Commune de Vallebrune"), **said)
    portal = replace(of(2, days=1, buyer=Buyer(name="VALLEBRUNE - Commune"), **said), source="ebourgogne")
    assert parts(call, portal) == [{"n1", "n2"}]
    later = replace(portal, deadline=at + timedelta(hours=2), buyer=Buyer(name="Rochemaure"))
    assert parts(call, later) == [{"n1"}, {"n2"}]


def test_sister_calls_of_one_title_and_end_are_not_one() -> None:
    here, there = (Buyer(name="Groupement du Val", postcode=code) for code in ("21000", "71000"))
    said = {"descriptors": ("39", "88")}
    assert parts(of(1, buyer=here, **said), of(2, buyer=there, days=1, **said)) == [{"n1"}, {"n2"}]
    assert parts(of(1, buyer=here, family="joue"), of(2, buyer=there, family="fns")) == [{"n1", "n2"}]
    trades = of(1, descriptors=("33", "63")), of(2, descriptors=("16", "33", "57"), days=4)
    assert parts(*trades) == [{"n1"}, {"n2"}]
    assert possible(*trades) == [("n2", "n1", Rule.TITLE)]
    assert parts(of(1, descriptors=("33",)), of(2, descriptors=("1", "33"))) == [{"n1"}, {"n2"}]
    assert parts(of(1, descriptors=("33",)), of(2, descriptors=("1", "33"), days=4)) == [{"n1", "n2"}]


def test_a_third_call_of_other_subjects_does_not_join_two() -> None:
    calls = of(1, descriptors=("33",)), of(2, days=1, descriptors=("33",)), of(3, days=2, descriptors=("1", "33"))
    assert parts(*calls) == [{"n1", "n2"}, {"n3"}]


def test_what_follows_a_relaunched_call_may_drop_the_word_but_a_cancellation_is_of_the_first() -> None:
    first = of(1)
    again = of(2, title="Relance : réfection de la toiture de l'école", days=40,
               display_until=DAY + timedelta(days=70))  # fmt: skip
    assert parts(again, of(3, "change", days=45)) == [{"n2", "n3"}]
    assert parts(again, of(3, "cancellation", days=45)) == [{"n2"}, {"n3"}]
    assert parts(again, of(3, "result", days=150)) == [{"n2", "n3"}]
    assert parts(first, again, of(3, "result", days=150)) == [{"n1", "n3"}, {"n2"}], "the very title comes first"


def test_of_two_long_titles_of_which_one_may_be_cut_the_very_title_comes_first() -> None:
    title = "Prestations de lutte contre les pollutions du littoral de la zone de défense, nettoyage, stockage et "
    title += "traitement des déchets ramassés sur les plages et dans les ports du littoral"
    whole, cut = (
        of(1, title=f"{title} - Val-Dormant"),
        of(2, title=title, days=4, display_until=DAY + timedelta(days=40)),
    )
    fix = of(3, "change", title=whole.title, days=8, display_until=cut.display_until)
    assert parts(whole, cut, fix) == [{"n1", "n3"}, {"n2"}]


def test_a_correction_with_the_title_of_an_award_corrects_it_and_not_a_call_of_a_near_title() -> None:
    award = of(1, "result", days=-170, title="Quartiers des Aulnes et des Tilleuls : construction de logements")
    call = of(2, title="Quartier des Aulnes et des Tilleuls : construction de logements")
    assert parts(award, call, of(3, "change", days=1, title=award.title)) == [{"n1", "n3"}, {"n2"}]
    assert parts(call, of(3, "change", days=1, title=award.title)) == [{"n2", "n3"}]


def test_an_award_of_a_near_title_more_than_a_year_later_in_another_family_is_possible_only() -> None:
    call = of(1, title="Fourniture de vaccins pédiatriques", family="fns")
    award = of(2, "result", days=520, title="Fourniture de vaccins pédiatriques pour les crèches", family="joue")
    assert possible(call, award) == [("n2", "n1", Rule.EXTRA)]
    assert parts(call, replace(award, family="fns")) == [{"n1", "n2"}]


def test_a_title_that_is_a_reference_links_by_it() -> None:
    call = of(1, title="26B70", descriptors=("115",))
    award = of(2, "result", days=150, title="26B70 - Achat de microscopes", descriptors=("115",))
    assert parts(call, award) == [{"n1", "n2"}]
    sister = of(3, title="26B71", descriptors=("115",))
    assert parts(call, sister) == [{"n1"}, {"n3"}]


def test_a_rewritten_title_says_more_on_one_side_only_and_does_not_end_sooner() -> None:
    said = {"descriptors": ("116",), "days": 5}
    call = of(1, title="Entretien des sentiers de la vallée", descriptors=("116",))
    longer = DAY + timedelta(days=40)
    lot = "Entretien et nettoyage des sentiers de la vallée, lot 2"
    assert parts(call, of(2, "change", title=lot, display_until=longer, **said)) == [{"n1", "n2"}]
    assert parts(replace(call, title=f"{call.title} 2025"), of(2, "change", title=lot, **said)) == [{"n1"}, {"n2"}]
    call = replace(call, title="Taille et entretien des sentiers de la vallée")
    other = "Débroussaillage réservé des berges, sentiers de la vallée"
    sooner = of(2, "change", title=other, display_until=DAY + timedelta(days=20), **said)
    assert parts(call, sooner) == [{"n1"}, {"n2"}]
    assert parts(call, replace(sooner, display_until=longer)) == [{"n1", "n2"}]


def test_a_notice_that_names_another_call_is_not_put_with_the_one_of_its_title() -> None:
    fix = of(2, "change", days=5, supersedes=("elsewhere-7",))
    assert parts(of(1), fix) == [{"n1"}, {"n2"}]


def test_two_procedures_are_never_one_by_likeness() -> None:
    assert parts(of(1, procedure_id="p-1"), of(2, procedure_id="p-2")) == [{"n1"}, {"n2"}]
    bridge = of(3, "change", days=3)
    assert len(parts(of(1, procedure_id="p-1"), of(2, procedure_id="p-2", days=1), bridge)) == 2


def test_another_buyers_call_is_for_review_only() -> None:
    title = "Fourniture et acheminement d'électricité et services associés pour les bâtiments"
    calls = [of(n, title=title, buyer=Buyer(name=name), descriptors=("443",)) for n, name in enumerate(("Ici", "Là"))]
    assert len(parts(*calls)) == 2
    assert possible(*calls)[0][2] is Rule.ELSEWHERE


def largest(notices: list[Notice]) -> int:
    return max(len(g.notices) for g in group_all(dict(enumerate(notices))))


@pytest.mark.parametrize("kind", ["competition", "change", "result", "cancellation"])
def test_a_crowd_of_one_title_makes_no_runaway_group(kind: str) -> None:
    crowd = [of(n, kind, days=n % 80) for n in range(1000)]
    assert largest(crowd) < 20
    assert largest([of(-1, days=-1), *crowd]) < 200


def test_an_id_that_a_crowd_names_makes_no_runaway_group() -> None:
    crowd = [of(n, title=f"Voirie du hameau {n}", supersedes=("2021-01",), days=n % 300) for n in range(500)]
    assert largest(crowd) <= 60
    assert largest([replace(n, supersedes=(), reference="2021-01") for n in crowd]) == 1


@pytest.mark.parametrize("name", ["", "x" * 50_000, "' OR 1=1 --", "((((", "\x00\ud7ff", "%_%"])
def test_a_hostile_buyer_or_title_does_no_harm(name: str) -> None:
    assert parts(of(1, buyer=Buyer(name=name), title="T"), of(2, buyer=Buyer(name=name), title="T")) == [{"n1"}, {"n2"}]
    assert len(parts(of(1, title=name), of(2, "result", days=90, title=name))) in (1, 2)


def test_a_modification_is_of_no_call_later_than_its_contract_nor_of_one_still_open() -> None:
    call = of(1)
    fits = of(2, "modification", days=300, awards=(Award(date=DAY + timedelta(days=60)),))
    assert parts(call, fits) == [{"n1", "n2"}]
    assert parts(call, replace(fits, awards=(Award(date=DAY - timedelta(days=900)),))) == [{"n1"}, {"n2"}]
    open_call = of(1, display_until=DAY + timedelta(days=90))
    assert parts(open_call, of(2, "modification", days=40)) == [{"n1"}, {"n2"}]
    assert parts(open_call, of(2, "result", days=40)) == [{"n1", "n2"}]


def test_words_more_do_not_lead_to_another_place_nor_from_a_relaunched_call() -> None:
    longer = "Entretien des espaces verts et abords des sites"
    call = of(1, title="Entretien des espaces verts", departments=(Department("33"),))
    assert parts(call, of(2, "result", days=60, title=longer)) == [{"n1", "n2"}]
    elsewhere = of(2, "result", days=60, title=longer, departments=(Department("69"),))
    assert parts(call, elsewhere) == [{"n1"}, {"n2"}]
    assert possible(call, elsewhere) == [("n2", "n1", Rule.EXTRA)]
    again = replace(call, title="Entretien des espaces verts (relance)")
    assert parts(again, of(2, "result", days=60, title=longer)) == [{"n1"}, {"n2"}]
    assert parts(again, of(2, "result", days=60, title="Entretien des espaces verts")) == [{"n1", "n2"}]


def test_an_award_decided_before_a_call_of_fewer_words_is_of_another() -> None:
    call = of(1, title="Fourniture de spécialités pharmaceutiques")
    award = of(2, "result", days=60, title="Fourniture de spécialités pharmaceutiques et de bleu de méthylène")
    assert parts(call, replace(award, awards=(Award(date=DAY + timedelta(days=50)),))) == [{"n1", "n2"}]
    assert parts(call, replace(award, awards=(Award(date=DAY - timedelta(days=90)),))) == [{"n1"}, {"n2"}]


def test_a_late_cancellation_is_of_the_only_call_of_its_title() -> None:
    assert parts(of(1), of(2, "cancellation", days=280)) == [{"n1", "n2"}]
    assert parts(of(1), of(2, "cancellation", days=310)) == [{"n1"}, {"n2"}]
    again = of(3, days=90, display_until=DAY + timedelta(days=130))
    assert parts(of(1), again, of(2, "cancellation", days=280)) == [{"n1"}, {"n2"}, {"n3"}]


def test_a_numbered_correction_says_no_number_of_its_contract() -> None:
    for mark in ("(rectificatif no 2)", "(rectificatif no2)", "(rectificatif N°3)"):
        fix = of(2, "change", days=5, title=f"Réfection de la toiture de l'école {mark}")
        assert parts(of(1), fix) == [{"n1", "n2"}], mark


def test_of_calls_with_one_title_an_award_takes_that_of_its_place() -> None:
    desk = {"title": "Fournitures de restauration scolaire", "display_until": DAY + timedelta(days=30)}
    here = of(1, buyer=Buyer(name="Groupement", postcode="46000"), **desk)
    there = of(2, buyer=Buyer(name="Groupement", postcode="81000"), descriptors=("1",), **desk)
    award = of(3, "result", days=60, title=desk["title"], buyer=Buyer(name="Groupement", postcode="46000"))
    assert {"n1", "n3"} in parts(here, replace(there, published=DAY + timedelta(days=1)), award)


def test_a_correction_of_a_plan_stands_with_it() -> None:
    assert parts(of(1, "planning"), of(2, "change", days=20)) == [{"n1", "n2"}]


def test_the_order_of_arrival_does_not_matter_for_the_partition() -> None:
    draw = random.Random(5)
    for _ in range(30):
        notices = [of(n, draw.choice(("competition", "change", "result")), days=draw.randint(0, 400),
                      display_until=DAY + timedelta(days=draw.randint(0, 430))) for n in range(8)]  # fmt: skip
        first = parts(*notices)
        draw.shuffle(notices)
        assert parts(*notices) == first


def test_the_id_of_a_tender_is_that_of_its_first_stored_notice() -> None:
    call, fix = notice("26-1"), notice("26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",))
    assert merge([call]).id == merge([call, fix]).id != merge([fix, call]).id


def test_every_notice_is_in_exactly_one_group_with_a_reason() -> None:
    draw = random.Random(6)
    notices = {n: random_notice(draw, n) for n in range(200)}
    groups = group_all(notices)
    assert sorted(id_ for g in groups for id_ in g.notices) == list(range(200))
    assert all(set(g.links) == set(g.notices[1:]) for g in groups)


def test_declared_keys_of_a_long_or_foreign_id_do_no_harm() -> None:
    assert read_facts(notice("26-1", supersedes=("x" * 500,))).declared == {"boamp:26-1"}
