"""The samples are what they claim to be: every form and act, open tenders, no real organisation, read as meant."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time

import pytest

from crawlers.formats import FORMATS, Refusal
from tenders.codes import Cpv, Department, Siret
from tenders.model import Notice, NoticeKind
from tests.standins.sample_facts import Facts
from tests.standins.sample_records import summary
from tests.standins.samples import TODAY, broken_records, daily_csv, eforms_files, sample_facts, samples

KINDS = {
    "call": NoticeKind.COMPETITION,
    "planning": NoticeKind.PLANNING,
    "award": NoticeKind.RESULT,
    "change": NoticeKind.CHANGE,
    "cancel": NoticeKind.CANCELLATION,
    "modification": NoticeKind.MODIFICATION,
    "direct-award": NoticeKind.DIRECT_AWARD,
}


def _read(name: str, body: bytes) -> list[Notice | Refusal]:
    return list(FORMATS[name].read(body, "samples"))


def _pairs(body: bytes, facts: list[Facts], name: str = "boamp") -> list[tuple[Facts, Notice]]:
    found = _read(name, body)
    refused = [item for item in found if isinstance(item, Refusal)]
    assert refused == []
    assert len(found) == len(facts)
    return list(zip(facts, (item for item in found if isinstance(item, Notice)), strict=True))


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Facts, Notice]]:
    body = json.dumps({"total_count": 320, "results": samples()}, ensure_ascii=False).encode()
    return _pairs(body, sample_facts())


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others() -> None:
    assert json.dumps(samples(60, 3)) == json.dumps(samples(60, 3))
    assert json.dumps(samples(60, 3)) != json.dumps(samples(60, 4))
    assert daily_csv(60, 3) == daily_csv(60, 3)
    assert eforms_files(3) == eforms_files(3)


@pytest.mark.parametrize("count", [1, 60, 320, 700])
def test_as_many_notices_come_as_were_asked_for_each_under_its_own_number(count: int) -> None:
    assert len({record["idweb"] for record in samples(count)}) == count


def test_sixty_notices_have_every_form_and_every_act() -> None:
    facts = sample_facts(60)
    assert {f.form for f in facts} == {"EFORMS", "FNSimple", "MAPA", "DSP", "DIVERS", "ARCHIVE"}
    assert {f.act for f in facts} == KINDS.keys()


@pytest.mark.parametrize("today", [TODAY, date(2024, 2, 29), date(2031, 12, 31)])
def test_most_calls_are_open_on_the_day_and_some_close_within_three_days(today: date) -> None:
    now = datetime.combine(today, time(9), UTC)
    facts = sample_facts(320, 1, today)
    left = [
        (f.deadline - now).days for f in facts if f.act in ("call", "change") and f.deadline and f.form != "ARCHIVE"
    ]
    assert sum(days >= 0 for days in left) > 120
    assert any(0 <= days < 3 for days in left)
    assert any(days < 0 for days in left)
    assert all(f.published <= today for f in facts)


def test_the_oddities_of_real_titles_and_deadlines_are_there() -> None:
    facts = sample_facts()
    titles = [f.title for f in facts]
    assert sum(title.isupper() for title in titles) > 15
    assert not any(letter in title for title in titles if title.isupper() for letter in "ÉÈÊÀÇŒ")
    assert any("œ" in title for title in titles)
    assert any("’" in title for title in titles)
    assert any(len(title) > 200 for title in titles)
    assert Counter(f.stamp for f in facts).keys() == {"offset", "naive", "fraction", "winter", "changed", "told"}
    offsets = {f.deadline.strftime("%z") for f in facts if f.deadline}
    assert {"+0200", "+0400", "-0400"} <= offsets
    assert any(len(f.departments) > 1 for f in facts)
    assert any(len(f.lots) > 4 for f in facts)


def test_codes_are_real_and_organisations_are_not() -> None:
    for facts in sample_facts():
        assert all(Cpv(code).known for code in (*facts.cpv, *(lot.cpv for lot in facts.lots)))
        assert all(Department.parse(code) == code for code in facts.departments)
        for who in (facts.buyer, *(won.supplier for won in facts.won)):
            assert Siret.parse(who.id).startswith("000")  # well-formed, and no real number begins so


def test_what_follows_names_an_earlier_notice_that_is_in_the_samples() -> None:
    records = {record["idweb"]: record for record in samples()}
    followers = [record for record in records.values() if record["annonce_lie"]]
    assert len(followers) > 50
    for record in followers:
        (earlier,) = record["annonce_lie"]
        assert records[earlier]["dateparution"] <= record["dateparution"]
        assert records[earlier]["nomacheteur"] == record["nomacheteur"]


def test_a_correction_moves_the_deadline() -> None:
    facts = {f.idweb: f for f in sample_facts()}
    changes = [f for f in facts.values() if f.act == "change"]
    assert len(changes) > 20
    for change in changes:
        earlier = facts[change.earlier[0]]
        assert change.deadline is not None
        assert earlier.deadline is not None
        assert change.deadline > earlier.deadline


def test_every_sample_is_read_with_its_kind_number_and_deadline(pairs: list[tuple[Facts, Notice]]) -> None:
    for facts, notice in pairs:
        assert notice.source_id == facts.idweb
        assert notice.kind is KINDS[facts.act], facts.idweb
        assert notice.deadline == facts.deadline, facts.idweb
        assert str(notice.deadline) == str(facts.deadline), facts.idweb  # in the source's own zone
        assert (notice.published, notice.display_until) == (facts.published, facts.display_until)
        assert notice.supersedes[:1] == facts.earlier
        assert notice.title == summary(facts)


def test_every_sample_is_read_with_its_buyer_places_and_codes(pairs: list[tuple[Facts, Notice]]) -> None:
    for facts, notice in pairs:
        buyer = facts.buyer
        assert (notice.buyer.name, notice.buyer.town, notice.buyer.postcode) == (buyer.name, buyer.town, buyer.postcode)
        assert notice.buyer.id == (None if facts.form in ("MAPA", "DIVERS") else buyer.id)
        assert notice.departments == facts.departments
        assert notice.family == facts.family.lower()
        assert notice.nature == facts.nature
        lots = {lot.cpv for lot in facts.lots if facts.cpv and not (facts.form == "FNSimple" and facts.act == "award")}
        assert notice.cpv[:1] == facts.cpv[:1]
        assert set(notice.cpv) == {*facts.cpv, *lots}
        assert notice.descriptors == tuple(code for code, _ in facts.descriptors)


def test_every_call_is_read_with_its_lots_value_and_aims(pairs: list[tuple[Facts, Notice]]) -> None:
    for facts, notice in pairs:
        if facts.act not in ("call", "change"):
            continue
        titles = [str(lot.title) for lot in notice.lots]
        expected = [lot.title for lot in facts.lots] or ([facts.title] if facts.form == "EFORMS" else [])
        assert len(titles) == len(expected), facts.idweb
        # FNSimple numbers its lots inside the description: "1 : Couverture"
        assert all(title.endswith(wanted) for title, wanted in zip(titles, expected, strict=True)), facts.idweb
        assert (notice.value and int(notice.value.amount)) == facts.value
        assert (notice.strategic.green or False, notice.strategic.social or False) == (facts.green, facts.social)


def test_every_award_is_read_with_its_winners(pairs: list[tuple[Facts, Notice]]) -> None:
    for facts, notice in pairs:
        names = {supplier.name for award in notice.awards for supplier in award.suppliers}
        assert names == {won.supplier.name for won in facts.won}, facts.idweb
        if facts.form in ("EFORMS", "MAPA", "ARCHIVE"):
            amounts = [award.value and int(award.value.amount) for award in notice.awards]
            assert amounts == [won.value for won in facts.won]
            assert [award.bids for award in notice.awards] == [won.bids for won in facts.won]


def test_the_daily_csv_of_the_samples_is_read_whole() -> None:
    for facts, notice in _pairs(daily_csv(), sample_facts(), "boamp-daily"):
        assert notice.source_id == facts.idweb
        assert notice.kind is KINDS[facts.act]
        assert notice.departments == facts.departments
        assert len(notice.awards) == len(facts.won)


def test_the_standalone_eforms_files_are_read_in_their_languages() -> None:
    found = [item for body in eforms_files().values() for item in _read("eforms", body)]
    notices = [item for item in found if isinstance(item, Notice)]
    assert len(notices) == len(found) == 13
    assert {notice.kind for notice in notices} == set(KINDS.values())
    assert {notice.language for notice in notices} == {"fr", "de", "nl", "it", "pt"}
    assert {notice.buyer.country for notice in notices} == {"FR", "DE", "NL", "BE", "IT", "PT"}
    assert all(notice.source == "ted" for notice in notices)


def test_each_broken_record_is_refused_with_a_reason_and_the_good_ones_are_read() -> None:
    good = samples(5)
    wrong = broken_records()
    mixed = [*good[:2], *wrong, *good[2:]]
    found = _read("boamp", json.dumps(mixed, ensure_ascii=False).encode())
    refused = [item for item in found if isinstance(item, Refusal)]
    assert [item.where for item in refused] == [record["idweb"] for record in wrong]
    assert all(item.reason for item in refused)
    assert len({item.reason for item in refused}) == len(wrong)
    assert [n.source_id for n in found if isinstance(n, Notice)] == [record["idweb"] for record in good]
