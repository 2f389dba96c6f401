"""Monthly reports: one a month, late after an outage, with the same figures in both parts as the observatory has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import func, select, update

from alerts.deliveries import Sent
from alerts.mail import open_mailer
from alerts.model import Mail, Sender
from alerts.monthly import begin_reports
from alerts.run import Ran, run_alerts
from alerts.writing import MAX_HTML
from indexer.build import merge_all
from indexer.engine import SearchEngine, count_selected
from indexer.observatory.observe import observe
from tenders.codes import Cpv, Department
from tenders.errors import MailDelayed, Unavailable
from tenders.model import Buyer, Money, Nature, Notice
from tenders.query_url import from_url, to_url
from tenders.settings import Settings
from tenders.status import PARIS
from tenders.store.managing import end_mine, pause, resume, revive
from tenders.store.notices import Reading, take
from tenders.store.schema import deliveries, matches, subscriptions
from tenders.store.subscriptions import subscribe
from tenders.subscription import Kind, Rhythm, Subscription
from tests.alerts.test_run import Letterbox
from tests.notices import House, keep, notice
from tests.postbox import open_postbox

BASE = "https://tw.example"
SENDER = Sender(base_url=BASE, secret="s" * 32, mail_from="Tenderwatch <a@tw.example>")
CONFIRMED = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)
FIRST_OF_JUNE = datetime(2026, 6, 1, 7, 0, tzinfo=PARIS)
PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\r": None})


class Office(House):
    """A house with a letterbox and subscriptions to reports."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.box = Letterbox()

    def follow(self, form: str = "dept=21", at: datetime = CONFIRMED, **more: object) -> Subscription:
        plain: dict[str, object] = {"kind": Kind.REPORT, "confirmed": True}
        return subscribe(self.store, "a@example.org", from_url(form), Rhythm.MONTHLY, at=at, **(plain | more))  # type: ignore[arg-type]

    def run(self, now: datetime) -> Ran:
        return run_alerts(self.store, self.engine, self.box, SENDER, now)

    def told(self) -> list[str]:
        """The subjects so far, with plain spaces."""
        return [mail.subject.translate(PLAIN) for mail in self.box.mails]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def calls(published: date, count: int, **said: object) -> list[Notice]:
    """Calls of one day, each a tender of its own."""
    return [
        notice(
            f"{published:%y}-{published:%m%d}{number}",
            f"Entretien du site {number} de Vallebrune, {published}",
            reference=f"R{published}{number}",
            published=published,
            departments=(Department("21"),),
            deadline=datetime.combine(published + timedelta(days=20 + number), datetime.min.time(), PARIS),
            **said,  # type: ignore[arg-type]
        )
        for number in range(count)
    ]


def months(office: Office) -> None:
    """May 2026, the month before, and the same month a year before."""
    office.bring(
        *calls(
            date(2026, 5, 4),
            3,
            nature=Nature.WORKS,
            cpv=(Cpv("45261000"),),
            value=Money(Decimal(60000)),
            buyer=Buyer(name="Régie <b>de</b> Vallebrune"),
        ),
        *calls(date(2026, 5, 31), 2, nature=Nature.SERVICES),
        *calls(date(2026, 6, 1), 1),
        *calls(date(2026, 4, 30), 4),
        *calls(date(2025, 5, 31), 2),
        *calls(date(2024, 5, 1), 2),
    )


def numbers(mail: Mail) -> list[tuple[str, str]]:
    """The linked numbers of the HTML part in their order, each with its query; those of the text are the same."""
    tree = html.document_fromstring(mail.html)
    found = [
        (" ".join(link.text_content().translate(PLAIN).split()), link.get("href").partition("?")[2])
        for link in tree.xpath(f"//a[starts-with(@href, '{BASE}/fr/?')]")
    ]
    text, _, rest = mail.text.translate(PLAIN).partition("\n[1] ")
    notes = {form: note for note, form in re.findall(r"^\[(\d+)\] [^?]+\?(\S+)$", f"[1] {rest}", re.MULTILINE)}
    flat = " ".join(text.split())
    assert len(re.findall(r"\[\d+\]", flat)) == len(found)
    at = 0
    for number, form in found:
        at = flat.index(f"{number} [{notes[form]}]", at) + 1
    return found


