"""A Query said back in words, and dates and amounts as people write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from tenders import vocabulary
from tenders.model import Money, Nature, NoticeKind, Procedure
from tenders.phrasing import day, days_left, long_moment, money, short_moment
from tenders.query import FLAGS, LANGUAGES, Query, Status
from tenders.query_url import BUYER_TYPES, from_pairs, from_url
from tenders.query_words import describe, short_title
from tenders.status import PARIS

NOW = datetime(2026, 5, 21, 8, 40, tzinfo=PARIS)
JUNE = datetime(2026, 6, 17, 12, 0, tzinfo=PARIS)


def said(form: str, language: str = "fr") -> str:
    return describe(from_url(form), language).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("form", "fr", "en"),
    [
        ("", "tous les marchés", "all tenders"),
        (
            "q=toiture OU couverture&cpv=09132&dept=21&status=open",
            "« toiture » ou « couverture » ; CPV 09132 Essence ; Côte-d’Or ; ouverts",
            "“toiture” or “couverture”; CPV 09132 Petrol; Côte-d’Or; open",
        ),
        (
            'q=menuiserie OU "bois massif" -amiante',
            "« menuiserie » ou « bois massif », sans « amiante »",
            "“menuiserie” or “bois massif”, without “amiante”",
        ),
        (
            "q=a (b OU c) élec* -(d OU e)",
            "« a » et (« b » ou « c ») et « élec… », sans « d » ni « e »",
            "“a” and (“b” or “c”) and “élec…”, without “d” or “e”",
        ),
        ("q=(a b) OU c", "(« a » et « b ») ou « c »", "(“a” and “b”) or “c”"),
        ("nuts=FRC1&nuts=FR", "Bourgogne (FRC1) ou France", "Bourgogne (FRC1) or France"),
        ("dept=21&dept=71", "Côte-d’Or ou Saône-et-Loire", "Côte-d’Or or Saône-et-Loire"),
        ("deadline_within=7d", "date limite d’ici 7 jours", "deadline within 7 days"),
        ("deadline_within=1h", "date limite d’ici 1 heure", "deadline within 1 hour"),
        (
            "value_max=3000000",
            "jusqu’à 3 000 000 € ou montant non publié",
            "up to €3,000,000 or amount not published",
        ),
        (
            "value_min=1000.50&value_max=2000&value_unknown=drop",
            "de 1 000,50 € à 2 000 €",
            "from €1,000.50 to €2,000",
        ),
        ("published_after=2026-05-01", "publiés depuis le 1er mai 2026", "published since 1 May 2026"),
        ("green=yes&social=no", "avec clause environnementale ; sans clause sociale",
         "with a green clause; declared without a social clause"),
        ("cpv_any=45&source=ted", "CPV 45 Travaux de construction (publié ou estimé) ; publiés sur TED",
         "CPV 45 Construction work (published or estimated); published on TED"),
    ],
)  # fmt: skip
def test_a_query_is_said_back(form: str, fr: str, en: str) -> None:
    assert said(form) == fr
    assert said(form, "en") == en


def test_order_and_page_are_not_said() -> None:
    assert said("q=toiture&sort=deadline&size=5") == said("q=toiture")


@pytest.mark.parametrize(
    "text",
    ['"see http://evil.example/?a=b&c"', "<script>alert(1)</script>", "a\r\nBcc:b", '"x @evil.example [link](y)"'],
)
def test_only_words_of_what_was_typed_come_back(text: str) -> None:
    query = from_pairs([("q", text), ("buyer", text)])
    for language in ("fr", "en"):
        shown = describe(query, language) + short_title(query, language)
        assert not set(shown) & set("<>@/:[]=&\r\n")
        assert "evil.example" not in shown


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ("q=toiture OU couverture&dept=21", "toiture ou couverture, Côte-d’Or"),
        ("cpv=45261", "Travaux de charpente et de couverture et travaux connexes"),
        ("nature=works&nuts=FRC1", "travaux, Bourgogne"),
        ("dept=21&dept=71&dept=89&dept=58", "tous les marchés, Côte-d’Or, Saône-et-Loire et 2 autres"),
        ("", "tous les marchés"),
    ],
)
def test_a_title_says_topic_and_place(form: str, wanted: str) -> None:
    assert short_title(from_url(form), "fr") == wanted


def test_a_title_stays_short_whatever_was_asked() -> None:
    long = Query(q=" OU ".join(f"couverture{n}" for n in range(30)))
    assert len(short_title(long, "fr")) <= 90
    assert short_title(long, "fr").endswith("…")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_that_a_query_may_hold_has_words(language: str) -> None:
    held = {
        "NATURES": Nature,
        "PROCEDURES": Procedure,
        "STATUSES": Status,
        "KINDS": NoticeKind,
        "FLAGS": FLAGS,
        "BUYER_TYPES": BUYER_TYPES,
        "LANGUAGES": LANGUAGES,
    }
    for table, codes in held.items():
        assert set(getattr(vocabulary, table)[language]) == set(map(str, codes)), table


def test_dates_and_amounts_are_written_as_the_design_says() -> None:
    assert short_moment(JUNE, "fr", now=NOW) == "mer. 17 juin, 12 h 00".replace(" ", "\u00a0").replace(",\u00a0", ", ")
    assert short_moment(JUNE, "en", now=NOW).replace("\u00a0", " ") == "Wed 17 June, 12:00"
    assert long_moment(JUNE, "fr").replace("\u00a0", " ") == "mercredi 17 juin 2026 à 12 h 00"
    assert long_moment(JUNE, "en").replace("\u00a0", " ") == "Wednesday 17 June 2026 at 12:00"
    assert money(Money(Decimal(412000)), "fr") == "412\u202f000\u00a0€"
    assert money(Money(Decimal(412000)), "en") == "€412,000"
    assert money(Money(Decimal("99.9"), "CHF"), "fr") == "99,90\u00a0CHF"


def test_the_year_is_dropped_within_six_months_only() -> None:
    assert day(date(2026, 11, 18), "fr", now=NOW).replace("\u00a0", " ") == "18 novembre"
    assert day(date(2026, 11, 20), "fr", now=NOW).replace("\u00a0", " ") == "20 novembre 2026"


def test_days_left_count_days_of_the_calendar_in_paris() -> None:
    late = datetime(2026, 5, 21, 23, 59, tzinfo=PARIS)
    wanted = {21: "Aujourd’hui", 22: "Demain", 26: "5\u00a0jours"}
    for number, words in wanted.items():
        assert days_left(date(2026, 5, number), "fr", now=late) == words
