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
from tenders.query_words import describe, hint, short_title
from tenders.status import PARIS

NOW = datetime(2026, 5, 21, 8, 40, tzinfo=PARIS)
JUNE = datetime(2026, 6, 17, 12, 0, tzinfo=PARIS)


def said(form: str, language: str = "fr") -> str:
    return describe(from_url(form), language).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("form", "fr", "en"),
    [
        ("", "tous les marchés", "all tenders"),
        ("status=open", "marchés ouverts", "open tenders"),
        ("status=open&status=planned", "marchés ouverts ou annoncés", "open or announced tenders"),
        ("q=toiture école", "« toiture » et « école »", "“toiture” and “école”"),
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
        ("q=-amiante -plomb", "sans « amiante » ni « plomb »", "without “amiante” or “plomb”"),
        (
            "q=a (b OU c) élec* -(d OU e)",
            "« a » et (« b » ou « c ») et « élec… », sans « d » ni « e »",
            "“a” and (“b” or “c”) and “élec…”, without “d” or “e”",
        ),
        ("q=(a b) OU c", "(« a » et « b ») ou « c »", "(“a” and “b”) or “c”"),
        ("q=(a -b) OU c", "(« a », sans « b ») ou « c »", "(“a”, without “b”) or “c”"),
        (
            "q=école -(amiante plomb)",
            "« école », sans (« amiante » et « plomb »)",
            "“école”, without (“amiante” and “plomb”)",
        ),
        (
            "winner=sme&relaunch=yes&known=buyer&unknown=lots",
            "gagnés par une PME ; relances ; information connue : acheteur ; information manquante : lots",
            "won by an SME; relaunched; known: buyer; not known: lots",
        ),
        (
            "winner_dept=21&winner_dept=99&local=yes",
            "siège d’un titulaire : Côte-d’Or ou Étranger ; gagnés par une entreprise du lieu",
            "seat of a winner: Côte-d’Or or Étranger; won by a local firm",
        ),
        ("local=no", "gagnés par des entreprises d’ailleurs", "won by firms from elsewhere"),
        (
            "q=Dach&lang=de&lang=fr",
            "« Dach » ; mots cherchés en allemand ou en français",
            "“Dach”; words tried in German or in French",
        ),
        ("nuts=FRC1&nuts=FR", "Bourgogne (FRC1) ou France", "Bourgogne (FRC1) or France"),
        ("nuts=BE3&status=open", "Région wallonne (BE3) ; ouverts", "Région wallonne (BE3); open"),
        ("dept=21&dept=71", "Côte-d’Or ou Saône-et-Loire", "Côte-d’Or or Saône-et-Loire"),
        (
            "buyer=Commune de Valombre&buyer=Région Grand Est",
            "acheteur « Commune de Valombre » ou « Région Grand Est »",
            "buyer “Commune de Valombre” or “Région Grand Est”",
        ),
        (
            "buyer_type=la&buyer_type=ra",
            "acheteur de type collectivité locale ou région",
            "buyer of type local authority or regional authority",
        ),
        (
            "epci=243300316&status=open",
            "achetés par Bordeaux Métropole ou l’une de ses communes ; ouverts",
            "bought by Bordeaux Métropole or one of its communes; open",
        ),
        (
            "buyer_category=municipality&buyer_category=region&known=buyer_id",
            "acheteur, selon son SIREN : commune ou région ; information connue : numéro SIREN de l’acheteur",
            "buyer, by its SIREN: municipality or region; known: SIREN number of the buyer",
        ),
        (
            "nature=works&nature=services&status=awarded",
            "travaux ou services ; attribués",
            "works or services; awarded",
        ),
        ("procedure=adapted&status=open", "procédure adaptée ; ouverts", "adapted procedure (MAPA); open"),
        (
            "kind=competition&kind=change",
            "avis de type appel à concurrence ou rectificatif",
            "notices of type call for tenders or correction",
        ),
        ("source=boamp&source=ted", "publiés sur BOAMP ou TED", "published on BOAMP or TED"),
        ("cpv=45&status=open", "CPV 45 Travaux de construction ; ouverts", "CPV 45 Construction work; open"),
        (
            "cpv_any=45&source=ted",
            "CPV 45 Travaux de construction (publié ou estimé) ; publiés sur TED",
            "CPV 45 Construction work (published or estimated); published on TED",
        ),
        (
            "cpv_any=45261&cpv_any=45421",
            (
                "CPV 45261 Travaux de charpente et de couverture et travaux connexes ou CPV 45421 Travaux de "
                "menuiserie (publié ou estimé)"
            ),
            (
                "CPV 45261 Erection and related works of roof frames and coverings or CPV 45421 Joinery work "
                "(published or estimated)"
            ),
        ),
        ("published_after=2026-05-01", "publiés depuis le 1er mai 2026", "published since 1 May 2026"),
        (
            "published_after=2026-05-01&published_before=2026-05-31",
            "publiés du 1er mai 2026 au 31 mai 2026",
            "published from 1 May 2026 to 31 May 2026",
        ),
        (
            "published_after=2026-05-20&published_before=2026-05-20",
            "publiés le 20 mai 2026",
            "published on 20 May 2026",
        ),
        ("deadline_before=2026-06-30", "date limite jusqu’au 30 juin 2026", "deadline up to 30 June 2026"),
        (
            "deadline_after=2026-06-01&deadline_before=2026-06-30",
            "date limite du 1er juin 2026 au 30 juin 2026",
            "deadline from 1 June 2026 to 30 June 2026",
        ),
        ("deadline_within=7d", "date limite d’ici 7 jours", "deadline within 7 days"),
        ("deadline_within=1h", "date limite d’ici 1 heure", "deadline within 1 hour"),
        ("value_max=3000000", "jusqu’à 3 000 000 € ou montant non publié", "up to €3,000,000 or value not published"),
        ("value_min=90000", "au moins 90 000 € ou montant non publié", "at least €90,000 or value not published"),
        ("value_min=1000.50&value_max=2000&value_unknown=drop", "de 1 000,50 € à 2 000 €", "from €1,000.50 to €2,000"),
        ("value_min=90000&value_max=90000&value_unknown=drop", "90 000 €", "€90,000"),
        ("value_unknown=drop", "montant publié", "value published"),
        (
            "green=yes&social=no",
            "avec clause environnementale ; déclarés sans clause sociale",
            "with a green clause; declared without a social clause",
        ),
        (
            "reserved=yes&sme=yes",
            "déclarés réservés ; déclarés adaptés aux PME",
            "declared reserved; declared suited to SMEs",
        ),
        (
            "innovation=yes&framework=no&eu_funded=yes",
            "achats innovants ; déclarés sans accord-cadre ; avec fonds européens",
            "innovative purchases; declared without a framework agreement; with EU funds",
        ),
        (
            (
                "q=toiture&cpv_any=45&dept=2A&nature=works&procedure=adapted&status=open&source=boamp&"
                "published_after=2026-05-01&deadline_within=30d&value_max=90000&green=yes"
            ),
            (
                "« toiture » ; CPV 45 Travaux de construction (publié ou estimé) ; Corse-du-Sud ; travaux ; "
                "procédure adaptée ; ouverts ; publiés sur BOAMP ; publiés depuis le 1er mai 2026 ; date limite "
                "d’ici 30 jours ; jusqu’à 90 000 € ou montant non publié ; avec clause environnementale"
            ),
            (
                "“toiture”; CPV 45 Construction work (published or estimated); Corse-du-Sud; works; adapted "
                "procedure (MAPA); open; published on BOAMP; published since 1 May 2026; deadline within 30 days; up "
                "to €90,000 or value not published; with a green clause"
            ),
        ),
    ],
)
def test_a_query_of_any_shape_is_said_back(form: str, fr: str, en: str) -> None:
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
        ("status=open", "marchés ouverts"),
        ("status=open&dept=21&deadline_within=7d", "marchés ouverts, date limite d’ici 7 jours, Côte-d’Or"),
        ("source=boamp&published_after=2026-05-01", "marchés : publiés sur BOAMP, publiés depuis le 1er mai 2026"),
        ("buyer=Ville de Dole&buyer=Jura", "Ville de Dole ou Jura"),
        ("cpv=45261&cpv=45421", "Travaux de charpente et de couverture et travaux connexes ou Travaux de menuiserie"),
        ("dept=21&dept=71&dept=89", "tous les marchés, Côte-d’Or, Saône-et-Loire et Yonne"),
    ],
)
def test_a_title_says_topic_and_place(form: str, wanted: str) -> None:
    assert short_title(from_url(form), "fr").replace("\u00a0", " ") == wanted


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


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"q": "toiture OU couverture", "dept": "21"}, "“toiture” or “couverture”; Côte-d’Or"),
        ({"q": "toiture", "cpv": "45261000"}, None),
        ({"q": "12345"}, "…"),
        ({"q": "mur 06.12.34.56.78", "dept": "21"}, "“mur”; Côte-d’Or"),
        ({"q": "mur", "buyer": "http://a.example"}, "“mur”"),
        ({"q": "mot " * 30}, f"“{'mot ' * 14}mot…”"),
        ({"q": "m" * 90, "dept": "21"}, "Côte-d’Or"),
        ({"q": "mur", "buyer": "Ville " * 20}, f"“mur”; buyer “{'Ville ' * 8}Ville…”"),
    ],
)
def test_a_hint_says_the_search_where_that_can_carry_no_message(form: dict[str, str], said: str | None) -> None:
    query = from_pairs(form.items())
    assert hint(query, "en") == (said or describe(query, "en"))
