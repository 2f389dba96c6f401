"""Whatever comes in whatever order, a subscription is told what the rules say, once: the ledger against an oracle.

The oracle holds no row and no mark. After each run it looks at the tenders as they stand, and judges each that a notice
had written with the reference evaluator and what it told before. Classifiers come and go: what is predicted counts as
it was when the notice came, and takes nothing out of a search that was told of it.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.model import MatchKind
from indexer.build import build
from indexer.material import material_changes, material_facts
from indexer.reference import selects
from tenders.codes import Cpv
from tenders.errors import MailDelayed
from tenders.model import Document, Money, Notice, NoticeKind, Tender
from tenders.query import Query, Status
from tenders.query_url import from_url
from tenders.status import PARIS, closing
from tenders.store.database import counter, move_mark
from tenders.store.schema import changes, deliveries, matches, tenders
from tenders.store.subscriptions import subscribe, unsubscribe
from tenders.store.tenders import find_tender, load_tenders
from tenders.subscription import RHYTHMS, Kind, Rhythm
from tests.alerts.test_run import Desk
from tests.indexer.cpv.keywords import Keywords
from tests.notices import notice

START = datetime(2026, 3, 25, 9, 0, tzinfo=PARIS)
WORDS = ("toiture", "école", "voirie", "papier")
QUERIES = (
    "",
    "q=toiture",
    "q=toiture OU voirie&status=open",
    "status=open",
    "status=open&status=planned",
    "status=planned",
    "status=closed",
    "deadline_within=5d",
    "q=école -papier",
    "cpv=45",
    "value_min=50000&value_unknown=drop",
    "status=awarded",
    "cpv_any=45",
    "cpv_any=45&cpv_any=30&deadline_within=5d",
)
CLASSIFIERS = (
    None,
    Keywords({"toiture": ("45261", 0.8), "voirie": ("45", 0.7)}, "words-1"),
    Keywords({"toiture": ("45", 0.8), "papier": ("30197", 0.9)}, "words-2"),
    Keywords({"papier": ("45", 0.9), "ecole": ("30", 0.5)}, "words-3"),
)
Key = tuple[str, str, str, int]  # subscription, tender, kind, revision


@dataclass
class Known:
    """What the oracle told a subscription of a tender."""

    revision: int
    facts: dict
    kind: MatchKind
    told_on: date | None = None  # the local day of the mail that carried the last word
    reminded: bool = False


@dataclass
class Follower:
    id: str
    query: Query
    rhythm: Rhythm
    began: int
    active: bool = True
    digests: list[date] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)  # by the id it was told under
    waiting: list[Known] = field(default_factory=list)


class Oracle:
    def __init__(self) -> None:
        self.followers: list[Follower] = []
        self.told: Counter[Key] = Counter()
        self.version = 0
        self.history: list[tuple[str, int, dict]] = []

    def run(self, desk: Desk, now: datetime) -> None:
        with desk.store.reading() as connection:
            rows = connection.execute(tenders.select().where(tenders.c.absorbed_into.is_(None))).all()
            held = load_tenders(connection, [row.id for row in rows], as_noticed=True)
            now_predicted = load_tenders(connection, held)
            noticed = {row.id: row.noticed for row in rows}
            arrivals = {row.id: row.arrival for row in rows}
            revisions = connection.execute(changes.select().order_by(changes.c.revision)).all()
            self.history = [(row.tender_id, row.revision, json.loads(row.fields)) for row in revisions]
            home = {id_: find_tender(connection, id_) for id_ in connection.execute(tenders.select()).scalars().all()}
        written = sorted((t for t in held.values() if noticed[t.id] > self.version), key=lambda t: noticed[t.id])
        self.version = max(noticed.values(), default=self.version)
        for each in self.followers:
            if not each.active:
                continue
            for tender in written:
                self._judge(each, tender, arrivals[tender.id], home, now)
            if self._is_due(each, now):
                for tender in held.values():
                    self._remind(each, tender, home, now)
                if each.query.deadline_within or Status.CLOSED in each.query.status:
                    for tender in held.values():
                        if selects(each.query, now_predicted[tender.id], now):
                            self._look_again(each, tender, arrivals[tender.id], home, now)
                self._post(each, now)

    def _look_again(self, each: Follower, tender: Tender, arrival: int, home: dict, now: datetime) -> None:
        if self._known(each, tender, home) is None and arrival > each.began and selects(each.query, tender, now):
            self._tell(each, tender, MatchKind.NEW)

    def _post(self, each: Follower, now: datetime) -> None:
        if each.waiting:
            each.digests.append(now.astimezone(PARIS).date())
            for known in each.waiting:
                known.told_on = each.digests[-1]
            each.waiting.clear()

    def _is_due(self, each: Follower, now: datetime) -> bool:
        local = now.astimezone(PARIS)
        if each.rhythm is Rhythm.INSTANT:
            return True
        if each.rhythm is Rhythm.DAILY:
            return local.hour >= 7 and local.date() not in each.digests
        weeks = {day.isocalendar()[:2] for day in each.digests}
        return (local.weekday(), local.hour) >= (0, 7) and local.date().isocalendar()[:2] not in weeks

    def _known(self, each: Follower, tender: Tender, home: dict) -> Known | None:
        own = each.known.get(tender.id)
        ids = [id_ for id_ in each.known if home[id_] == tender.id]  # the last told last
        if own is None and ids:
            return each.known[ids[-1]]
        return replace(own, kind=each.known[ids[-1]].kind) if own is not None else None

    def _judge(self, each: Follower, tender: Tender, arrival: int, home: dict, now: datetime) -> None:
        known = self._known(each, tender, home)
        chosen = selects(each.query, tender, now)
        if known is None:
            if chosen and arrival > each.began:
                self._tell(each, tender, MatchKind.NEW)
            return
        query = each.query if tender.cpv_published else replace(each.query, cpv_any=())
        chosen = selects(query, tender, now)
        facts = material_facts(tender)
        if tender.id in each.known:
            material = tender.revision > known.revision
        else:
            material = bool(material_changes(known.facts, facts, deeper=True))
        stays = self._stays(each, known, tender, home)
        lasting = any(
            selects(replace(query, deadline_within=None), tender, at)
            for at in (now, now - timedelta(days=90), now + timedelta(days=90))
        )
        if not material:
            if not chosen and not lasting and known.kind in (MatchKind.NEW, MatchKind.CHANGED):
                self._tell(each, tender, MatchKind.LEFT)
        elif tender.cancelled and known.kind is not MatchKind.CANCELLED:
            self._tell(each, tender, MatchKind.CANCELLED)
        elif chosen:
            self._tell(each, tender, MatchKind.CHANGED)
        elif known.kind is MatchKind.LEFT or (known.kind is MatchKind.CANCELLED and tender.cancelled):
            pass
        elif lasting and stays:
            self._tell(each, tender, MatchKind.CHANGED)
        else:
            self._tell(each, tender, MatchKind.LEFT)

    def _stays(self, each: Follower, known: Known, tender: Tender, home: dict) -> bool:
        """Whether the deadline is that of when it was told, by what the history of the tender told under says."""
        ids = [id_ for id_ in each.known if home[id_] == tender.id]
        under = tender.id if tender.id in ids else ids[-1]
        moves = [
            f["deadline"] for id_, rev, f in self.history if id_ == under and rev > known.revision and "deadline" in f
        ]
        if under != tender.id and "deadline" in (
            found := material_changes(known.facts, material_facts(tender), deeper=True)
        ):
            moves.append(found["deadline"])
        return not moves or moves[0][0] == moves[-1][1]

    def _remind(self, each: Follower, tender: Tender, home: dict, now: datetime) -> None:
        ids = [id_ for id_ in each.known if home[id_] == tender.id]
        if not ids or tender.cancelled or tender.awarded or any(each.known[id_].reminded for id_ in ids):
            return
        known, until = each.known[ids[-1]], closing(tender)
        today = now.astimezone(PARIS).date()
        soon = until is not None and now <= until <= now + timedelta(days=3)
        if soon and known.told_on and known.told_on < today and known.kind in (MatchKind.NEW, MatchKind.CHANGED):
            self.told[each.id, tender.id, "ending", 0] += 1
            known.reminded = True
            each.waiting.append(Known(0, {}, MatchKind.ENDING))

    def _tell(self, each: Follower, tender: Tender, kind: MatchKind) -> None:
        if self.told[each.id, tender.id, kind.value, tender.revision]:
            return
        self.told[each.id, tender.id, kind.value, tender.revision] += 1
        reminded = tender.id in each.known and each.known[tender.id].reminded
        known = Known(tender.revision, material_facts(tender), kind, reminded=reminded)
        each.known.pop(tender.id, None)  # the last told stands last
        each.known[tender.id] = known
        each.waiting.append(known)


def _draw_deadline(draw: random.Random, now: datetime) -> datetime | None:
    if draw.random() < 0.15:
        return None
    return (now + timedelta(days=draw.randint(-2, 14), hours=draw.randint(0, 23))).replace(microsecond=0)


def _draw_facts(draw: random.Random, now: datetime) -> dict:
    return {
        "title": " ".join(draw.sample(WORDS, draw.randint(1, 3))),
        "deadline": _draw_deadline(draw, now),
        "display_until": draw.choice((None, None, now.date() + timedelta(days=draw.randint(0, 12)))),
        "published": now.date() - timedelta(days=draw.choice((0, 0, 1, 30))),
        "cpv": draw.choice(((), (Cpv("45261000"),), (Cpv("30197000"),))),
        "value": draw.choice((None, Money(Decimal(draw.choice((1000, 90000)))))),
        "documents": draw.choice(((), (Document(title="CCTP"),), (Document(title="CCTP"), Document(title="RC")))),
    }


KINDS = (
    NoticeKind.CHANGE, NoticeKind.CHANGE, NoticeKind.CANCELLATION, NoticeKind.RESULT, NoticeKind.COMPETITION,
)  # fmt: skip


def _next(draw: random.Random, held: list[Notice], now: datetime) -> list[tuple[Notice, int]]:
    """A batch: notices with how richly they are read. `held` is what came so far."""
    batch = []
    for _ in range(draw.randint(1, 3)):
        number = len({n.source_id for n in held}) + 1
        facts = _draw_facts(draw, now)
        step = draw.random()
        if not held or step < 0.4:
            kind = NoticeKind.PLANNING if draw.random() < 0.2 else NoticeKind.COMPETITION
            made, richness = notice(f"26-{number}", kind=kind, **facts), draw.choice((1, 20, 20))
        elif step < 0.65:  # corrected in place, enriched, or its links taken back
            old = draw.choice(held)
            some = {name: facts[name] for name in draw.sample(sorted(facts), 2)}
            links = draw.choice((old.supersedes, old.supersedes, old.supersedes[:1]))
            made, richness = replace(old, **some, supersedes=links), 20
        elif step < 0.72:
            made, richness = draw.choice(held), 20  # the same again
        else:
            names = tuple({draw.choice(held).source_id for _ in range(draw.choice((1, 1, 1, 2)))})
            made = notice(f"26-{number}", kind=draw.choice(KINDS), supersedes=names, **facts)
            richness = 20
        held.append(made)
        batch.append((made, richness))
    return batch


def _mailed(desk: Desk) -> Counter[tuple[str, str]]:
    """(address, tender link) -> in how many mails it stands."""
    found: Counter[tuple[str, str]] = Counter()
    for mail in desk.box.mails:
        found.update({(mail.to, id_) for id_ in re.findall(r"/tenders/([0-9a-f]{16})$", mail.text, re.MULTILINE)})
    return found


@pytest.mark.parametrize("seed", (0, 1, 2, 3, 9, 17, 33, 50))
def test_what_is_told_is_what_the_rules_say_once(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    desk, oracle, held = Desk(tmp_path), Oracle(), []
    now = START
    for _ in range(45):
        step = draw.random()
        if step < 0.12 or not oracle.followers:
            for form in draw.sample(QUERIES, 3):
                _follow(desk, oracle, form, draw.choice(RHYTHMS[Kind.ALERT]), now)
        elif step < 0.15:
            each = draw.choice(oracle.followers)
            each.active = False
            unsubscribe(desk.store, each.id, now)
        elif step < 0.28:
            _begin_again(desk, draw)
        elif step < 0.65:
            for made, richness in _next(draw, held, now):
                desk.bring(made, richness=richness)
        else:
            now += draw.choice(
                (timedelta(0), timedelta(hours=1), timedelta(hours=13), timedelta(days=1), timedelta(days=4))
            )
            if draw.random() < 0.15:
                desk.box.failures = [MailDelayed("busy")]
            for moment in (now, now + timedelta(minutes=1)):  # the second for what was delayed
                desk.run(moment)
                oracle.run(desk, moment)
                desk.box.failures = []
            _compare(desk, oracle, now)
    desk.close()


def _follow(desk: Desk, oracle: Oracle, form: str, rhythm: Rhythm, now: datetime) -> None:
    address = f"s{len(oracle.followers)}@example.org"
    made = subscribe(desk.store, address, from_url(form), rhythm, at=now, confirmed=True)
    with desk.store.reading() as connection:
        began = counter(connection, "arrival")
    oracle.followers.append(Follower(made.id, made.query, rhythm, began))


def _begin_again(desk: Desk, draw: random.Random) -> None:
    """Let another classifier judge, or build the index anew, or merge every notice again too. None tells anybody."""
    step = draw.random()
    if step < 0.5:
        desk.classifier = draw.choice(CLASSIFIERS)
        desk.build(again=draw.choice((None, 2)))
        return
    if step < 0.75:
        with desk.store.writing() as connection:
            move_mark(connection, "merged", 0)
    build(desk.store, desk.engine, classifier=desk.classifier, anew=True)
    desk.engine.close()


def _compare(desk: Desk, oracle: Oracle, now: datetime) -> None:
    with desk.store.reading() as connection:
        rows = connection.execute(matches.select()).all()
        sent: Sequence = connection.execute(deliveries.select()).all()
    told = Counter((row.subscription_id, row.tender_id, row.kind, row.revision) for row in rows)
    assert told == oracle.told, (now, told - oracle.told, oracle.told - told)
    states = {row.id: row.state for row in sent}
    active = {each.id for each in oracle.followers if each.active}
    assert all(row.state in ("accepted", "dropped") for row in sent if row.subscription_id in active)
    dates = Counter((row.subscription_id, row.local_date) for row in sent if row.part == 1)
    for each in oracle.followers:
        carried = [row for row in rows if row.subscription_id == each.id and row.delivery_id]
        assert all(row.delivery_id in states for row in carried)
        if each.rhythm is not Rhythm.INSTANT:
            mine = {day: n for (id_, day), n in dates.items() if id_ == each.id}
            assert mine == {day.isoformat(): 1 for day in each.digests}
    mailed = _mailed(desk)
    address = {each.id: f"s{n}@example.org" for n, each in enumerate(oracle.followers)}
    for row in rows:
        if states.get(row.delivery_id) == "accepted":
            with desk.store.reading() as connection:
                ids = {row.tender_id, find_tender(connection, row.tender_id)}
            assert any(mailed[address[row.subscription_id], id_] for id_ in ids)
