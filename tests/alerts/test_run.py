"""What a subscriber is told, when, and that it is told once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.model import Mail, Sender
from alerts.run import Ran, run_alerts
from indexer.build import build
from tenders.codes import Nuts
from tenders.due import is_due
from tenders.errors import Unavailable
from tenders.model import Award, Document, NoticeKind, Supplier
from tenders.query_url import from_url
from tenders.store.subscriptions import confirm, subscribe
from tenders.subscription import Rhythm
from tests.notices import NOON, House, notice

MORNING = datetime(2026, 5, 21, 7, 0, tzinfo=UTC)
SENDER = Sender(base_url="https://tw.example", secret="s" * 32, mail_from="Tenderwatch <a@tw.example>")


class Letterbox:
    """A mailer that keeps what it is given, and fails when told to."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.failures: list[Exception] = []

    def send(self, mail: Mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.mails.append(mail)


class Desk(House):
    """A house with a letterbox and a daily subscription to roofs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.box = Letterbox()

    def follow(self, query: str = "q=toiture", rhythm: Rhythm = Rhythm.INSTANT, confirmed: bool = True) -> str:
        begun = subscribe(
            self.store, "a@example.org", from_url(query), rhythm, at=NOON, confirmed=confirmed, name="Toitures"
        )
        return begun.id

    def run(self, now: datetime = MORNING) -> Ran:
        return run_alerts(self.store, self.engine, self.box, SENDER, now)

    def last(self) -> str:
        """The text of the last mail, with plain spaces."""
        return self.box.mails[-1].text.replace("\u00a0", " ").replace("\u202f", " ")

    def told(self) -> list[str]:
        """The blocks of the mails so far, in order."""
        heads = r"^(NOUVEAUX?|MODIFIÉS?|ANNULÉS?|SORTIS?.*|SE TERMINE.*BIENTÔT)$"
        return [head for mail in self.box.mails for head in re.findall(heads, mail.text, re.MULTILINE)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_a_tender_is_told_once_with_its_link(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"), notice("26-2", title="Fourniture de papier"))
    ran = desk.run()
    assert (ran.matched, ran.mails, ran.sent.accepted) == (1, 1, 1)
    assert len(re.findall(r"https://tw\.example/fr/tenders/[0-9a-f]{16}$", desk.box.mails[0].text, re.MULTILINE)) == 1
    assert desk.run().mails == 0
    desk.bring(notice("26-1"))
    assert desk.run(MORNING + timedelta(hours=1)).mails == 0


def test_a_result_read_again_with_the_seat_of_its_winner_is_told_to_nobody(desk: Desk) -> None:
    desk.follow()
    winner = Supplier(name="Toitures du Val")
    won = notice("26-1", kind=NoticeKind.RESULT, awards=(Award(suppliers=(winner,)),))
    desk.bring(won)
    assert desk.run().mails == 1
    seated = (Award(suppliers=(replace(winner, place=Nuts("FRC11")),)),)
    assert desk.bring(replace(won, awards=seated)).revised == 1
    ran = desk.run(MORNING + timedelta(hours=1))
    assert (ran.matched, ran.mails) == (0, 0)


def test_what_came_before_the_subscription_is_not_told(desk: Desk) -> None:
    desk.bring(notice("26-1"))
    desk.follow()
    assert desk.run().matched == 0
    desk.bring(notice("26-1", deadline=datetime.fromisoformat("2026-07-01T12:00:00+02:00")))
    assert desk.run().matched == 1  # a notice after it began selects it for the first time


def test_a_notice_stored_poor_is_told_when_its_details_meet_the_query(desk: Desk) -> None:
    desk.follow("q=toiture&cpv=45261")
    poor = notice("26-1", deadline=None)
    desk.bring(poor, richness=1)
    assert desk.run().matched == 0
    rich = replace(poor, cpv=notice(cpv=("45261000",)).cpv, deadline=notice().deadline)
    from tenders.codes import Cpv

    desk.bring(replace(rich, cpv=(Cpv("45261000"),)))
    assert desk.run().matched == 1
    assert desk.run().matched == 0


def test_enrichment_is_no_change_for_who_was_told(desk: Desk) -> None:
    desk.follow()
    poor = notice("26-1", deadline=None, display_until=date(2026, 6, 17))
    desk.bring(poor, richness=1)
    assert desk.run().matched == 1
    desk.bring(replace(poor, deadline=notice().deadline, documents=(Document(title="CCTP"),)))
    assert desk.run().matched == 0


def test_a_reindex_tells_nobody(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"))
    desk.run()
    build(desk.store, desk.engine, anew=True)
    assert desk.engine.count() == 1
    assert desk.run(MORNING + timedelta(days=1)).matched == 0


def test_a_moved_deadline_is_told_once_with_both_dates(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"))
    desk.run()
    moved = notice(
        "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
        deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
    )  # fmt: skip
    desk.bring(moved)
    ran = desk.run(MORNING + timedelta(days=4))
    assert (ran.matched, ran.sent.accepted) == (1, 1)
    assert "17 juin" in desk.last()
    assert "30 juin" in desk.last()
    desk.bring(moved)
    assert desk.run(MORNING + timedelta(days=5)).matched == 0


def test_a_title_edit_tells_nobody_and_a_cancellation_everybody(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"))
    desk.run()
    desk.bring(notice("26-1", title="Réfection de la toiture de l'école primaire"))
    assert desk.run().matched == 0
    desk.bring(notice("26-9", kind=NoticeKind.CANCELLATION, supersedes=("26-1",), published=date(2026, 5, 25)))
    assert desk.run(MORNING + timedelta(days=4)).matched == 1
    assert desk.told()[-1].startswith("ANNUL")
    assert desk.run(MORNING + timedelta(days=5)).matched == 0


def test_leaving_the_set_is_told_once_and_time_alone_never_says_so(desk: Desk) -> None:
    desk.follow("q=toiture&status=open")
    desk.bring(notice("26-1"))
    desk.run()
    later = datetime(2026, 6, 20, 8, 0, tzinfo=UTC)
    desk.bring(notice("26-1", description="Le titre ne change pas."))
    assert desk.run(later).matched == 0  # closed by time
    desk.bring(notice("26-8", kind=NoticeKind.RESULT, supersedes=("26-1",), published=date(2026, 7, 1)))
    assert desk.run(later + timedelta(days=20)).matched == 1
    assert desk.told()[-1].startswith("SORTI")
    desk.bring(notice("26-7", kind=NoticeKind.MODIFICATION, supersedes=("26-1",), published=date(2026, 8, 1)))
    assert desk.run(later + timedelta(days=60)).matched == 0


def test_ending_soon_is_told_once_on_a_later_day(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"))
    desk.run(datetime(2026, 6, 14, 13, 0, tzinfo=UTC))
    assert desk.run(datetime(2026, 6, 14, 14, 0, tzinfo=UTC)).ending == 0
    assert desk.run(datetime(2026, 6, 15, 6, 0, tzinfo=UTC)).ending == 1
    assert desk.told()[-1].startswith("SE TERMINE")
    assert desk.run(datetime(2026, 6, 16, 6, 0, tzinfo=UTC)).ending == 0


def test_a_span_from_now_is_asked_again_when_the_digest_is_due(desk: Desk) -> None:
    desk.follow("q=toiture&deadline_within=7d", Rhythm.DAILY)
    desk.bring(notice("26-1"))
    assert desk.run(MORNING).matched == 0
    assert desk.run(datetime(2026, 6, 12, 6, 0, tzinfo=UTC)).matched == 1
    assert desk.run(datetime(2026, 6, 13, 6, 0, tzinfo=UTC)).matched == 0


def test_what_came_before_the_confirmation_is_told_after_it(desk: Desk) -> None:
    id_ = desk.follow(confirmed=False)
    desk.bring(notice("26-1"))
    assert desk.run().matched == 0
    confirm(desk.store, id_, MORNING)
    assert desk.run().matched == 1
    assert desk.run().matched == 0


def test_having_been_told_an_absorbed_tender_counts(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"), notice("26-2", title="Couverture et toiture du gymnase"))
    assert desk.run().matched == 2
    joins = notice("26-3", kind=NoticeKind.CHANGE, supersedes=("26-1", "26-2"), published=date(2026, 5, 25))
    desk.bring(joins)
    desk.run(MORNING + timedelta(days=1))
    assert not any(head.startswith("NOUVEAU") for head in desk.told()[1:])
    assert desk.engine.count() == 1


def test_the_index_being_down_loses_no_alert(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.follow("q=toiture&deadline_within=90d")
    desk.bring(notice("26-1"))

    def down(*_: object) -> Iterator[str]:
        raise Unavailable("the index is down")

    monkeypatch.setattr(desk.engine, "stream", down)
    assert desk.run().sent.accepted == 1


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.WEEKLY])
@pytest.mark.parametrize("start", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
def test_a_digest_comes_once_a_local_day_or_week_over_both_nights_that_change_the_clock(
    rhythm: Rhythm, start: datetime
) -> None:
    from tenders.status import PARIS

    digests: list[date] = []
    for minutes in range(0, 16 * 24 * 60, 5):
        now = start + timedelta(minutes=minutes)
        if is_due(rhythm, now, digests):
            digests.append(now.astimezone(PARIS).date())
            local = now.astimezone(PARIS)
            assert (local.hour, local.minute) == (7, 0) or len(digests) == 1
    keys = digests if rhythm is Rhythm.DAILY else [day.isocalendar()[:2] for day in digests]
    assert len(keys) == len(set(keys))
    assert len(keys) == (16 if rhythm is Rhythm.DAILY else 3)


def test_an_outage_makes_a_digest_late_and_never_lost(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.WEEKLY)
    desk.bring(notice("26-1"))
    assert desk.run(datetime(2026, 5, 25, 4, 59, tzinfo=UTC)).mails == 0  # Monday, before 07:00
    assert desk.run(datetime(2026, 5, 27, 15, 0, tzinfo=UTC)).sent.accepted == 1  # down on Monday: late


def test_a_digest_of_a_later_day_does_not_stand_for_an_earlier_one(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.DAILY)
    desk.bring(notice("26-1"))
    assert desk.run(datetime(2026, 5, 23, 6, 0, tzinfo=UTC)).mails == 1
    desk.bring(notice("26-2", title="Toiture du gymnase"))
    assert desk.run(datetime(2026, 5, 22, 6, 0, tzinfo=UTC)).mails == 1
    assert is_due(Rhythm.WEEKLY, datetime(2026, 5, 20, 6, 0, tzinfo=UTC), [date(2026, 5, 25)])


def test_four_hundred_days_have_four_hundred_digests() -> None:
    from tenders.status import PARIS

    digests: list[date] = []
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for minutes in range(0, 400 * 24 * 60, 20):
        now = start + timedelta(minutes=minutes)
        if is_due(Rhythm.DAILY, now, digests[-10:]):
            digests.append(now.astimezone(PARIS).date())
            assert now.astimezone(PARIS).strftime("%H:%M") == "07:00"
    assert digests == [date(2026, 1, 1) + timedelta(days=n) for n in range(400)]


def test_seven_days_of_outage_make_one_late_digest_with_everything(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.DAILY)
    for day in range(7):
        desk.bring(notice(f"26-{day}", title=f"Toiture {day}", published=date(2026, 5, 20 + day)))
    assert desk.run(datetime(2026, 5, 28, 9, 0, tzinfo=UTC)).mails == 1
    assert len(re.findall(r"/tenders/[0-9a-f]{16}$", desk.box.mails[0].text, re.MULTILINE)) == 7
    assert desk.run(datetime(2026, 5, 28, 10, 0, tzinfo=UTC)).mails == 0


def test_two_tenders_merged_before_the_digest_stand_in_it_once(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.DAILY)
    desk.bring(notice("26-1"), notice("26-2", title="Couverture et toiture du gymnase"))
    early = datetime(2026, 5, 21, 4, 0, tzinfo=UTC)
    assert desk.run(early).matched == 2
    desk.bring(notice("26-3", kind=NoticeKind.CHANGE, supersedes=("26-1", "26-2"), published=date(2026, 5, 21)))
    assert desk.run(MORNING).mails == 1
    assert len(re.findall(r"/tenders/[0-9a-f]{16}$", desk.last(), re.MULTILINE)) == 1
    assert desk.box.mails[0].subject.startswith("1 nouveau marché")


def test_who_was_told_an_absorbed_tender_hears_only_of_what_differs(desk: Desk) -> None:
    desk.bring(notice("26-1"))
    desk.follow()
    desk.bring(notice("26-2", title="Couverture et toiture du gymnase"))
    assert desk.run().matched == 1
    desk.bring(notice("26-3", kind=NoticeKind.CHANGE, supersedes=("26-1", "26-2"), published=date(2026, 5, 25)))
    assert desk.run(MORNING + timedelta(days=1)).matched == 0
    later = datetime.fromisoformat("2026-07-01T12:00:00+02:00")
    desk.bring(
        notice("26-4", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 26), deadline=later)
    )
    assert desk.run(MORNING + timedelta(days=2)).matched == 1
    assert "Date limite reportée" in desk.last()


def test_a_change_after_the_close_is_a_change_and_no_leaving(desk: Desk) -> None:
    desk.follow("q=toiture&status=open")
    desk.bring(notice("26-1"))
    desk.run()
    desk.bring(notice("26-1", documents=(Document(title="Compte rendu"),)))
    assert desk.run(datetime(2026, 6, 20, 8, 0, tzinfo=UTC)).matched == 1
    assert desk.told()[-1].startswith("MODIFI")


def test_a_weekly_alert_reminds_of_nothing_that_closes_before_it_is_sent(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.WEEKLY)
    desk.bring(notice("26-1", deadline=datetime.fromisoformat("2026-05-30T12:00:00+02:00")))
    desk.run(datetime(2026, 5, 25, 6, 0, tzinfo=UTC))
    assert desk.run(datetime(2026, 5, 28, 6, 0, tzinfo=UTC)).ending == 0
    assert desk.run(datetime(2026, 6, 1, 6, 0, tzinfo=UTC)).mails == 0