def test_a_month_is_told_once_from_seven_on_the_first_whatever_the_ticks(office: Office) -> None:
    months(office)
    office.follow("dept=21", datetime(2026, 1, 31, 22, 59, tzinfo=UTC))  # 23:59 in Paris
    told: list[datetime] = []
    for number in range(1, 15):  # both changes of the clock, 28, 30 and 31 days
        first = datetime(2026 + number // 12, number % 12 + 1, 1, 7, 0, tzinfo=PARIS)
        for tick in (
            first - timedelta(minutes=1),
            first,
            first,
            first + timedelta(hours=5),
            first + timedelta(days=14),
            first + timedelta(days=27, hours=16, minutes=30),
        ):
            if office.run(tick.astimezone(UTC)).sent.accepted:
                told.append(tick)
    assert [tick.hour for tick in told] == [7] * 14
    assert [tick.month for tick in told] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    assert office.told()[3:5] == [
        "4 marchés publiés en avril 2026 – Côte-d’Or",
        "5 marchés publiés en mai 2026 – Côte-d’Or",
    ]
    assert office.told()[0] == "Aucun marché publié en janvier 2026 – Côte-d’Or", "the month of the confirmation"
    assert len({mail.message_id for mail in office.box.mails}) == 14
    with office.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(matches)).scalar_one() == 0


def test_text_and_html_have_the_figures_of_the_observatory_each_with_its_tenders(office: Office) -> None:
    months(office)
    office.follow()
    office.run(FIRST_OF_JUNE)
    linked = numbers(office.box.mails[-1])
    assert len(linked) > 20
    for number, form in linked:
        if number.isdecimal():
            assert count_selected(office.engine, from_url(form), FIRST_OF_JUNE) == int(number), form
    scope = from_url("dept=21&published_after=2026-05-01&published_before=2026-05-31")
    seen = observe(office.engine, scope, FIRST_OF_JUNE)
    assert (seen.total.count, seen.natures.lines[0].number.count) == (5, 3)
    counts = {form: number for number, form in linked}

    for line in (*seen.natures.lines, *seen.divisions.lines, *seen.buyers.lines, *seen.values.classes):
        assert counts[to_url(line.number.query)] == str(line.number.count)
    assert counts[to_url(seen.values.unknown.query)] == str(seen.values.unknown.count) == "2"
    said = office.box.mails[-1].text.translate(PLAIN)
    assert "2 en mai 2025." in said and "avril 2026 : 4" in said and "juin 2025 : 0" in said
    assert f"{BASE}/fr/observatory?{to_url(scope)}" in said and to_url(scope) in office.box.mails[-1].html.replace(
        "&amp;", "&"
    )
    assert "<b>de</b>" not in office.box.mails[-1].html
    assert "trop tôt pour le dire" in said


def test_a_part_of_the_year_before_gives_no_growth(office: Office) -> None:
    office.bring(*calls(date(2026, 5, 4), 30), *calls(date(2025, 6, 2), 25))
    office.follow()
    office.run(FIRST_OF_JUNE)
    said = " ".join(office.box.mails[-1].text.translate(PLAIN).split())
    assert "Pour mai 2025, nous n’avons qu’une partie" in said and "%" not in said.partition("CÔTE À CÔTE")[0]
    office.bring(*calls(date(2025, 5, 2), 25))
    office.follow("dept=21&q=entretien")
    office.run(FIRST_OF_JUNE)
    assert "20 % de plus qu’en mai 2025 (25)." in office.box.mails[-1].text.translate(PLAIN)


def test_an_empty_month_is_said_to_be_so(office: Office) -> None:
    months(office)
    office.follow("dept=48", language="en")
    office.run(FIRST_OF_JUNE)
    assert office.told() == ["No tender published in May 2026 – Lozère"]
    said = office.box.mails[-1].text
    assert "None in May 2025." in said and "nan" not in said.lower() and "%" not in said
    for part in (said, office.box.mails[-1].html):
        assert "Each number leads" not in part, "there is none"


