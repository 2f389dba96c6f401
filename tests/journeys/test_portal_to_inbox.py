"""From a row on a portal of Atexo MPE to a supplier's inbox, and the same procedure met again in BOAMP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.journeys.test_boamp_to_inbox import ATOM, Service, api, ask, record
from tests.postbox import open_postbox
from tests.standins.atexo import AtexoStandIn, Site
from tests.standins.atexo_samples import consultations
from tests.standins.boamp import BoampStandIn

__all__ = ["api"]
TODAY = datetime.now(UTC).date()
BOAMP_ID = "26-47580"
DEADLINE = datetime(2026, 6, 17, 12, 0)  # noqa: DTZ001 as the portal writes it, Paris time
SCHOOL = replace(
    consultations(1)[0],
    id="932590",
    org="v4l",
    title="Réfection de la toiture de l'école & du préau",
    objet="Réfection de la toiture de l'école & du préau",
    category="Travaux",
    procedure=("MAPA", "Procédure adaptée"),
    published=TODAY - timedelta(days=2),
    deadline=DEADLINE,
    reference="2026-014",
    cpv="45261910",
    places=(("21", "Côte-d'Or"),),
    lots=None,
    boamp=BOAMP_ID,
)


@dataclass
class PortalService(Service):
    """The commands, with a portal beside BOAMP."""

    portal: AtexoStandIn

    @property
    def environment(self) -> dict[str, str]:
        urls = json.dumps({"ebourgogne": self.portal.base_url})
        return {**super().environment, "TENDERS_SOURCES": "boamp,ebourgogne", "TENDERS_SOURCE_URLS": urls}

    def turn(self, now: str) -> None:
        """Crawl the portal, index, alert."""
        self.tenders("crawl", "ebourgogne")
        self.tenders("index")
        self.tenders("alerts", "run", "--now", now)


@pytest.fixture
def service(tmp_path: Path, search_url: str) -> Iterator[PortalService]:
    others = [one for one in consultations(30) if "toiture" not in one.title]
    with AtexoStandIn([*others, SCHOOL]) as portal, BoampStandIn() as platform, open_postbox() as postbox:
        yield PortalService(tmp_path / "var", platform, postbox, search_url, portal)


def test_a_row_ends_as_api_hit_feed_entry_and_mail_once_and_boamp_adds_no_second(
    service: PortalService, api: str
) -> None:
    service.tenders(
        "subscribe", "a@example.org", "--query", "q=toiture&cpv=45261", "--rhythm", "instant", "--confirmed"
    )
    service.turn("2026-05-21T09:00")

    (hit,) = json.loads(ask(f"{api}/api/v1/tenders?q=toitures+preau&dept=21"))["items"]
    assert hit["notices"] == ["ebourgogne:v4l:932590"]
    assert hit["deadline"] == "2026-06-17T12:00:00+02:00"
    assert (hit["buyer"]["name"], hit["reference"], hit["cpv"]) == ("Commune de Vallebrune", "2026-014", ["45261910"])
    (entry,) = etree.fromstring(ask(f"{api}/tenders.atom?q=toiture&source=ebourgogne")).findall("a:entry", ATOM)
    assert hit["id"] in entry.findtext("a:id", namespaces=ATOM)
    (text,) = service.postbox.texts()
    assert f"https://tw.example/fr/tenders/{hit['id']}\n" in text
    assert "préau" in text

    service.turn("2026-05-21T10:00")  # the same walk again
    assert len(service.postbox.messages) == 1

    service.portal.change(SCHOOL.id, deadline=datetime(2026, 6, 30, 12, 0))  # noqa: DTZ001 Paris time
    service.turn("2026-05-22T10:00")
    (hit,) = json.loads(ask(f"{api}/api/v1/tenders?q=toiture"))["items"]
    assert (hit["deadline"], hit["revision"]) == ("2026-06-30T12:00:00+02:00", 2)
    _, change = service.postbox.texts()
    assert "17 juin" in change
    assert "30 juin" in change
    service.turn("2026-05-22T11:00")
    assert len(service.postbox.messages) == 2

    said = {"objet": "Travaux de couverture du groupe scolaire", "nomacheteur": "Vallebrune"}  # nothing but the number
    service.platform.records = [record(BOAMP_ID, deadline="2026-06-30T12:00:00", **said)]
    service.tenders("crawl", "boamp", "--since", (TODAY - timedelta(days=3)).isoformat())
    service.turn("2026-05-23T09:00")
    (hit,) = json.loads(ask(f"{api}/api/v1/tenders?q=toiture+preau"))["items"]
    assert sorted(hit["notices"]) == [f"boamp:{BOAMP_ID}", "ebourgogne:v4l:932590"]
    assert len(service.postbox.messages) == 2


def test_a_source_that_falls_silent_or_doubtful_is_told_by_the_api(service: PortalService, api: str) -> None:
    service.tenders("crawl", "ebourgogne")
    (line,) = [one for one in json.loads(ask(f"{api}/api/v1/sources"))["items"] if one["name"] == "ebourgogne"]
    assert (line["state"], line["runs"][0]["new"]) == ("fresh", len(service.portal.records))
    assert line["cursor"].endswith(" 3 AvisAttribution")
    service.portal.records = []
    service.tenders("crawl", "ebourgogne")
    (line,) = [one for one in json.loads(ask(f"{api}/api/v1/sources"))["items"] if one["name"] == "ebourgogne"]
    assert (line["state"], line["runs"][0]["read"]) == ("suspect", 0)
    assert "below the expected yield" in line["runs"][0]["reason"]


def test_a_row_that_was_told_is_not_told_again_when_its_page_fills_it(service: PortalService) -> None:
    service.tenders("subscribe", "a@example.org", "--query", "q=toiture", "--rhythm", "instant", "--confirmed")
    service.tenders("subscribe", "b@example.org", "--query", "cpv=45261910", "--rhythm", "instant", "--confirmed")
    service.portal.site = Site(broken_details=frozenset({SCHOOL.id}))
    service.turn("2026-05-21T09:00")
    assert [message["To"] for message in service.postbox.messages] == ["a@example.org"]
    service.portal.site = Site()
    service.turn("2026-05-21T10:00")  # now its page answers: CPV, documents
    assert [message["To"] for message in service.postbox.messages] == ["a@example.org", "b@example.org"]
