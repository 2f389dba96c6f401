"""One query, the same tenders in every form, on each engine; and what a page links to is that set, too."""

from __future__ import annotations

import random
import re
from pathlib import Path

import feedparser

from search_api.app import create_app
from search_api.outputs.table import ATOM, CALENDAR, CSV, JSON_FEED, OUTPUTS, RSS, XLSX, Output, alternates
from tenders.query import Query
from tenders.query_url import from_url, to_url
from tests.indexer.random_tenders import NOW, random_notice, random_query
from tests.notices import House
from tests.search_api.conftest import BASE, Client
from tests.search_api.outputs.conftest import read_csv, read_events, read_sheets

QUERIES = 30


def found(client: Client, output: Output, form: str) -> set[str]:
    """The ids of tenders that an output gives, none of them twice."""
    paged = "&size=100" if output.paged else ""
    answer = client.get(f"{output.path}?{form}{paged}")
    assert answer.status_code == 200, (output.path, form, answer.text)
    if output in (ATOM, RSS):
        ids = [entry.id for entry in feedparser.parse(answer.content).entries]
    elif output is JSON_FEED:
        ids = [item["id"] for item in answer.json()["items"]]
    elif output is CALENDAR:
        ids = [uid.partition("@")[0] for uid in read_events(answer.content)]
    elif output is CSV:
        ids = [row["id"] for row in read_csv(answer.content)]
    else:
        ids = [row[0] for row in read_sheets(answer.content)[0].iter_rows(min_row=2, values_only=True)]
    bare = [id_.rpartition(":")[2] for id_ in ids]
    assert len(bare) == len(set(bare))
    return set(bare)


def test_every_form_gives_the_tenders_of_the_search(tmp_path: Path, search_url: str) -> None:
    draw = random.Random(11)
    house = House(tmp_path, search_url)
    house.bring(*(random_notice(draw, number) for number in range(90)))
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    sizes = []
    while len(sizes) < QUERIES:
        form = to_url(random_query(draw))
        lines = client.search(f"{form}&size=100")["items"]
        if not lines and sizes.count(0) > QUERIES // 5:
            continue
        sizes.append(len(lines))
        ids = {line["id"] for line in lines}
        dated = {line["id"] for line in lines if line["deadline"] or line["display_until"]}
        for output in OUTPUTS:
            assert found(client, output, form) == (dated if output is CALENDAR else ids), (output.path, form)
    assert sum(size > 1 for size in sizes) > QUERIES // 3, "most of them find something"
    house.close()


def test_under_the_prefix_of_a_language_each_form_speaks_it_and_its_links_keep_it(client: Client) -> None:
    for output in OUTPUTS:
        answer = client.get(f"/en{output.path}?q=charpente", Accept_Language="fr")
        assert answer.status_code == 200
        assert answer.headers.get("vary", "Accept-Encoding") == "Accept-Encoding"
        if output in (ATOM, RSS, JSON_FEED, CALENDAR):
            assert "Buyer" in answer.text and "Acheteur" not in answer.text
        if output is not XLSX:
            assert f"{BASE}/en/tenders/" in answer.text.replace("\r\n ", "")
            assert not re.search(f"{BASE}/(tenders|[?])", answer.text.replace("\r\n ", ""))
    page = client.get("/fr/tenders.feed.json?nature=supplies", Accept_Language="en").json()
    assert page["next_url"].startswith(f"{BASE}/fr/tenders.feed.json?") and page["language"] == "fr"
    assert client.get(page["next_url"]).json()["language"] == "fr"


def test_what_a_page_links_to_is_what_it_shows(client: Client) -> None:
    shown = from_url("dept=21&nature=supplies&sort=deadline&size=5&after=")
    ids = {line["id"] for line in client.search("dept=21&nature=supplies&size=100")["items"]}
    links = list(alternates(shown, "en"))
    assert [link.path for link in links] == [output.path for output in OUTPUTS]
    assert {link.form for link in links} == {"dept=21&nature=supplies", "dept=21&nature=supplies&sort=deadline"}
    for link, output in zip(links, OUTPUTS, strict=True):
        assert link.media_type == output.media_type and link.name
        assert found(client, output, link.form) <= ids
        if not output.paged:
            assert found(client, output, link.form) == ids
    assert [link.name for link in alternates(Query(), "fr")] != [link.name for link in links]