def test_a_scope_too_long_for_links_has_them_on_the_page_only(office: Office) -> None:
    name = "Communauté de communes des Trois-Rivières et de leurs vallées, de leurs collines et de leurs plaines, n°"
    buyers = [f"{name} {number}" for number in range(40)]
    office.bring(
        *(
            one
            for number, name in enumerate(buyers)
            for one in calls(date(2026, 5, 1) + timedelta(days=number % 30), 1, buyer=Buyer(name=name))
        )
    )
    form = "&".join(f"buyer={name}" for name in buyers)
    office.follow(form)
    office.run(FIRST_OF_JUNE)
    [mail] = office.box.mails
    assert len(mail.html.encode()) <= MAX_HTML
    assert numbers(mail) == []
    assert "ils sont sur la page" in " ".join(mail.text.translate(PLAIN).split())


def test_a_report_of_the_longest_scope_still_fits_and_leads_to_its_owners_page(office: Office) -> None:
    office.follow("&".join(f"buyer={'é' * 290} {number}" for number in range(290)))
    office.run(FIRST_OF_JUNE)
    [mail] = office.box.mails
    assert max(len(mail.html.encode()), len(mail.text.encode())) <= MAX_HTML
    said = " ".join(mail.text.translate(PLAIN).split())
    assert "la page de vos bilans mène à ses chiffres" in said and f"{BASE}/fr/alerts/manage/" in said
    assert "/observatory" not in mail.html + mail.text


def test_an_index_that_does_not_answer_makes_a_report_late(office: Office) -> None:
    months(office)
    office.follow()

    class Down:
        def __getattr__(self, name: str) -> object:
            raise Unavailable("the index does not answer")

    down: SearchEngine = Down()  # type: ignore[assignment]
    ran = run_alerts(office.store, down, office.box, SENDER, FIRST_OF_JUNE)
    assert (ran.mails, ran.sent.delayed, office.box.mails) == (1, 1, [])
    assert office.run(FIRST_OF_JUNE + timedelta(seconds=10)).mails == 0, "it was begun"
    assert office.run(FIRST_OF_JUNE + timedelta(hours=1)).sent.accepted == 1
    assert office.told() == ["5 marchés publiés en mai 2026 – Côte-d’Or"]


def test_an_index_behind_the_store_makes_a_report_late(office: Office) -> None:
    months(office)
    office.follow()
    keep(office.store, calls(date(2026, 5, 30), 1), live=False)
    ran = office.run(FIRST_OF_JUNE)
    assert (ran.mails, ran.sent.delayed, office.box.mails) == (1, 1, []), (
        "a notice of the month stands in no tender yet"
    )
    merge_all(office.store)
    assert office.run(FIRST_OF_JUNE + timedelta(hours=1)).sent.delayed == 1, "nor in the index"
    office.build()
    with office.store.writing() as connection:
        later = [Reading(one, 20) for one in calls(date(2026, 6, 1), 2)]
        take(connection, later, at=FIRST_OF_JUNE + timedelta(hours=9), live=False)
    tick = FIRST_OF_JUNE + timedelta(hours=9, minutes=11)
    assert office.run(tick).sent.delayed == 1, "what came later is waited for as well, once it is late"
    with office.store.writing() as connection:
        connection.execute(update(deliveries).values(again_at=None))
    assert office.run(tick - timedelta(minutes=2)).sent.accepted == 1, "but not what came just now"
    assert office.told() == ["6 marchés publiés en mai 2026 – Côte-d’Or"]


def test_a_mail_system_that_asks_for_time_is_left_alone_by_digests_and_reports_alike(office: Office) -> None:
    subscribe(office.store, "b@example.org", from_url(""), Rhythm.INSTANT, at=CONFIRMED, confirmed=True)
    months(office)
    office.follow()
    office.box.failures = [MailDelayed("421", wait=timedelta(hours=1))]
    assert office.run(FIRST_OF_JUNE).sent == Sent(delayed=2)
    assert office.box.mails == []
    assert office.run(FIRST_OF_JUNE + timedelta(minutes=59)).sent == Sent()
    assert office.run(FIRST_OF_JUNE + timedelta(hours=1)).sent.accepted == 2


