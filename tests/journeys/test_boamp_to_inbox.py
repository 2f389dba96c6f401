"""From a record on the platform to a supplier's inbox, by the commands a person would run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.databases import database_url
from tests.postbox import Postbox, open_postbox
from tests.standins.boamp import BoampStandIn
from tests.standins.boamp_fields import Record, complete

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PUBLISHED = datetime.now(UTC).date() - timedelta(days=2)
DAY = PUBLISHED.isoformat()


def record(idweb: str = "26-47580", deadline: str = "2026-06-17T12:00:00", **said: object) -> Record:
    """An API record of a call for roofing works, below the European thresholds."""
    form = {
        "organisme": {"acheteurPublic": "Commune de Vallebrune", "adr": {"cp": "21999", "ville": "Vallebrune"}},
        "initial": {
            "natureMarche": {"travaux": ""},
            "description": {"objet": "Réfection de la toiture de l'école"},
            "procedure": {"procedureAdaptee": ""},
            "delais": {"receptionOffres": deadline},
            "renseignements": {"idMarche": "2026-014"},
        },
    }
    gestion = {
        "REFERENCE": {"IDWEB": idweb},
        "INDEXATION": {"DATE_PUBLICATION": DAY, "DATE_LIMITE_REPONSE": deadline, "DEP_PUBLICATION": "21"},
    }
    plain: Record = {
        "idweb": idweb,
        "id": idweb.replace("-", "_"),
        "objet": "Réfection de la toiture de l'école",
        "famille": "MAPA",
        "code_departement": ["21"],
        "dateparution": DAY,
        "datefindiffusion": deadline[:10],
        "datelimitereponse": f"{deadline}+00:00",
        "nomacheteur": "Commune de Vallebrune",
        "nature": "APPEL_OFFRE",
        "nature_categorise": "appeloffre/standard",
        "etat": "INITIAL",
        "type_marche": ["TRAVAUX"],
        "descripteur_code": ["74"],
        "gestion": json.dumps(gestion),
        "donnees": json.dumps({"MAPA": form}),
        "url_avis": f"https://www.boamp.fr/pages/avis/?q=idweb:{idweb}",
    }
    return complete({**plain, **said})


@dataclass
class Service:
    """The commands, on a platform and a postbox of the test's own."""

    home: Path
    platform: BoampStandIn
    postbox: Postbox
    search_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TENDERS_HOME": str(self.home),
            "TENDERS_DATABASE_URL": database_url(self.home / "tenders.db"),
            "TENDERS_BOAMP_URL": self.platform.base_url,
            "TENDERS_ALLOW_LOOPBACK": "1",
            "TENDERS_CRAWL_CONTACT": "test@example.org",
            "TENDERS_MAIL_URL": self.postbox.url,
            "TENDERS_BASE_URL": "https://tw.example",
            "TENDERS_SEARCH_URL": self.search_url,
        }

    def tenders(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tenders", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def turn(self, now: str) -> None:
        """Crawl, index, alert."""
        self.tenders("crawl", "boamp", "--since", DAY)
        self.tenders("index")
        self.tenders("alerts", "run", "--now", now)


@pytest.fixture
def service(tmp_path: Path, search_url: str) -> Iterator[Service]:
    with BoampStandIn([record()]) as platform, open_postbox() as postbox:
        yield Service(tmp_path / "var", platform, postbox, search_url)


@pytest.fixture
def api(service: Service) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tenders", "serve", "--port", "0"],
        env=service.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{address}/health/live").close()
            break
        except OSError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
    yield address
    server.terminate()
    server.wait(20)
    server.stdout.close()


def ask(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return answer.read()


def test_a_record_ends_as_api_hit_feed_entry_and_mail_once(service: Service, api: str) -> None:
    service.tenders("subscribe", "a@example.org", "--query", "q=toiture&dept=21", "--rhythm", "instant", "--confirmed")
    service.turn("2026-05-21T09:00")

    (hit,) = json.loads(ask(f"{api}/api/v1/tenders?q=toitures+ecole&dept=21"))["items"]
    assert hit["notices"] == ["boamp:26-47580"]
    assert hit["deadline"] == "2026-06-17T12:00:00+02:00"
    feed = etree.fromstring(ask(f"{api}/tenders.atom?q=toiture"))
    (entry,) = feed.findall("a:entry", ATOM)
    assert hit["id"] in entry.findtext("a:id", namespaces=ATOM)
    first_update = entry.findtext("a:updated", namespaces=ATOM)
    (text,) = service.postbox.texts()
    assert f"https://tw.example/fr/tenders/{hit['id']}\n" in text
    assert "toiture" in text

    service.turn("2026-05-21T10:00")  # the same crawl again
    assert len(service.postbox.messages) == 1

    next_day = (PUBLISHED + timedelta(days=1)).isoformat()
    service.platform.records = [
        record(),
        record(
            "26-50001", deadline="2026-06-30T12:00:00", etat="RECTIFICATIF", dateparution=next_day,
            annonce_lie=["26-47580"],
        ),
    ]  # fmt: skip
    service.turn("2026-05-22T10:00")
    (hit,) = json.loads(ask(f"{api}/api/v1/tenders?q=toiture"))["items"]
    assert hit["deadline"] == "2026-06-30T12:00:00+02:00"
    assert (hit["revision"], sorted(hit["notices"])) == (2, ["boamp:26-47580", "boamp:26-50001"])
    (entry,) = etree.fromstring(ask(f"{api}/tenders.atom?q=toiture")).findall("a:entry", ATOM)
    assert entry.findtext("a:updated", namespaces=ATOM) > first_update
    _, change = service.postbox.texts()
    assert "17 juin" in change
    assert "30 juin" in change

    service.turn("2026-05-22T11:00")
    assert len(service.postbox.messages) == 2


def test_the_command_line_finds_what_the_api_finds(service: Service) -> None:
    service.tenders("crawl", "boamp", "--since", DAY)
    service.tenders("index")
    ids = service.tenders("search", "--format", "ids", "--all", "--dept", "21", "--", "toiture -amiante").split()
    lines = service.tenders("search", "--format", "jsonl", "--", "").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    assert service.tenders("search", "--format", "ids", "--all", "--", "-toiture") == ""
    assert "Vallebrune" in service.tenders("search", "--format", "csv", "--", "toiture")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search", "--", "a OU"), "operator"),
        (("search", "--cpv", "99", "--", ""), "cpv=99"),
        (("search", "--colour", "red", "--", ""), "--cpv"),
        (("subscribe", "a@example.org", "--query", "size=0"), "size=0"),
        (("alerts", "run", "--now", "tomorrow"), "--now"),
        (("parse", "pdf", "x"), "boamp-daily"),
        (("crawl", "nowhere"), "boamp"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_allowed(service: Service, arguments: tuple[str, ...], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tenders", *arguments],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
