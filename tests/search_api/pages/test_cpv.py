"""The page of a CPV code: one address, its names, the codes around it, and counts that are those of the searches."""

from __future__ import annotations

from lxml import html

from tenders.codes import Cpv
from tenders.reference import cpv_check_digits
from tests.search_api.conftest import Client


def open_page(client: Client, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_code_has_its_names_its_trail_and_its_branches(client: Client) -> None:
    page = open_page(client, "/fr/cpv/45261000")
    assert words(page.xpath("//h1")[0]) == Cpv("45261000").label("fr")
    assert "CPV 45261000-4" in words(page)
    assert words(page.xpath("//*[@lang='en'][contains(@class, 'fine')]")[0]) == Cpv("45261000").label("en")
    trail = page.xpath("//ol[@class='trail']//a/@href")
    assert trail == ["/fr/cpv", "/fr/cpv/45000000", "/fr/cpv/45200000", "/fr/cpv/45260000"]
    below = page.xpath("//section[@aria-labelledby='below']//a/@href")
    assert "/fr/cpv/45261200" in below
    assert "/fr/cpv/45262000" in page.xpath("//section[@aria-labelledby='beside']//a/@href")


def test_its_count_is_that_of_the_search_it_links_to(client: Client) -> None:
    for code in ("45261000", "39160000", "39000000", "14000000"):
        page = open_page(client, f"/en/cpv/{code}")
        total = client.search(f"cpv_any={Cpv(code).prefix}&status=open")["total"]
        head = page.xpath("//section[@aria-labelledby='open']")[0]
        if total:
            [link] = head.xpath("h2/a")
            assert words(link) == f"{total} open tender{'s' if total > 1 else ''}"
            assert client.search(link.get("href").partition("?")[2])["total"] == total
        else:
            assert "No open tender" in words(head)
        for branch in page.xpath("//section[@aria-labelledby='below']//li"):
            below = Cpv(branch.xpath("a/@href")[0][-8:])
            assert words(branch).endswith(f" {client.search(f'cpv_any={below.prefix}&status=open')['total']}")


def test_divisions_are_counted_as_their_pages_are(client: Client) -> None:
    rows = open_page(client, "/en/cpv").xpath("//ul[contains(@class, 'fields')]/li")
    assert len(rows) == 45
    counted = {row.xpath("a/@href")[0]: words(row.xpath("span[@class='count']")[0]) for row in rows}
    assert counted["/en/cpv/39000000"] == str(client.search("cpv_any=39&status=open")["total"]) != "0"
    assert counted["/en/cpv/14000000"] == "0"


def test_every_spelling_leads_to_the_one_address(client: Client) -> None:
    for asked in ("45261", "45261000-4", "452610"):
        answer = client.get(f"/en/cpv/{asked}")
        assert (answer.status_code, answer.headers["location"]) == (301, "/en/cpv/45261000")
    for asked in ("99", "abc", "45261000-5", "4" * 400):
        open_page(client, f"/cpv/{asked}", 404)


def test_every_code_of_the_vocabulary_leads_up_to_a_division() -> None:
    for code in map(Cpv, cpv_check_digits()):
        above = code
        while above.parent is not None:
            above = above.parent
        assert len(above.prefix) == 2


def test_its_links_follow_and_alert_on_the_same_codes(client: Client) -> None:
    page = open_page(client, "/cpv/45261000")
    assert client.get(page.xpath("//a[text()='Flux Atom']/@href")[0]).status_code == 200
    [alert] = page.xpath("//a[contains(@class, 'button')][contains(@href, '/alerts/new')]/@href")
    assert "cpv_any=45261" in alert and client.get(alert).status_code == 200
