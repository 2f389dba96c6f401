"""`/api/v1/tenders` answers exactly what the words of a Query say, and says it in full."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

import pytest

from indexer.fields import FACETS
from indexer.reference import selects
from search_api.schemas import ResultPage, WholeTender
from tenders.labels import name_of
from tenders.model import Tender
from tenders.query import LISTED, Facet
from tenders.query_url import from_url
from tenders.status import status
from tenders.store.tenders import load_tenders
from tests.notices import House
from tests.search_api.conftest import NOW, Client
from tests.search_api.samples import HOSTILE_TITLE, NOTICES

# Every name of a Query at least once, alone and together; each selects some of the samples and not all.
FORMS = [
    "q=toiture",
    "q=couverture+OU+mobilier+-tranche",
    "q=%22tranche+1%22",
    "q=m%C3%A9diath*",
    "q=Tilleuls+school&lang=en",
    "cpv=45261",
    "cpv=45&cpv=39",
    "cpv_any=3916",
    "nuts=FRC1",
    "dept=71",
    "dept=21&dept=71&nature=works",
    "buyer=Port+de+Salvian",
    "buyer=00000000000017",
    "buyer_type=ra",
    "nature=services",
    "procedure=adapted",
    "status=open",
    "status=closed&status=awarded&status=cancelled",
    "status=planned",
    "source=ted",
    "kind=change",
    "published_after=2026-05-01",
    "published_before=2026-04-10",
    "deadline_after=2026-06-03&deadline_before=2026-06-03",
    "deadline_within=40h",
    "deadline_within=13d&status=open",
    "value_min=5000",
    "value_min=5000&value_max=9000&value_unknown=drop",
    "value_unknown=drop",
    "green=yes",
    "social=yes",
    "reserved=no",
]


@pytest.fixture(scope="module")
def tenders(house: House) -> dict[str, Tender]:
    with house.store.reading() as connection:
        return load_tenders(connection, list(house.engine.stream(from_url(""), NOW)))


def page_through(client: Client, form: str) -> list[dict[str, object]]:
    items, path = [], f"/api/v1/tenders?{form}"
    while path:
        page = client.get(path).json()
        items += page["items"]
        assert page["next"] is None or page["next"].startswith("/api/v1/tenders?")
        path = page["next"]
    assert len(items) == page["total"]
    return items


@pytest.mark.parametrize("form", ["", *FORMS])
def test_every_parameter_selects_what_a_plain_reading_of_the_query_selects(
    client: Client, tenders: dict[str, Tender], form: str
) -> None:
    query = from_url(form)
    expected = {id_ for id_, tender in tenders.items() if selects(query, tender, NOW)}
    assert expected and (not form or len(expected) < len(tenders)), "the samples must put the parameter to the test"
    items = page_through(client, form + "&size=60")
    assert [item["id"] for item in items] == list(dict.fromkeys(item["id"] for item in items))
    assert {item["id"] for item in items} == expected


@pytest.mark.parametrize("sort", ["relevance", "deadline", "-published", "-value", "-seq"])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_paging_to_the_end_gives_each_tender_once_in_the_order_asked(
    client: Client, tenders: dict[str, Tender], sort: str, size: int
) -> None:
    if size == 1:
        form = f"q=mobilier+OU+toiture&dept=21&sort={sort}&size=1"
    else:
        form = f"q=mobilier+OU+toiture&sort={sort}&size={size}"
    items = page_through(client, form)
    ids = [str(item["id"]) for item in items]
    assert len(ids) == len(set(ids)) > 60
    read = {
        "deadline": lambda t: t.merged.deadline.timestamp() if t.merged.deadline else float("inf"),
        "-published": lambda t: -t.merged.published.toordinal(),
        "-value": lambda t: -t.merged.value.amount if t.merged.value else 0,
        "-seq": lambda t: -t.seq,
    }.get(sort)
    if read:
        keys = [read(tenders[id_]) for id_ in ids]
        assert keys == sorted(keys)


@pytest.mark.parametrize("form", ["", "status=open&dept=21", "cpv=39&nature=supplies", "q=mobilier&buyer_type=ra"])
def test_facets_count_what_is_there_under_all_filters_but_their_own(
    client: Client, tenders: dict[str, Tender], form: str
) -> None:
    facets = client.search(form)["facets"]
    assert list(facets) == [facet.value for facet in LISTED]
    pairs = [pair for pair in form.split("&") if pair]
    for facet in LISTED:
        others = from_url("&".join(pair for pair in pairs if not pair.startswith(facet.value + "=")))
        selected = [tender for tender in tenders.values() if selects(others, tender, NOW)]
        if facet is Facet.STATUS:
            counted = Counter(status(tender, NOW).value for tender in selected)
        else:
            counted = Counter(str(value) for t in selected for value in {str(v) for v in FACETS[facet].read(t)})
        assert {value["value"]: value["count"] for value in facets[facet]} == counted
        counts = [value["count"] for value in facets[facet]]
        assert counts == sorted(counts, reverse=True)
        assert all(value["label"] == name_of(facet, value["value"], "fr") for value in facets[facet])


def test_labels_are_french_or_english_as_the_reader_prefers(client: Client) -> None:
    french = client.search("dept=71")["facets"]
    english = client.get("/api/v1/tenders?dept=71", Accept_Language="de, en;q=0.8, fr;q=0.4").json()["facets"]
    assert french["nature"][0]["label"] == "fournitures"
    assert english["nature"][0]["label"] == "supplies"
    assert french["cpv"][0]["label"] != english["cpv"][0]["label"]


def test_a_line_says_what_the_tender_is_and_where_it_comes_from(client: Client) -> None:
    [line] = client.search("q=charpente")["items"]
    assert line["notices"] == ["boamp:26-100", "boamp:26-148"]
    assert line["kinds"] == ["change", "competition"]
    assert line["deadline"] == "2026-06-17T12:00:00+02:00"
    assert line["provenance"]["deadline"] == "boamp:26-148"
    assert line["provenance"]["title"] == "boamp:26-100"
    assert line["status"] == "open"
    assert line["no_deadline_known"] is False
    assert line["page"] == f"https://tenderwatch.example/tenders/{line['id']}"
    assert "source_id" not in line and "kind" not in line
    [endless] = client.search("q=bennes")["items"]
    assert (endless["status"], endless["no_deadline_known"]) == ("open", True)


def test_answers_have_the_shape_that_openapi_describes(client: Client) -> None:
    page = ResultPage.model_validate(client.search("size=100"))
    for line in page.items:
        whole = client.get(f"/api/v1/tenders/{line.id}")
        WholeTender.model_validate(whole.json())


def test_the_query_is_said_back_canonically(client: Client) -> None:
    said = client.search("nature=works&dept=71&dept=21&size=3&q=+voirie+")["query"]
    assert said == {
        "q": "voirie",
        "dept": ["21", "71"],
        "nature": ["works"],
        "size": "3",
        "form": "q=voirie&dept=21&dept=71&nature=works",
        "url": "/api/v1/tenders?q=voirie&dept=21&dept=71&nature=works&size=3",
    }
    assert client.get(said["url"]).json()["query"] == said


@pytest.mark.parametrize(
    ("text", "field", "marked"),
    [
        ("ECOLES", "title", ["école"]),
        ('"charpente de l\'école"', "title", ["charpente de l'école"]),
        ('"toiture et de la charpente"', "title", ["toiture et de la charpente"]),
        ("maitrise", "title", ["Maîtrise"]),
        ("oeuvre", "title", ["œuvre"]),
        ("zing*", "description", ["zinguerie"]),
        ("zing*", "lots", ["zinguerie", "zinc"]),
        ("vallebrune charpente", "buyer", ["Vallebrune"]),
        ("TVX", "reference", ["TVX"]),
        ("roof -mobilier", "title", ["Roof"]),
    ],
)
def test_highlights_mark_the_words_in_the_tenders_own_text(
    client: Client, text: str, field: str, marked: list[str]
) -> None:
    items = client.search(urlencode({"q": text}))["items"]
    assert items
    snippets = items[0]["highlights"][field]
    found = [piece["text"][start:end] for piece in snippets for start, end in piece["marks"]]
    assert set(found) <= set(marked) and found[0] == marked[0]


def test_what_a_query_leaves_out_is_not_marked_and_without_words_nothing_is(client: Client) -> None:
    [line] = client.search("q=charpente+-mobilier")["items"]
    texts = str(line["highlights"]).lower()
    assert "charpente" in texts
    assert all(line["highlights"] == {} for line in client.search("dept=21")["items"])


def test_a_hostile_text_passes_through_json_unharmed_and_marked(client: Client) -> None:
    answer = client.get("/api/v1/tenders?q=gaines")
    [line] = answer.json()["items"]
    assert line["title"] == HOSTILE_TITLE
    [snippet] = line["highlights"]["title"]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["gaines"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_one_tender_comes_with_its_notices_their_reasons_and_its_history(client: Client, house: House) -> None:
    [line] = client.search("q=charpente")["items"]
    whole = client.get(f"/api/v1/tenders/{line['id']}").json()
    assert {name: whole[name] for name in line if name != "highlights"} == {
        name: value for name, value in line.items() if name != "highlights"
    }
    assert [record["key"] for record in whole["records"]] == line["notices"]
    assert [record["rule"] for record in whole["records"]] == ["first", "declared"]
    assert whole["records"][1]["evidence"]
    assert whole["records"][1]["notice"]["supersedes"] == ["26-100"]
    assert [revision["revision"] for revision in whole["history"]] == [1]


def test_an_unchanged_answer_is_304(client: Client) -> None:
    [line] = client.search("q=charpente")["items"]
    for path in ("/api/v1/tenders?q=charpente", f"/api/v1/tenders/{line['id']}", "/api/v1/cpv?q=toiture"):
        first = client.get(path)
        again = client.get(path, If_None_Match=f'"other", W/{first.headers["etag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, If_None_Match='"other"').status_code == 200


def test_the_samples_are_all_there(client: Client) -> None:
    page = client.search("size=1")
    assert page["total"] == len(NOTICES) - 3, "three pairs of notices are one tender each"
