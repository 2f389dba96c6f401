"""What a subscriber wants to hear, when they pause, and what they search for later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from alerts.ledger import match_time
from alerts.model import Mail
from tenders.errors import MailDelayed, Refused
from tenders.model import Award, Document, NoticeKind, Supplier
from tenders.query_url import from_url
from tenders.store.forgetting import erase
from tenders.store.managing import end_mine, pause, resume, revise, revive
from tenders.store.schema import matches
from tenders.store.subscriptions import (
    MOST_ALERTS,
    active_subscriptions,
    confirm,
    load_subscription,
    subscribe,
    unsubscribe,
)
from tenders.subscription import ALL_NEWS, News, Rhythm
from tests.alerts.test_run import MORNING, Desk, Letterbox
from tests.notices import NOON, notice

OWNER = "a@example.org"
PLACES = ("de la piscine", "du théâtre", "des archives", "du port fluvial", "de la caserne")
CALL = notice("26-1")
MOVED = replace(CALL, source_id="26-2", kind=NoticeKind.CHANGE, supersedes=("26-1",),
                deadline=datetime.fromisoformat("2026-07-01T12:00:00+02:00"))  # fmt: skip
REPLACED = replace(CALL, source_id="26-3", kind=NoticeKind.CHANGE, supersedes=("26-1",),
                   documents=(Document(title="CCTP", url="https://profil.example/1"),))  # fmt: skip
STOPPED = replace(CALL, source_id="26-4", kind=NoticeKind.CANCELLATION, supersedes=("26-1",), deadline=None)
WON = replace(CALL, source_id="26-5", kind=NoticeKind.RESULT, supersedes=("26-1",), deadline=None,
              awards=(Award(suppliers=(Supplier(name="Atelier Quatre Vents"),)),))  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def follow(desk: Desk, news: Iterable[News], query: str = "q=toiture", rhythm: Rhythm = Rhythm.INSTANT) -> str:
    return subscribe(desk.store, OWNER, from_url(query), rhythm, at=NOON, news=news, confirmed=True).id


@pytest.mark.parametrize(
    ("news", "told"),
    [
        (ALL_NEWS, [MOVED, REPLACED, STOPPED, WON]),
        ((), []),
        ({News.DEADLINE}, [MOVED, STOPPED]),
        ({News.DOCUMENTS}, [REPLACED]),
        ({News.AWARD}, [WON]),
    ],
)
@pytest.mark.parametrize("then", [MOVED, REPLACED, STOPPED, WON])
def test_only_what_is_wanted_is_told_besides_what_is_new(desk: Desk, news: Iterable[News], told: list, then) -> None:  # type: ignore[no-untyped-def,type-arg]
    follow(desk, news, "q=toiture&status=open")
    desk.bring(CALL)
    assert desk.run().matched == 1
    desk.bring(then)
    assert desk.run(MORNING + timedelta(hours=1)).mails == (then in told)


def test_a_mail_says_nothing_of_changes_that_are_not_wanted(desk: Desk) -> None:
    follow(desk, {News.DEADLINE})
    desk.bring(CALL)
    desk.run()
    desk.bring(REPLACED)
    assert desk.run(MORNING + timedelta(hours=1)).mails == 0
    later = {"source_id": "26-6", "published": date(2026, 5, 21), "documents": REPLACED.documents}
    desk.bring(replace(MOVED, **later))
    assert desk.run(MORNING + timedelta(hours=2)).mails == 1
    assert "reportée" in desk.last() and "document" not in desk.last()


@pytest.mark.parametrize("wanted", [True, False])
def test_the_last_days_are_told_to_who_wants_that(desk: Desk, wanted: bool) -> None:
    follow(desk, {News.ENDING} if wanted else ())
    desk.bring(notice("26-1", deadline=datetime(2026, 5, 25, 10, 0, tzinfo=UTC)))
    desk.run()
    assert desk.run(MORNING + timedelta(days=2)).ending == wanted


def test_a_paused_alert_is_silent_and_then_tells_what_came_meanwhile(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    pause(desk.store, OWNER, id_, MORNING + timedelta(days=14))
    for day, of in enumerate(PLACES, start=1):
        desk.bring(notice(f"26-{day}", f"Toiture {of}"))
        assert desk.run(MORNING + timedelta(days=day)).mails == 0
    ran = desk.run(MORNING + timedelta(days=14))
    assert (ran.mails, ran.sent.accepted) == (1, 1)
    assert "5 nouveaux" in desk.last()


def test_going_on_earlier_tells_at_once_and_a_mail_that_was_begun_waits_for_it(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("busy")]
    assert desk.run().sent.delayed == 1
    pause(desk.store, OWNER, id_, MORNING + timedelta(days=14))
    assert desk.run(MORNING + timedelta(days=1)).sent.accepted == 0
    resume(desk.store, OWNER, id_)
    assert desk.run(MORNING + timedelta(days=1, hours=1)).sent.accepted == 1


def test_an_alert_that_is_taken_back_tells_what_came_meanwhile_once(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(notice("26-1"))
    assert desk.run().mails == 1
    end_mine(desk.store, OWNER, id_, MORNING)
    desk.bring(notice("26-2", "Toiture du marché couvert"))
    assert desk.run(MORNING + timedelta(days=1)).matched == 0
    revive(desk.store, OWNER, id_, MORNING + timedelta(days=2))
    ran = desk.run(MORNING + timedelta(days=2))
    assert (ran.matched, ran.mails) == (1, 1)
    assert desk.run(MORNING + timedelta(days=2, hours=1)).matched == 0


def test_another_search_holds_from_now_on_and_loses_nothing_that_was_not_matched_yet(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(notice("26-1", "Peinture de la mairie"), notice("26-2"))
    assert desk.run().matched == 1
    desk.bring(notice("26-3", "Peinture de l'école"))  # indexed, not matched yet
    revise(desk.store, OWNER, id_, query=from_url("q=peinture"))
    desk.bring(notice("26-4", "Peinture du stade"))
    assert desk.run(MORNING + timedelta(hours=1)).matched == 2
    assert "école" in desk.last() and "stade" in desk.last() and "mairie" not in desk.last()


def test_the_search_of_a_span_from_now_that_is_changed_tells_no_old_tenders(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(notice("26-1", "Peinture de la mairie", deadline=datetime(2026, 5, 24, 10, 0, tzinfo=UTC)))
    desk.run()
    revise(desk.store, OWNER, id_, query=from_url("q=peinture&deadline_within=7d"))
    assert desk.run(MORNING + timedelta(hours=1)).matched == 0


def test_what_was_told_under_the_search_before_is_followed_on(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.run()
    revise(desk.store, OWNER, id_, query=from_url("q=peinture"))
    desk.bring(MOVED)
    assert desk.run(MORNING + timedelta(hours=1)).mails == 1
    assert "reportée" in desk.last() and "Il répondait à votre recherche précédente." in desk.last()
    again = {"source_id": "26-7", "published": date(2026, 5, 22), "deadline": MOVED.deadline + timedelta(days=9)}
    desk.bring(replace(MOVED, **again))
    assert desk.run(MORNING + timedelta(hours=2)).mails == 1
    assert "reportée de 9 jours" in desk.last()
    desk.bring(replace(STOPPED, published=date(2026, 5, 23)))
    assert desk.run(MORNING + timedelta(hours=3)).mails == 1
    assert desk.told() == ["NOUVEAU", "MODIFIÉ", "MODIFIÉ", "ANNULÉ"]


def test_another_search_makes_nothing_leave_that_was_told_before_it(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.run()
    revise(desk.store, OWNER, id_, query=from_url("q=peinture&deadline_before=2026-06-20"))
    desk.bring(replace(CALL, source_id="26-9", title="Couverture", kind=NoticeKind.CHANGE, supersedes=("26-1",)))
    assert desk.run(MORNING + timedelta(hours=1)).mails == 0
    desk.bring(notice("26-10", "Peinture du stade", published=date(2026, 5, 21)))
    assert desk.run(MORNING + timedelta(hours=2)).mails == 1
    assert "recherche précédente" not in desk.last()
    out = replace(MOVED, source_id="26-11", title="Peinture du stade", supersedes=("26-10",))
    desk.bring(replace(out, published=date(2026, 5, 22)))
    assert desk.run(MORNING + timedelta(hours=3)).mails == 1
    assert desk.told() == ["NOUVEAU", "NOUVEAU", "SORTI DE VOTRE RECHERCHE"]


def test_what_waits_for_its_mail_while_the_search_is_changed_says_so(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS, rhythm=Rhythm.DAILY)
    desk.bring(CALL)
    desk.run(MORNING - timedelta(hours=5))
    revise(desk.store, OWNER, id_, query=from_url("q=peinture"))
    assert desk.run().mails == 1
    assert "« toiture » dans le titre" in desk.last() and "recherche précédente" in desk.last()


def test_a_search_changed_at_once_after_taking_back_loses_nothing_that_no_search_was_matched_with(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    subscribe(desk.store, "b@example.org", from_url("q=voirie"), Rhythm.DAILY, at=NOON, confirmed=True)
    desk.run()
    end_mine(desk.store, OWNER, id_, MORNING)
    desk.bring(notice("26-7", "Toiture du gymnase"), notice("26-8", "Peinture du gymnase"))
    desk.run(MORNING + timedelta(hours=1))
    revive(desk.store, OWNER, id_, MORNING + timedelta(hours=2))
    revise(desk.store, OWNER, id_, query=from_url("q=toiture OU peinture"))
    assert desk.run(MORNING + timedelta(hours=3)).matched == 2


def test_a_mail_that_waited_when_its_alert_was_stopped_comes_after_it_is_taken_back(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("busy")]
    desk.run()
    end_mine(desk.store, OWNER, id_, MORNING)
    assert desk.run(MORNING + timedelta(hours=1)).sent.dropped == 1
    revive(desk.store, OWNER, id_, MORNING + timedelta(hours=2))
    assert desk.run(MORNING + timedelta(hours=3)).sent.accepted == 1
    assert desk.told() == ["NOUVEAU"]
    assert desk.run(MORNING + timedelta(days=1)).mails == 0


def test_taking_back_ends_the_pause_that_held_a_mail(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("busy")]
    desk.run()
    pause(desk.store, OWNER, id_, MORNING + timedelta(days=14))
    desk.run(MORNING + timedelta(hours=1))
    end_mine(desk.store, OWNER, id_, MORNING + timedelta(hours=1))
    revive(desk.store, OWNER, id_, MORNING + timedelta(hours=2))
    assert desk.run(MORNING + timedelta(hours=3)).sent.accepted == 1


def test_going_on_leaves_the_mail_system_alone_as_long_as_it_asked(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("later", wait=timedelta(hours=5))]
    desk.run()
    pause(desk.store, OWNER, id_, MORNING + timedelta(days=1))
    resume(desk.store, OWNER, id_)
    assert desk.run(MORNING + timedelta(hours=1)).sent.accepted == 0
    assert desk.run(MORNING + timedelta(hours=5)).sent.accepted == 1


def test_a_longer_pause_holds_what_the_shorter_one_held_and_going_on_frees_it(desk: Desk) -> None:
    id_ = follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("busy")]
    desk.run()
    for days in (2, 9):
        pause(desk.store, OWNER, id_, MORNING + timedelta(days=days))
        desk.run(MORNING + timedelta(hours=1))
    resume(desk.store, OWNER, id_)
    assert desk.run(MORNING + timedelta(hours=2)).sent.accepted == 1


def test_nobody_comes_to_have_one_alert_twice(desk: Desk) -> None:
    first = follow(desk, ALL_NEWS)
    end_mine(desk.store, OWNER, first, MORNING)
    second, other = follow(desk, ALL_NEWS), follow(desk, ALL_NEWS, "q=peinture")
    with pytest.raises(Refused, match="already"):
        revive(desk.store, OWNER, first, MORNING)
    with pytest.raises(Refused, match="already"):
        revise(desk.store, OWNER, other, query=from_url("q=toiture"), name="Autre")
    revise(desk.store, OWNER, second, rhythm=Rhythm.INSTANT, query=from_url("q=toiture"), name="La même")
    waiting = subscribe(desk.store, OWNER, from_url("q=bois"), Rhythm.INSTANT, at=NOON)
    revise(desk.store, OWNER, other, query=from_url("q=bois"))
    confirmed = confirm(desk.store, waiting.id, MORNING)
    assert confirmed is not None and confirmed.id == other
    with desk.store.reading() as connection:
        assert {(one.id, one.name) for one in active_subscriptions(connection)} == {(second, "La même"), (other, None)}


def test_taking_back_holds_to_as_many_alerts_as_an_address_may_have(desk: Desk) -> None:
    ids = []
    for number in range(MOST_ALERTS + 1):
        ids.append(follow(desk, ALL_NEWS, f"q=mot{number}"))
        end_mine(desk.store, OWNER, ids[-1], MORNING)
    for id_ in ids[1:]:
        revive(desk.store, OWNER, id_, MORNING)
    with pytest.raises(Refused, match="50"):
        revive(desk.store, OWNER, ids[0], MORNING)


def test_what_was_never_confirmed_is_nobodys_to_take_back(desk: Desk) -> None:
    waiting = subscribe(desk.store, OWNER, from_url("q=bois"), Rhythm.INSTANT, at=NOON)
    unsubscribe(desk.store, waiting.id, MORNING)
    revive(desk.store, OWNER, waiting.id, MORNING)
    found = load_subscription(desk.store, waiting.id)
    assert found is not None and found.state == "ended"


@pytest.mark.parametrize("id_", ["", "a\x00b", "\ud800", "x" * 5000, "é", "a b"])
def test_an_id_that_is_none_is_nobodys(desk: Desk, id_: str) -> None:
    assert load_subscription(desk.store, id_) is None
    end_mine(desk.store, OWNER, id_, MORNING)


def test_a_mail_that_was_never_tried_is_told_with_what_came_during_the_pause(desk: Desk) -> None:
    subscribe(desk.store, "b@example.org", from_url("q=bois"), Rhythm.DAILY, at=NOON, confirmed=True)
    id_ = follow(desk, ALL_NEWS, rhythm=Rhythm.DAILY)
    desk.bring(notice("26-1", "Bois de la halle"), notice("26-2"))
    desk.box.failures = [MailDelayed("later", wait=timedelta(minutes=5))]
    desk.run()
    pause(desk.store, OWNER, id_, MORNING + timedelta(days=2))
    desk.run(MORNING + timedelta(hours=1))
    desk.bring(notice("26-3", "Toiture du gymnase"))
    desk.run(MORNING + timedelta(days=2, minutes=5))
    assert [mail.to for mail in desk.box.mails] == ["b@example.org", OWNER]
    assert "2 nouveaux" in desk.last()


@pytest.mark.parametrize("deed", ["erase", "end", "revise"])
def test_nothing_is_kept_for_an_alert_that_its_owner_changed_while_time_was_matched(desk: Desk, deed: str) -> None:
    id_ = follow(desk, ALL_NEWS, "q=toiture&deadline_within=7d")
    desk.bring(CALL)
    desk.run()
    stale = load_subscription(desk.store, id_)
    assert stale is not None
    deeds: dict[str, Callable[[], object]] = {
        "erase": lambda: erase(desk.store, OWNER, MORNING),
        "end": lambda: unsubscribe(desk.store, id_, MORNING),
        "revise": lambda: revise(desk.store, OWNER, id_, query=from_url("q=peinture")),
    }
    deeds[deed]()
    later = datetime(2026, 6, 15, 7, 0, tzinfo=UTC)
    assert match_time(desk.store, desk.engine, stale, later) == 0
    with desk.store.reading() as connection:
        assert connection.execute(select(matches)).all() == []


def test_a_mail_that_has_nothing_left_to_say_is_not_sent(desk: Desk) -> None:
    follow(desk, ALL_NEWS)
    desk.bring(CALL)
    desk.box.failures = [MailDelayed("busy")]
    desk.run()
    with desk.store.writing() as connection:
        connection.execute(delete(matches))  # as erasing does between the claim and the writing
    assert desk.run(MORNING + timedelta(hours=1)).sent.dropped == 1
    assert desk.box.mails == []


class Meddler(Letterbox):
    """A mail system during whose work somebody does something."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__()
        self.deed = deed

    def send(self, mail: Mail) -> None:
        super().send(mail)
        self.deed()


@pytest.mark.parametrize("deed", ["unsubscribe", "erase", "pause"])
def test_who_leaves_while_mails_are_being_sent_gets_none_after_that(desk: Desk, deed: str) -> None:
    ids = [
        subscribe(desk.store, f"{name}@example.org", from_url("q=toiture"), Rhythm.INSTANT, at=NOON, confirmed=True).id
        for name in "abc"
    ]
    desk.bring(CALL)

    def leave() -> None:
        for id_, name in zip(ids, "abc", strict=True):
            if deed == "unsubscribe":
                unsubscribe(desk.store, id_, MORNING)
            elif deed == "erase":
                erase(desk.store, f"{name}@example.org", MORNING)
            else:
                pause(desk.store, f"{name}@example.org", id_, MORNING + timedelta(days=1))

    desk.box = Meddler(leave)
    desk.run()
    assert len(desk.box.mails) == 1
    desk.box = Letterbox()
    later = desk.run(MORNING + timedelta(days=1, hours=1))
    assert len(desk.box.mails) == later.sent.accepted == (2 if deed == "pause" else 0)
