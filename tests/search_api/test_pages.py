"""The pages people open: a tender, the plain search, what to say when something is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from lxml import html

from tests.notices import House, notice
from tests.search_api.conftest import Client, Open
from tests.search_api.samples import ROOF, ROOF_MOVED


def read(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def words(text: str) -> str:
    return " ".join(read(text).text_content().split())


def open_page(client: Client, text: str, **headers: str) -> str:
    [line] = client.search(f"q={text}&size=1")["items"]
    answer = client.get(f"/tenders/{line['id']}", **headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_a_tenders_page_says_what_one_decides_by(client: Client) -> None:
    page = open_page(client, "charpente")
    said = words(page)
    for fact in (
        "Réfection de la toiture et de la charpente de l'école des Tilleuls",
        "Commune de Vallebrune",
        "27 jours",
        "mercredi 17 juin 2026 à 12 h 00",
        "412 000 €",
        "Côte-d’Or (21)",
        "Procédure adaptée",
        "Couverture en tuiles et zinguerie",
        "Règlement de la consultation",
        "12,4 Mo",
        "BOAMP 26-148",
        "Syndicat scolaire du Val",
        "45261210 Travaux de couverture",
        "Clause sociale",
    ):
        assert " ".join(fact.split()) in said, fact
    tree = read(page)
    assert tree.get("lang") == "fr"
    links = {a.get("href") for a in tree.iter("a")}
    assert {
        "https://boamp.example/avis/26-100",
        "https://boamp.example/avis/26-148",
        "https://profil.example/dce/2",
    } <= links


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("vitres", "Annulé", "Cancelled"),
        ("médiathèque", "Atelier Quatre Vents", "88,000"),
        ("espaces+verts", "affiché jusqu’au 30 mai 2026", "shown until 30 May 2026"),
        ("espaces+verts", "6 annoncés, non détaillés", "6 stated, not detailed"),
        ("bennes", "aucune date limite connue", "no deadline known"),
        ("voirie", "Annoncé", "Announced"),
        ("chaudières", "Demain", "Tomorrow"),
    ],
)
def test_each_state_of_a_tender_is_said_in_words_in_both_languages(
    client: Client, text: str, french: str, english: str
) -> None:
    assert french in words(open_page(client, text))
    page = open_page(client, text, Accept_Language="en-GB, fr;q=0.5")
    assert english in words(page)
    assert read(page).get("lang") == "en"


def test_a_correction_shows_what_was_and_what_is(empty: House, open_client: Open) -> None:
    empty.bring(ROOF)
    empty.bring(ROOF_MOVED)
    tree = read(open_page(open_client(empty), "charpente"))
    [changed] = tree.find_class("changed")[1:]
    assert [d.text_content() for d in changed.iter("del")] == ["avant mer.\xa03\xa0juin, 12\xa0h\xa000"]
    now = [i.text_content() for i in changed.iter("ins")]
    assert now == ["maintenant mer.\xa017\xa0juin, 12\xa0h\xa000", "maintenant Diagnostic"]


def _addresses(tree: html.HtmlElement) -> Iterator[str]:
    for _, _, address, _ in tree.iterlinks():
        yield address


@pytest.mark.parametrize("path", [None, "/?q=gaines", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/?q=%22%3E%3Cb%3E("])
def test_no_text_of_a_source_or_a_reader_becomes_markup(client: Client, path: str | None) -> None:
    text = open_page(client, "gaines") if path is None else client.get(path).text
    tree = read(text)
    assert not list(tree.iter("script", "img", "i", "style", "iframe"))
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on") or name == "style"]
    assert {urlsplit(address).scheme for address in _addresses(tree)} <= {"", "http", "https", "mailto"}
    assert not any(ord(c) < 32 and c not in "\t\n\r" for c in text)


def test_an_absorbed_tenders_address_leads_to_the_standing_one_for_ever(empty: House, open_client: Open) -> None:
    one = notice("26-1", "Construction d'une passerelle", buyer=replace(ROOF.buyer, name="Ville de Combrelle", id=None))
    other = replace(one, source_id="26-2", title="Ouvrage de franchissement du canal")
    empty.bring(one, other)
    client = open_client(empty)
    old = {line["notices"][0]: line["id"] for line in client.search()["items"]}
    assert len(old) == 2
    empty.bring(replace(other, source_id="26-3", supersedes=("26-1", "26-2")))
    [line] = client.search()["items"]
    assert line["id"] == old["boamp:26-1"]
    gone = old["boamp:26-2"]
    for path in ("/tenders/", "/api/v1/tenders/"):
        answer = client.get(path + gone)
        assert (answer.status_code, answer.headers["location"]) == (301, path + line["id"])
        assert client.get(answer.headers["location"]).status_code == 200


def test_an_unknown_tender_is_a_page_that_says_so(client: Client) -> None:
    answer = client.get("/tenders/0000000000000000")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Cette page n’existe pas" in words(answer.text)
    assert "does not exist" in words(client.get("/tenders/..%2Fx", Accept_Language="en").text)


@pytest.mark.parametrize(
    "path",
    "/ /api/v1/tenders /tenders.atom /tenders.rss /openapi.json /health/live /health/ready /static/tenderwatch.css "
    "/tenders/nobody /api/v1/sources /api/v1/tenders?size=x /nowhere".split(),
)
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    for method in ("GET", "HEAD"):
        headers = client.ask(method, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"]
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "access-control-allow-credentials" not in headers


def test_programs_of_any_origin_may_read_the_api_and_the_feeds_but_not_the_pages(client: Client) -> None:
    for path in ("/api/v1/tenders", "/tenders.atom", "/openapi.json", "/api/v1/tenders?size=x"):
        assert client.get(path, Origin="https://elsewhere.example").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/", Origin="https://elsewhere.example").headers
    asked = client.ask("OPTIONS", "/api/v1/tenders", {"Origin": "https://elsewhere.example"})
    assert (asked.status_code, asked.headers["access-control-allow-methods"]) == (204, "GET, HEAD")


def test_head_tells_what_get_would_without_the_body(client: Client) -> None:
    for path in ("/api/v1/tenders?q=charpente", "/tenders.atom", "/"):
        got, asked = client.get(path), client.ask("HEAD", path)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["etag"] == got.headers["etag"]
        assert asked.headers["content-length"] == str(len(got.content))