def test_a_scope_that_no_longer_reads_is_never_told_as_all_of_france(office: Office) -> None:
    months(office)
    begun, other = office.follow("dept=21"), office.follow("dept=48")
    assert begin_reports(office.store, FIRST_OF_JUNE) == 2
    _keep_query(office, begun, "colour=red")
    _keep_query(office, other, "epci=200000000")
    assert office.run(FIRST_OF_JUNE).sent == Sent(accepted=1, delayed=1)
    assert office.told() == ["Aucun marché publié en mai 2026 – 200000000"], "found by nothing, shown by its number"
    with office.store.reading() as connection:
        waiting = select(deliveries.c.reason).where(deliveries.c.subscription_id == begun.id)
        assert "no longer reads" in connection.execute(waiting).scalar_one()
    assert office.run(datetime(2026, 7, 1, 7, 0, tzinfo=PARIS)).mails == 1, "the one that reads goes on"
    _keep_query(office, begun, "dept=21")
    assert office.run(datetime(2026, 7, 2, 7, 0, tzinfo=PARIS)).mails == 1
    assert "1 marché publié en juin 2026 – Côte-d’Or" in office.told()


def _keep_query(office: Office, report: Subscription, form: str) -> None:
    with office.store.writing() as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.id == report.id).values(query=form))


def test_an_outage_of_months_ends_in_one_report_with_the_others_in_its_table(office: Office) -> None:
    months(office)
    office.follow()
    back = datetime(2026, 8, 20, 15, 0, tzinfo=PARIS)
    assert office.run(back).sent.accepted == 1
    assert office.told() == ["Aucun marché publié en juillet 2026 – Côte-d’Or"]
    said = office.box.mails[-1].text.translate(PLAIN)
    assert "mai 2026 : 5" in said and "juin 2026 : 1" in said
    assert office.run(back + timedelta(days=1)).mails == 0
    assert office.run(datetime(2036, 9, 1, 7, 0, tzinfo=PARIS)).mails == 1, "a wrong moment begins one, not a hundred"
    assert office.run(datetime(2026, 9, 1, 7, 0, tzinfo=PARIS)).mails == 1, "and none of the months to come is lost"


def test_a_pause_keeps_a_report_back_and_an_end_ends_it(office: Office) -> None:
    months(office)
    followed = office.follow()
    pause(office.store, "a@example.org", followed.id, FIRST_OF_JUNE + timedelta(days=10))
    assert office.run(FIRST_OF_JUNE).mails == 0
    assert office.run(FIRST_OF_JUNE + timedelta(days=10, minutes=1)).sent.accepted == 1
    office.box.failures = [MailDelayed("down", system=True)]
    july = datetime(2026, 7, 1, 7, 0, tzinfo=PARIS)
    assert office.run(july).sent.delayed == 1
    pause(office.store, "a@example.org", followed.id, july + timedelta(days=3))
    assert office.run(july + timedelta(days=1)).sent.accepted == 0, "a report that was tried waits for the pause too"
    resume(office.store, "a@example.org", followed.id)
    end_mine(office.store, "a@example.org", followed.id, july + timedelta(days=1))
    assert office.run(july + timedelta(days=2)).sent.dropped == 1
    revive(office.store, "a@example.org", followed.id, july + timedelta(days=3))
    assert office.run(july + timedelta(days=3)).sent.accepted == 1
    assert len(office.told()) == len(set(office.told())) == 2


def test_the_mail_carries_what_lets_one_out_with_one_click(office: Office) -> None:
    months(office)
    with open_postbox() as postbox:
        followed = office.follow()
        with open_mailer(Settings(mail_url=postbox.url)) as mailer:
            run_alerts(office.store, office.engine, mailer, SENDER, FIRST_OF_JUNE)
    [message] = postbox.messages
    assert message["List-Id"] == f"<report-{followed.id}.tw.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{BASE}/fr/alerts/unsubscribe/\S+>", message["List-Unsubscribe"])
    assert message["Subject"].translate(PLAIN) == "5 marchés publiés en mai 2026 – Côte-d’Or"
    assert message["Content-Language"] == "fr"
