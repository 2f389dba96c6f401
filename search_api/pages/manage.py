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

from search_api.bodies import read_form
from search_api.flood import refuse_flood
from search_api.languages import language_of
from search_api.looking_back import measure
from search_api.pages.alert import MOST_BYTES, PRIVATE, read_rhythm
from search_api.pages.alert_owner import Owners
from search_api.pages.alert_words import RHYTHMS, say_news, say_next, say_rate
from search_api.pages.layout import HTML, Pages
from tenders.errors import Refused, TendersError
from tenders.links import sign_manage
from tenders.phrasing import day, paris_day
from tenders.query_words import describe, short_title
from tenders.saved_searches import PastMail
from tenders.store.forgetting import erase
from tenders.store.managing import REVIVABLE, end_mine, pause, renew_links, resume, revise, revive
from tenders.store.past_mails import load_mails, mail_days
from tenders.store.subscriptions import load_subscription, mailbox_of, subscriptions_of
from tenders.subscription import Rhythm, Subscription
from tenders.translations import translator

PAUSE = timedelta(days=14)
_WEEK = timedelta(days=7)


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
            days = {one.id: mail_days(connection, one.id, "digest", paris_day(now - _WEEK)) for one in mine}
        alerts = [self._card(one, mails[one.id], days[one.id], language, now) for one in mine]
        active = [one for one in mine if one.state == "active"]
        body = self.pages.write(
            request,
            "manage.jinja",
            email=owner.email,
            alerts=alerts,
            path=f"/alerts/manage/{token}",
            some_go_on=any(not one.is_paused(now) for one in active),
            count=len(active),
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
        if alert.state == "ended":
            assert alert.ended is not None
            state = "ended"
            word = _("Stopped, can be taken back until %(day)s") % {
                "day": day(paris_day(alert.ended + REVIVABLE), language, now=now)
            }
        elif alert.is_paused(now) and alert.paused_until:
            state = "paused"
            word = _("Paused until %(day)s") % {"day": day(paris_day(alert.paused_until), language, now=now)}
        else:
            state, word = "active", _("Active")
        try:
            rate = say_rate(measure(self.pages.desk.engine, alert.query, now), language)
        except TendersError:
            rate = _("not known now")
        return {
            "id": alert.id,
            "name": alert.name or short_title(alert.query, language),
            "query": alert.query,
            "said": describe(alert.query, language),
            "state": state,
            "word": word,
            "last": last,
            "next": say_next(alert, now, days, language) if state != "ended" else "",
            "rate": rate,
            "news": say_news(alert.news, language),
            "rhythms": [(one.value, _(name), one is alert.rhythm) for one, (name, _text) in RHYTHMS.items()],
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
