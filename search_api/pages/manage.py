"""`/alerts/manage/{token}`: all alerts of whoever owns the link, which came by mail.

A GET only shows. What a POST does is filtered by the owner of the link's subscription: no other's alert is found by its
id. No cookie, no account: the token is the authority, and another site cannot know it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from indexer.observatory.territories import name_place, title_scope
from search_api.bodies import read_form
from search_api.flood import refuse_flood
from search_api.languages import LANGUAGES, language_of
from search_api.looking_back import measure
from search_api.pages.alert import read_rhythm
from search_api.pages.alert_owner import Owners
from search_api.pages.alert_words import RHYTHMS, say_news, say_next, say_rate, say_search
from search_api.pages.layout import HTML, Pages
from search_api.pages.sign_up import MOST_BYTES, PRIVATE
from tenders.errors import Refused, TendersError
from tenders.links import sign_manage
from tenders.phrasing import day
from tenders.query_words import short_title
from tenders.saved_searches import PastMail
from tenders.status import paris_day
from tenders.store.forgetting import erase
from tenders.store.managing import REVIVABLE, end_mine, pause, renew_links, resume, revise, revive
from tenders.store.past_mails import load_mails, told_lately
from tenders.store.subscriptions import load_subscription, mailbox_of, subscriptions_of
from tenders.subscription import Kind, Rhythm, Subscription
from tenders.translations import N_, translator

PAUSE = timedelta(days=14)
# Active, paused, ended: what French says of an alert agrees with it.
_STATES = {
    Kind.ALERT: (N_("Active"), N_("Paused until %(day)s"), N_("Stopped, can be taken back until %(day)s")),
    Kind.REPORT: (N_("Running"), N_("On hold until %(day)s"), N_("Ended, can be taken back until %(day)s")),
}
_LANGUAGES = {"fr": "Français", "en": "English"}  # each in itself, for who reads no other


class Managing:
    """Shows the alerts of an owner, and does what they ask."""

    def __init__(self, pages: Pages, owners: Owners) -> None:
        self.pages, self.owners = pages, owners

    def show(
        self, request: Request, owner: Subscription, token: str, *, problem: str = "", foreign: bool = False
    ) -> Response:
        """Show all alerts of an owner; `problem` says why nothing was done, `foreign` that it does so in English."""
        desk, language = self.pages.desk, language_of(request)
        now, mailbox = desk.clock(), mailbox_of(owner.email)
        with desk.store.reading() as connection:
            mine = [one for one in subscriptions_of(connection, mailbox) if _is_shown(one, now)]
            mails = load_mails(connection, [one.id for one in mine])
            days = {one.id: told_lately(connection, one, paris_day(now)) for one in mine}
        cards = {
            kind: [say(one, mails[one.id], days[one.id], language, now) for one in mine if one.kind is kind]
            for kind, say in ((Kind.ALERT, self._card), (Kind.REPORT, self._report))
        }
        active = [one for one in mine if one.state == "active"]
        body = self.pages.write(
            request,
            "manage.jinja",
            email=owner.email,
            alerts=cards[Kind.ALERT],
            reports=cards[Kind.REPORT],
            path=f"/alerts/manage/{token}",
            some_go_on=any(not one.is_paused(now) for one in active),
            count=sum(one.kind is Kind.ALERT for one in active),
            report_count=sum(one.kind is Kind.REPORT for one in active),
            problem=problem,
            foreign=foreign,
        )
        return Response(body, 400 if problem else 200, PRIVATE, HTML)

    def _card(
        self, alert: Subscription, mails: Sequence[PastMail], days: Sequence[date], language: str, now: datetime
    ) -> dict[str, Any]:
        say = translator(language)
        _ = say.gettext
        told = [mail for mail in mails if mail.kind == "digest" and mail.state == "accepted" and mail.sent]
        last = _("none yet")
        if told:
            count = say.ngettext("%(count)d tender", "%(count)d tenders", told[-1].tenders) % {
                "count": told[-1].tenders
            }
            last = f"{day(paris_day(told[-1].sent or now), language, now=now, weekday=True)}, {count}"
        state, word = _say_state(alert, language, now)
        try:
            rate = say_rate(measure(self.pages.desk.engine, alert.query, now), language) if not alert.unreadable else ""
        except TendersError:
            rate = _("not known now")
        return {
            "id": alert.id,
            "name": _name(alert, short_title(alert.query, language), language),
            "query": alert.query,
            "said": say_search(alert, language),
            "state": state,
            "word": word,
            "last": last,
            "next": say_next(alert, now, days, language) if state != "ended" else "",
            "rate": rate,
            "news": say_news(alert.news, language),
            "rhythms": [(one.value, _(name), one is alert.rhythm) for one, (name, _text) in RHYTHMS.items()],
        }

    def _report(
        self, report: Subscription, mails: Sequence[PastMail], days: Sequence[date], language: str, now: datetime
    ) -> dict[str, Any]:
        _ = translator(language).gettext
        sent = [mail.sent for mail in mails if mail.kind == "report" and mail.state == "accepted" and mail.sent]
        state, word = _say_state(report, language, now)
        return {
            "id": report.id,
            "name": _name(report, title_scope(report.query, language) or name_place(report.query, language), language),
            "query": report.query,
            "said": say_search(report, language),
            "state": state,
            "word": word,
            "last": day(paris_day(sent[-1]), language, now=now, weekday=True) if sent else _("none yet"),
            "next": say_next(report, now, days, language) if state != "ended" else "",
            "languages": [(one, _LANGUAGES[one], one == report.language) for one in LANGUAGES],
        }

    def act(self, request: Request, owner: Subscription, token: str, sent: dict[str, str]) -> Response:
        """Do what a form of the page asks, and show the page again."""
        store, now, mailbox = self.pages.desk.store, self.pages.desk.clock(), mailbox_of(owner.email)
        id_ = sent.get("alert", "")
        if sent.get("do") == "erase":
            erase(store, mailbox, now, opposing_by=self.owners.secret if sent.get("oppose") else "")
            body = self.pages.write(request, "erased.jinja", opposed=bool(sent.get("oppose")))
            return Response(body, 200, PRIVATE, HTML)
        deeds: dict[str, Callable[[], None]] = {
            "pause": lambda: pause(store, mailbox, id_, now + PAUSE),
            "resume": lambda: resume(store, mailbox, id_),
            "pause-all": lambda: pause(store, mailbox, None, now + PAUSE),
            "resume-all": lambda: resume(store, mailbox, None),
            "rhythm": lambda: self._set_rhythm(mailbox, id_, read_rhythm(sent), now),
            "language": lambda: self._set_language(mailbox, id_, sent.get("language", "")),
            "stop": lambda: end_mine(store, mailbox, id_, now),
            "revive": lambda: revive(store, mailbox, id_, now),
            "renew": lambda: renew_links(store, mailbox),
        }
        deed = deeds.get(sent.get("do", ""))
        if deed is not None:
            try:
                deed()
            except Refused as refused:
                return self.show(request, owner, token, problem=translator(language_of(request)).gettext(str(refused)))
        if sent.get("do") == "renew":
            renewed = load_subscription(store, owner.id)
            token = sign_manage(self.owners.secret, renewed, now) if renewed else token
        return self.owners.lead_back(request, token, id_)

    def _set_rhythm(self, mailbox: str, id_: str, rhythm: Rhythm, now: datetime) -> None:
        found = load_subscription(self.pages.desk.store, id_)
        if found is not None and mailbox_of(found.email) == mailbox:
            refuse_flood(self.pages.desk.engine, found.query, rhythm, now)
            revise(self.pages.desk.store, mailbox, id_, rhythm=rhythm)

    def _set_language(self, mailbox: str, id_: str, language: str) -> None:
        if language in LANGUAGES:
            revise(self.pages.desk.store, mailbox, id_, language=language)


def _name(one: Subscription, followed: str, language: str) -> str:
    """Return the name of an alert or a report, that of what it follows where it has none."""
    return one.name or (translator(language).gettext("Saved search") if one.unreadable else followed)


def _say_state(one: Subscription, language: str, now: datetime) -> tuple[str, str]:
    """Return the state of an alert or a report as the page marks it, and in words."""
    _ = translator(language).gettext
    active, paused, ended = _STATES[one.kind]
    if one.state == "ended":
        assert one.ended is not None
        return "ended", _(ended) % {"day": day(paris_day(one.ended + REVIVABLE), language, now=now)}
    if one.unreadable:
        return "unreadable", _("No longer reads")
    if one.is_paused(now) and one.paused_until:
        return "paused", _(paused) % {"day": day(paris_day(one.paused_until), language, now=now)}
    return "active", _(active)


def _is_shown(alert: Subscription, now: datetime) -> bool:
    return alert.state == "active" or (alert.ended is not None and now - alert.ended < REVIVABLE)


def manage_routes(pages: Pages, owners: Owners) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    managing = Managing(pages, owners)

    @router.get("/alerts/manage/{token}")
    def show(request: Request, token: str) -> Response:
        owner = owners.find(request, token)
        return owner if isinstance(owner, Response) else managing.show(request, owner, token)

    @router.post("/alerts/manage/{token}")
    async def act(request: Request, token: str) -> Response:
        sent = await read_form(request, MOST_BYTES)

        def answer() -> Response:
            owner = owners.find(request, token)
            return owner if isinstance(owner, Response) else managing.act(request, owner, token, sent)

        return await run_in_threadpool(answer)

    return router
