"""The search page: filters that ask what they say, rows by urgency, ways on where nothing is, runnable repairs."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from search_api.pages.repairs import repair
from tenders.errors import BadQuery
from tenders.query_text import parse_text
from tests.notices import House, notice
from tests.search_api.conftest import BASE, Client, Open
from tests.search_api.samples import ROOF, ROOF_MOVED


def open_page(client: Client, path: str, status: int = 200, **headers: str) -> html.HtmlElement:
    answer = client.get(path, **headers)
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def fields(page: html.HtmlElement) -> list[tuple[str, str]]:
    """What a browser would send: the controls of the form, wherever they stand."""
    sent: list[tuple[str, str]] = []
    for control in page.xpath("//*[@name][ancestor::form[@id='search'] or @form='search']"):
        if control.tag == "select":
            value = next(iter(control.xpath("option[@selected]/@value")), control.xpath("option/@value")[0])
        elif control.get("type") in ("checkbox", "radio") and control.get("checked") is None:
            continue
        else:
            value = control.get("value", "")
        sent.append((control.get("name"), value))
    return sent


def filled(page: html.HtmlElement) -> list[tuple[str, str]]:
    return sorted(pair for pair in fields(page) if pair[1])


def titles(page: html.HtmlElement) -> list[str]:
    return [words(title) for title in page.xpath("//article//h3")]


def test_the_start_shows_what_is_open_soonest_deadline_first_in_groups(client: Client) -> None:
    page = open_page(client, "/")
    assert len(titles(page)) == 20
    assert titles(page)[0] == "Dépannage de chaudières"
    assert words(page.xpath("//h1")[0]) == f"{client.search('status=open')['total']} marchés ouverts"
    groups = [words(group) for group in page.find_class("group")]
    assert groups == ["Dans les 7 jours", "Dans les 30 jours"]
    [soon] = page.find_class("soon")
    assert "Demain" in words(soon) and soon.xpath(".//time/@datetime") == ["2026-05-22T17:00:00+02:00"]
    assert [words(chip) for chip in page.find_class("chip")] == ["Marchés ouverts , retirer ce filtre"]


def test_the_rule_has_a_graduation_a_day_and_none_past_thirty(client: Client) -> None:
    page = open_page(client, "/?q=charpente&status=open")
    [rule] = page.find_class("rule")
    assert rule.get("width") == str(27 * 4)
    path = rule.xpath("*[name()='path']/@d")[0]
    assert (path.count("v3"), path.count("v6")) == (23, 3)
    widths = open_page(client, "/?q=mobilier&status=open&size=100").xpath("//*[@class='rule']/@width")
    assert max(map(int, widths)) == 120


def test_a_row_says_who_where_what_and_how_much(client: Client, empty: House, open_client: Open) -> None:
    page = open_page(client, "/?q=zinguerie&status=open")
    [row] = page.xpath("//article")
    said = words(row)
    for fact in (
        "27 jours mer. 17 juin, 12 h 00",
        "Commune de Vallebrune, Côte-d’Or (21)",
        "Lot 2 sur 3 : Couverture en tuiles et zinguerie, 196 000,50 €",
        "Travaux, procédure adaptée",
        "CPV 45261000",
        "Clause sociale",
        "412 000 €",
        "3 lots",
        "BOAMP",
    ):
        assert " ".join(fact.split()) in said, fact
    assert [mark.text for mark in row.iter("mark")] == ["zinguerie"]
    assert "Modifié le 19 mai : Date limite avant mer. 3 juin, 12 h 00 → maintenant mer. 17 juin, 12 h 00" in said
    empty.bring(ROOF_MOVED, ROOF)
    together = open_page(open_client(empty), "/?status=open")
    assert "Modifié le 19 mai" in words(together), "told though both notices came at once"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("vitres", "Annulé le dim. 10 mai"),
        ("médiathèque", "Attribué à Atelier Quatre Vents, 88 000 €, 4 offres"),
        ("bennes", "date limite non publiée"),
        ("espaces", "sans date limite, affiché jusqu’au 30 mai"),
        ("voirie", "Projet annoncé"),
    ],
)
def test_a_row_without_a_deadline_to_come_says_its_state(client: Client, asked: str, says: str) -> None:
    assert says in words(open_page(client, f"/?q={quote(asked)}"))


def test_the_form_asks_again_what_was_asked_whatever_it_was(client: Client) -> None:
    for form in (
        "q=mobilier+scol*&dept=71&dept=21&nature=supplies&sort=-value&size=5",
        "status=open&deadline_within=48h&cpv_any=39&cpv=39160000&lang=fr",
        "buyer=Lyc%C3%A9e+n%C2%B0+1&kind=competition&published_after=2026-04-01&value_min=1000&value_unknown=drop",
        "green=yes&social=no&source=boamp&nuts=FRC1&eu_funded=yes&procedure=adapted&buyer_type=ra",
    ):
        again = "/?" + urlencode(filled(open_page(client, f"/?{form}")))
        asked, repeated = (client.search(address.partition("?")[2])["query"] for address in (f"/?{form}", again))
        assert asked == repeated


def test_counts_of_a_filter_ignore_its_own_choice(client: Client) -> None:
    page = open_page(client, "/?q=mobilier&dept=71")
    counts = {
        box.get("value"): words(box.xpath("following-sibling::*[@class='count']")[0])
        for box in page.xpath("//input[@name='dept']")
    }
    assert counts == {"71": "68", "21": "69"}


def test_each_chip_takes_one_filter_away_and_the_empty_question_is_not_the_start(client: Client) -> None:
    page = open_page(client, "/?q=mobilier&dept=71&dept=21&value_min=2000")
    chips = {words(chip).removesuffix(" , retirer ce filtre"): chip.get("href") for chip in page.find_class("chip")}
    assert set(chips) == {"Côte-d’Or", "Saône-et-Loire", "Au moins 2 000 € ou montant non publié"}
    assert chips["Côte-d’Or"] == "/?q=mobilier&dept=71&value_min=2000"
    [chip] = open_page(client, "/").find_class("chip")
    everything = open_page(client, chip.get("href"))
    assert words(everything.xpath("//h1")[0]) == f"{client.search()['total']} marchés"


def test_amounts_may_be_written_as_people_write_them(client: Client) -> None:
    page = open_page(client, "/?" + urlencode({"q": "mobilier", "value_min": "2 000,50 €", "value_unknown": "drop"}))
    assert page.xpath("//input[@name='value_min']/@value") == ["2000.50"]


def test_pages_follow_one_another_and_feeds_ask_the_same(client: Client) -> None:
    page = open_page(client, "/fr/?q=mobilier+scol*&dept=71&sort=-value&size=5")
    saved = "q=mobilier+scol%2A&dept=71"
    feeds = page.xpath("//link[@rel='alternate'][@type]/@href")
    followed = [f"/fr/tenders.{form}?{saved}" for form in ("atom", "rss", "feed.json", "ics")]
    assert feeds == [*followed, *(f"/fr/tenders.{form}?{saved}&sort=-value" for form in ("csv", "xlsx"))]
    assert page.xpath("//a[contains(., 'Créer une alerte')]/@href") == [f"/fr/alerts/new?{saved}"]
    [following] = page.xpath("//a[@rel='next']/@href")
    more = open_page(client, following)
    assert titles(more) and not set(titles(more)) & set(titles(page))
    assert more.xpath("//meta[@name='robots']/@content") == ["noindex"]
    first = more.xpath("//a[contains(., 'Revenir au début')]/@href")[0]
    assert titles(open_page(client, first)) == titles(page)


def test_the_question_is_said_back_in_words_in_both_languages(client: Client) -> None:
    form = "?q=toiture+OU+mobilier+-amiante&dept=21&status=open"
    for prefix, said, title in (
        ("/fr/", "« toiture » ou « mobilier », sans « amiante »", "marchés ouverts :"),
        ("/en/", "“toiture” or “mobilier”, without “amiante”", "open tenders:"),
    ):
        page = open_page(client, prefix + form)
        assert said in words(page.xpath("//main")[0])
        assert title in words(page.xpath("//title")[0]) and "Côte-d’Or" in words(page.xpath("//title")[0])
        assert said in page.xpath("//meta[@property='og:description']/@content")[0].replace("\xa0", " ")
    [canonical] = page.xpath("//link[@rel='canonical']/@href")
    assert canonical == f"{BASE}/en/?q=toiture+OU+mobilier+-amiante&dept=21&status=open"


def test_where_nothing_is_found_each_wider_step_finds_what_it_says(client: Client) -> None:
    page = open_page(client, "/?q=%22charpente+m%C3%A9tallique%22+toiture&dept=21&status=open")
    assert words(page.xpath("//h1")[0]) == "Aucun marché ouvert"
    steps = page.xpath("//section[@aria-labelledby='widen']//li")
    assert steps
    for step in steps:
        [link] = step.iter("a")
        found = open_page(client, link.get("href"))
        assert words(step).endswith(words(found.xpath("//h1")[0]))
        assert titles(found)
    assert "Aucun marché ne répondait à cette recherche" in words(page)
    english = open_page(client, "/en/?q=xyzzy&status=open")
    assert "No tender of the last 12 months answered this search." in words(english)


@pytest.mark.parametrize(
    ("typed", "says", "marked", "first"),
    [
        ('menuiserie "bois massif -amiante', "guillemet", '"bois massif -amiante', 'menuiserie "bois massif" -amiante'),
        ("toiture (école", "parenthèse fermante", "(école", "toiture (école)"),
        ("toiture) école", "n’a pas été ouverte", ")", "(toiture) école"),
        ("toiture OU", "OU", "OU", "toiture ou"),
        ("ET toiture", "ET", "ET", "et toiture"),
        ("(" * 25 + "toiture" + ")" * 25, "imbriquées", "(", "toiture"),
        (" ".join(f"mot{n}" for n in range(70)), "64 mots", None, " ".join(f"mot{n}" for n in range(64))),
    ],
)
def test_a_text_that_cannot_be_read_is_explained_and_mended(
    client: Client, typed: str, says: str, marked: str | None, first: str
) -> None:
    page = open_page(client, f"/fr/?q={quote(typed)}&dept=71&status=open", status=400)
    [alert] = page.xpath("//*[@role='alert']")
    assert says in words(alert)
    assert [mark.text for mark in alert.iter("mark")] == ([marked] if marked else [])
    assert dict(fields(page))["q"] == typed.strip()
    assert ("dept", "71") in fields(page)
    repairs = page.xpath("//h2[contains(., 'Vouliez-vous dire')]/following-sibling::ul/li")
    assert len(repairs) >= 2
    assert words(repairs[0]).startswith(first)
    for link in page.xpath("//main//li/a/@href"):
        assert client.get(link).status_code == 200


@given(st.text(st.sampled_from('ab -"()|* OUETSAUFNOT«»é'), min_size=1, max_size=60))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_repair_can_be_read(typed: str) -> None:
    try:
        parse_text(typed)
    except BadQuery:
        for text in repair(typed):
            assert parse_text(text) is not None


@pytest.mark.parametrize("form", ["dept=x", "page=2", "size=1000", "value_min=lots", "source=nowhere", "after=zz"])
def test_a_filter_that_cannot_be_read_is_a_page_with_a_way_on(client: Client, form: str) -> None:
    page = open_page(client, f"/?q=mobilier&{form}", status=400)
    for link in page.xpath("//main//li/a/@href"):
        assert client.get(link).status_code == 200


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_5xx_or_markup(client: Client, text: str) -> None:
    answer = client.get(f"/?q={quote(text.encode('utf-8', 'replace'))}")
    assert answer.status_code in (200, 400)
    assert not re.search(r"<(script|img|iframe)", answer.text)


def test_page_and_stylesheet_are_light(client: Client) -> None:
    sizes = [len(client.get(path).content) for path in ("/", "/static/tenderwatch.css")]
    assert sum(sizes) < 60_000


def test_what_is_followed_speaks_the_language_of_the_page_whatever_reads_it(client: Client) -> None:
    page = open_page(client, "/?q=toiture", Accept_Language="en")
    feeds = page.xpath("//p[@class='follow']/a/@href")
    assert feeds[:2] == ["/en/tenders.atom?q=toiture", "/en/tenders.rss?q=toiture"]
    for address in feeds[:-1]:
        answer = client.get(address, Accept_Language="fr")
        assert answer.status_code == 200 and "Accept-Language" not in answer.headers.get("vary", "")


def test_without_the_filter_that_cannot_be_read_the_words_stay(client: Client) -> None:
    for form in ("q=toiture&status=open&value_min=abc", "foo=1&status=open&q=toiture"):
        page = open_page(client, f"/?{form}", status=400)
        assert page.xpath("//main//li/a/@href")[0] == "/?q=toiture&status=open"
        assert dict(fields(page))["q"] == "toiture"


def test_the_place_of_a_fault_is_counted_in_the_text_that_is_shown(client: Client) -> None:
    page = open_page(client, "/?q=%01%02toiture%03+(%C3%A9cole", status=400)
    assert [mark.text for mark in page.xpath("//*[@role='alert']")[0].iter("mark")] == ["(école"]


def test_clear_all_leaves_the_words_alone(client: Client) -> None:
    for form, left in (("q=mobilier&dept=71&status=closed", "/?q=mobilier"), ("", "/?q="), ("dept=71", "/?q=")):
        page = open_page(client, f"/?{form}" if form else "/")
        assert page.find_class("clear")[0].get("href") == left
        assert not open_page(client, left).find_class("chip")


def test_search_engines_keep_no_search_of_many_filters(client: Client) -> None:
    for form, kept in (("dept=21&status=open", True), ("dept=21&status=open&nature=works", False)):
        robots = open_page(client, f"/?q=toiture&{form}").xpath("//meta[@name='robots']/@content")
        assert robots == ([] if kept else ["noindex"])


def test_a_skip_link_after_the_form_leads_to_the_results(client: Client) -> None:
    page = open_page(client, "/")
    [skip] = page.xpath("//form[@id='search']/following::a[@class='skip']")
    assert words(skip) == "Aller aux résultats" and page.get_element_by_id(skip.get("href")[1:]) is not None
    assert skip.xpath("following::aside[@id='filters']"), "before the filters"


def test_list_and_page_hurry_by_days_of_the_calendar(empty: House, open_client: Open) -> None:
    empty.bring(
        notice("1", "Toiture", deadline=datetime.fromisoformat("2026-05-24T18:00:00+02:00"), lot_count=1),
        notice("2", "Voirie", deadline=datetime.fromisoformat("2026-05-25T08:00:00+02:00")),
    )
    client = open_client(empty)
    listed = open_page(client, "/?status=open")
    for row, hurry in zip(listed.xpath("//article"), (True, False), strict=True):
        assert ("soon" in row.get("class").split()) is hurry
        tender = open_page(client, row.xpath(".//h3/a/@href")[0])
        assert bool(tender.xpath("//section[contains(@class, 'decision')][contains(@class, 'soon')]")) is hurry
    [first, _] = listed.xpath("//article//h3/a/@href")
    assert "1 annoncé, non détaillé" in words(open_page(client, first))
