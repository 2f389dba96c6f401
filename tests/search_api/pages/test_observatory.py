"""The observatory's page: each number leads to the list of exactly its tenders; what is not known is said to be so."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from lxml import html

from tenders.codes import Department, Nuts
from tenders.model import Award, Buyer, Money, Nature, Notice, NoticeKind, Supplier
from tests.notices import House, notice
from tests.search_api.conftest import Client, Open


def open_page(client: Client, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def numbers(page: html.HtmlElement) -> list[tuple[int, str]]:
    """Each linked whole number of the page, with the query that it links to; a bare start page asks what is open."""
    found = []
    for link in page.xpath("//main//a[@class='nowrap'] | //main//table[@class='numbers']//td/a"):
        text = re.sub(r"[\s\u202f,]", "", words(link))
        if text.isdecimal():
            found.append((int(text), link.get("href").partition("?")[2]))
    return found


def test_each_number_of_the_page_is_the_total_of_the_search_it_leads_to(client: Client) -> None:
    for form in ("period=all", "territory=region-27&compare=dept-71", "q=mobilier"):
        found = numbers(open_page(client, f"/en/observatory?{form}"))
        assert len(found) > 40
        for count, listed in found:
            assert client.search(listed or "status=open")["total"] == count, f"{form}: {listed}"


def test_a_grouping_says_whose_purchases_it_counts_and_how_buyers_are_known(empty: House, open_client: Open) -> None:
    buyers = (
        Buyer(name="Bordeaux Métropole", id="24330031600011", country="FR"),
        Buyer(name="Ville de Bègles", postcode="33130"),
        Buyer(name="CCAS de Bègles", postcode="33130"),
        Buyer(name="Ville de Dijon", postcode="21000"),
    )
    empty.bring(
        *(notice(f"26-{n}", f"Entretien {n}", reference=f"R{n}", buyer=buyer) for n, buyer in enumerate(buyers))
    )
    client = open_client(empty)
    page = open_page(client, "/en/observatory?territory=epci-243300316&period=all&compare=epci-242100410")
    assert words(page.xpath("//h1")[0]) == "Observatory: Bordeaux Métropole"
    assert "2 tenders" in words(page.xpath("//p[@class='lead']")[0])
    said = words(page.xpath("//form/following-sibling::p[contains(@class, 'measure')]")[0])
    assert said.startswith("What Bordeaux Métropole and its communes (28) buy")
    assert "stated by 1; where it is not, by 1, the buyer is known by its official name" in said
    assert page.xpath("//select[@name='territory']/option[@selected]/@value") == ["epci-243300316"]
    chosen = page.xpath("//select[@name='compare']//option[@selected]")
    assert [(one.get("value"), words(one)) for one in chosen] == [("epci-242100410", "Dijon Métropole")]
    assert "Dijon Métropole" in words(page.xpath("//section[@aria-labelledby='compared']//thead")[0])
    for count, listed in numbers(page):
        assert client.search(listed)["total"] == count, listed


def test_a_bare_address_shows_the_last_twelve_months_everywhere(client: Client) -> None:
    page = open_page(client, "/en/observatory")
    assert words(page.xpath("//h1")[0]) == "Observatory: Everywhere"
    assert "first published from 1 June 2025 to 21 May 2026" in words(page.xpath("//p[@class='lead']")[0])
    assert page.xpath("//select[@name='period']/option[@selected]/@value") == ["12m"]
    assert page.xpath("//nav//a[@aria-current='page']/@href") == ["/en/observatory"]
    assert len(page.xpath("//*[local-name()='svg'][@role='img']")) > 3
    assert not page.xpath("//script")


def test_the_form_keeps_a_search_and_what_it_is_not_about(client: Client) -> None:
    page = open_page(client, "/fr/observatory?q=mobilier&nature=supplies&dept=21&dept=71&published_after=2026-01-01")
    hidden = {(one.get("name"), one.get("value")) for one in page.xpath("//form//input[@type='hidden']")}
    assert {("q", "mobilier"), ("nature", "supplies"), ("dept", "21"), ("dept", "71")} <= hidden
    assert page.xpath("//select[@name='territory']/option[@selected]/@value") == [""]
    assert page.xpath("//select[@name='period']/option[@selected]/@value") == [""]
    chosen = "&".join(f"{name}={value}" for name, value in sorted(hidden))
    sent = client.get(f"/fr/observatory?{chosen}&territory=dept-33&period=all&category=all&compare=")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/fr/observatory?nature=supplies&q=mobilier&territory=dept-33&period=all"
    moved = open_page(client, sent.headers["location"])
    assert words(moved.xpath("//h1")[0]) == "Observatoire : mobilier, Gironde (33)"
    kept = {one.get("name") for one in moved.xpath("//form//input[@type='hidden']")}
    assert kept == {"q", "nature"}, "territory and period are said by their fields alone"


def test_several_categories_are_told_and_kept(client: Client) -> None:
    form = "cpv_any=44&cpv_any=45&period=all"
    page = open_page(client, f"/fr/observatory?{form}")
    chosen = page.xpath("//select[@name='category']/option[@selected]")
    assert [(one.get("value"), words(one)) for one in chosen] == [("", "Les filières de cette recherche")]
    assert words(page.xpath("//p[starts-with(., 'Périmètre')]")[0]).count("CPV 4") == 2
    hidden = [(one.get("name"), one.get("value")) for one in page.xpath("//form//input[@type='hidden']")]
    assert hidden == [("cpv_any", "44"), ("cpv_any", "45")]
    kept = "&".join(f"{name}={value}" for name, value in hidden)
    for category, left in (("", kept), ("33", "cpv_any=33"), ("all", "")):
        sent = client.get(f"/fr/observatory?territory=all&period=all&category={category}&compare=&{kept}")
        assert sent.headers["location"] == f"/fr/observatory?territory=all&period=all&{left}".removesuffix("&")
        assert client.get(sent.headers["location"]).status_code == 200
    one = open_page(client, "/fr/observatory?cpv_any=4526&period=all")
    assert one.xpath("//select[@name='category']/option[@selected]/@value") == ["4526"]
    assert not one.xpath("//form//input[@type='hidden']")


def test_its_heading_says_what_the_scope_is_after(client: Client) -> None:
    for path, named in (
        ("/fr/observatory?q=toiture&nature=works&dept=21", "Observatoire : toiture, Côte-d’Or (21)"),
        ("/fr/observatory?nature=works&period=all", "Observatoire : travaux"),
        ("/fr/alerts/report?q=toiture&dept=21", "Un bilan chaque mois : toiture, Côte-d’Or (21)"),
    ):
        page = open_page(client, path)
        assert words(page.xpath("//h1")[0]) == named
        assert words(page.xpath("//title")[0]).startswith(named)


def test_its_feeds_files_and_canonical_address_are_those_of_the_scope(client: Client) -> None:
    page = open_page(client, "/fr/observatory?territory=dept-21")
    feeds = page.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href")
    assert feeds == ["/fr/tenders.atom?dept=21"]
    assert client.get(feeds[0]).status_code == 200
    assert page.xpath("//link[@rel='canonical']/@href") == [
        "https://tenderwatch.example/fr/observatory?dept=21&published_after=2025-06-01&published_before=2026-05-21"
    ]
    for path in page.xpath("//p[@class='links']//a/@href"):
        if not path.startswith("#"):
            assert client.get(path).status_code == 200, path
    followed = page.xpath("//section[@aria-labelledby='buyers']//td/a[starts-with(@href, '/fr/tenders.atom')]/@href")
    assert followed
    assert all("buyer=" in path and "published" not in path for path in followed)


def test_files_and_pictures_follow_the_page_in_language_period_and_comparison(client: Client) -> None:
    for prefix in ("", "/en", "/fr"):
        page = open_page(client, f"{prefix}/observatory?period=all&compare=dept-71")
        files = {words(link): link.get("href") for link in page.xpath("//p[@class='links']//a")}
        form = "period=all&compare=dept-71"
        assert files["CSV"] == f"{prefix}/observatory.csv?{form}"
        assert files["Excel"] == f"{prefix}/observatory.xlsx?{form}"
        assert files["JSON"] == f"/api/v1/observatory?{form}"
        pictures = page.xpath("//figcaption/a[starts-with(., 'SVG')]")
        assert len({words(link) for link in pictures}) == len(pictures) > 3, "each is named for its chart"
        assert all(link.get("href").startswith(f"{prefix}/observatory/") for link in pictures)
        assert client.get(files["JSON"]).json()["compared"]["total"] > 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("/fr/observatory?territory=dept-99", "territory=dept-99 n’est pas un territoire : écrivez all"),
        ("/fr/alerts/report?territory=dept-99", "territory=dept-99 n’est pas un territoire"),
        (
            "/fr/observatory?period=hier",
            "period=hier n’est pas une période : écrivez 12m, all ou une année",
        ),
        ("/fr/observatory?known=value", "known sert à mener des chiffres"),
        ("/fr/observatory?period=all&period=2020", "period est donné deux fois"),
        ("/fr/observatory?size=5", "size vaut pour une liste"),
        ("/fr/observatory/widget?block=nonsense", "block=nonsense : écrivez l’un de ceux-ci : months"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_readers_language_with_a_way_back(
    client: Client, asked: str, said: str
) -> None:
    page = open_page(client, asked, 400)
    [detail] = page.xpath("//p[@class='lead']")
    assert (words(detail).startswith(said), detail.get("lang")) == (True, "fr"), words(detail)
    leads = page.xpath("//main//a/@href")
    assert leads == ["/fr/observatory/territories", "/fr/observatory"]


def test_what_has_no_french_yet_is_marked_as_english(client: Client) -> None:
    [detail] = open_page(client, "/fr/observatory?places=21", 400).xpath("//p[@class='lead']")
    assert detail.get("lang") == "en"


def test_the_map_leads_to_each_departement_and_takes_its_outlines_from_one_file(client: Client) -> None:
    page = open_page(client, "/en/observatory?territory=region-27&period=all")
    links = page.xpath("//section[@aria-labelledby='places']//*[local-name()='svg']//a")
    assert links
    file = {link.xpath("./use/@href")[0].partition("#")[0] for link in links}
    answer = client.get(file.pop())
    assert not file
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    drawn = set(ElementTree.fromstring(answer.content).iter("{http://www.w3.org/2000/svg}path"))
    names = {path.get("id") for path in drawn}
    for link in links:
        assert link.xpath("./use/@href")[0].partition("#")[2] in names
        said = words(link.xpath("./title")[0])
        assert client.search(link.get("href").partition("?")[2])["total"] == int(said.rpartition(" ")[2])


def test_a_scope_that_states_no_place_has_no_map(empty: House, open_client: Open) -> None:
    empty.bring(notice("26-1", "Entretien du site de Vallebrune", places=()))
    page = open_page(open_client(empty), "/en/observatory?period=all")
    assert not page.xpath("//section[@aria-labelledby='places']")
    assert "Where the work is done: not stated by 1." in words(page)


def test_the_files_and_the_address_of_all_days_are_of_all_days(empty: House, open_client: Open) -> None:
    calls = [notice(f"26-{n}", f"Site {n}", reference=f"R{n}", published=date(2024 + n, 3, 4)) for n in range(3)]
    empty.bring(*calls)
    client = open_client(empty)
    page = open_page(client, "/fr/observatory?q=site&period=all")
    [table] = page.xpath("//p[@class='links']/a[text()='CSV']/@href")
    assert ",,,3," in client.get(table).text
    [canonical] = page.xpath("//link[@rel='canonical']/@href")
    assert canonical.endswith("/fr/observatory?q=site&period=all")


def test_lots_are_said_with_their_tenders_and_few_are_no_percentage(empty: House, open_client: Open) -> None:
    def awards(number: int, lots: int) -> tuple[Award, ...]:
        winner = Supplier(name="Bois du Val", size="large" if number % 5 == 0 else "small", place=Nuts("FRC11"))
        return tuple(Award(lot=f"LOT-{lot:04}", suppliers=(winner,)) for lot in range(1, lots + 1))

    def won(number: int, lots: int) -> Notice:
        return notice(
            f"26-{number}",
            f"Toiture du site {number}",
            kind=NoticeKind.RESULT,
            nature=Nature.WORKS,
            departments=(Department("21"),),
            deadline=None,
            lot_count=lots,
            awards=awards(number, lots),
        )

    empty.bring(*(won(number, 60 if number == 1 else 1) for number in range(1, 8)))
    page = open_page(open_client(empty), "/en/observatory?period=all")
    keys = words(page.xpath("//dl")[0])
    assert "Lots won by an SME65 of 66Stated for 66 lots in 7 tenders." in keys
    assert "Won by a local firm at least in part7 of 7" in keys
    assert "%" not in keys
    assert "Together 66 lots in 7 tenders." in words(page)
    empty.bring(*(won(number, 1) for number in range(8, 11)))
    client = open_client(empty)
    page = open_page(client, "/en/observatory?period=all")
    assert "Lots won by an SME97%Stated for 69 lots in 10 tenders." in words(page.xpath("//dl")[0])
    table = page.xpath("//section[@aria-labelledby='sme_natures']//table")[0]
    said = {words(link): link.get("href").partition("?")[2] for link in table.xpath(".//a")}
    for text in ("69 lots in 10 tenders", "67 lots in 8 tenders"):
        assert client.search(said[text])["total"] == int(text.split()[3])


def test_of_what_is_too_young_no_missing_result_is_counted(empty: House, open_client: Open) -> None:
    def results(form: str) -> str:
        page = open_page(open_client(empty), f"/fr/observatory?period=all{form}")
        return words(page.xpath("//dl")[0]).partition("Sans résultat connu")[2][:22]

    empty.bring(notice("26-1", "Entretien", reference="R1", published=date(2026, 5, 1), deadline=None))
    assert results("").startswith("trop tôt pour le dire")
    assert results("&status=open") == ""
    empty.bring(notice("26-2", "Peinture", reference="R2", published=date(2025, 5, 1)))
    assert results("").startswith("0clos"), "one is old enough, and still open"


def test_one_tender_and_none_are_singular_in_french_and_of_none_no_nature_is_unknown(
    empty: House, open_client: Open
) -> None:
    empty.bring(notice("26-1", "Entretien", published=date(2026, 5, 1)))
    client = open_client(empty)
    for form, said in (("period=2026", "1 marché,"), ("period=2020", "0 marché,")):
        assert words(open_page(client, f"/fr/observatory?{form}").xpath("//p[@class='lead']")[0]).startswith(said)
    rows = open_page(client, "/en/observatory?territory=all&period=2026&compare=dept-33").xpath(
        "//section[@aria-labelledby='compared']//tr"
    )
    [supplies] = [row for row in rows if words(row).startswith("Supplies")]
    assert words(supplies.xpath("./td")[1]) == "0"


def test_whom_nobody_names_as_winner_is_not_known(empty: House, open_client: Open) -> None:
    empty.bring(notice("26-1", kind=NoticeKind.RESULT, awards=(Award(lot="LOT-0001"),)))
    page = open_page(open_client(empty), "/en/observatory?period=all")
    assert "Won by" not in words(page.xpath("//dl")[0])
    assert "Won by a local firm at least in part: not stated by 1." in words(page)
    assert "Offers received by lot: not stated by 1." in words(page)
    assert not page.xpath("//h2[@id='won']")
    assert "Where winners sit: not stated by 1." in words(page)


def test_growth_is_told_of_years_that_are_held_whole_only(empty: House, open_client: Open) -> None:
    calls = [
        notice(
            f"26-{number}",
            f"Entretien du site {number} de Vallebrune",
            reference=f"R{number}",
            published=date(2026, 5, 1) - timedelta(days=7 * number),
        )
        for number in range(120)
    ]
    empty.bring(*calls[:60])
    page = open_page(open_client(empty), "/en/observatory")
    assert "in the year before" not in words(page.xpath("//dl")[0])
    assert "Of the year before we hold a part only" in words(page)
    empty.bring(*calls[60:])
    page = open_page(open_client(empty), "/en/observatory")
    assert "in the year before" in words(page.xpath("//dl")[0])


def test_what_lies_before_our_first_notice_is_not_called_nothing(empty: House, open_client: Open) -> None:
    days = [date(2026, 1, 12 + n) for n in range(15)]
    empty.bring(*(notice(f"26-{n}", f"Site {n}", reference=f"R{n}", published=day) for n, day in enumerate(days)))
    client = open_client(empty)
    page = open_page(client, "/en/observatory?period=2026")
    assert "We hold notices from 12 January 2026 on." in words(page.xpath("//p[@class='lead']")[0])
    assert not page.xpath("//h2[@id='compared']"), "of the year before we hold nothing"
    whole = open_page(client, "/fr/observatory?published_after=2025-03-01&published_before=2026-02-28")
    rows = whole.xpath("//section[@aria-labelledby='months']//tbody/tr/th")
    assert [words(row) for row in rows] == ["janvier 2026", "février 2026"]
    assert "Nous avons des avis depuis le 12 janvier 2026." in words(whole.xpath("//p[@class='lead']")[0])
    [january] = whole.xpath("//section[@aria-labelledby='months']//*[local-name()='rect'][@class='part']")
    assert january is not None
    assert client.get("/api/v1/observatory").json()["since"] == "2026-01-12"


def test_a_buyer_in_several_departements_is_told_to_be_so(empty: House, open_client: Open) -> None:
    def call(number: int, name: str, place: str) -> Notice:
        said = {"buyer": Buyer(name=name), "departments": (Department(place),), "places": ()}
        return notice(f"26-{number}", f"Site {number}", reference=f"R{number}", **said)  # type: ignore[arg-type]

    empty.bring(call(1, "SDIS", "21"), call(2, "SDIS", "33"), call(3, "Ville de Dijon", "21"))
    client = open_client(empty)
    [section] = open_page(client, "/fr/observatory?period=all").xpath("//section[@aria-labelledby='buyers']")
    assert [words(row) for row in section.xpath(".//tbody/tr/th")] == ["SDIS (2 départements)", "Ville de Dijon"]
    assert "SDIS (2\u00a0dép.) 2" in section.xpath(".//*[local-name()='svg']/@aria-label")[0]
    [section] = open_page(client, "/fr/observatory?dept=21&period=all").xpath("//section[@aria-labelledby='buyers']")
    assert "dép" not in words(section)


def test_an_awarded_amount_is_not_an_estimated_value(empty: House, open_client: Open) -> None:
    paid = Award(lot="LOT-0001", value=Money(Decimal(30000)))
    empty.bring(notice("26-1", kind=NoticeKind.RESULT, awards=(paid,), value=None))
    client = open_client(empty)
    page = open_page(client, "/fr/observatory?period=all")
    assert "Par valeur estimée : non dit par 1." in words(page)
    [said] = page.xpath("//section[@aria-labelledby='awarded']/p")
    assert words(said) == "Dit par 1, non dit par 0."
    assert client.search("known=award_value&unknown=value")["total"] == 1


def test_a_hostile_buyer_is_text_on_page_and_picture(client: Client) -> None:
    for path in ("/observatory?period=all", "/observatory/buyers.svg?period=all"):
        assert "<i>de" not in client.get(path).text
