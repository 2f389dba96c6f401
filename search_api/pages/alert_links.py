"""`/alerts/confirm/{token}` and `/alerts/unsubscribe/{token}`: what the links of mails open.

A GET only shows: mail scanners follow links. A POST acts, without log-in, cookie or redirect (RFC 8058): the token is
the authority. Nobody is counted or kept waiting here: mailbox providers post for many people from few addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from search_api.allowance import network_of
from search_api.bodies import read_form
from search_api.languages import assume_language, language_of
from search_api.looking_back import measure
from search_api.pages.alert_words import MONTHLY, RHYTHMS, say_news, say_next, say_rate, say_search
from search_api.pages.layout import HTML, Pages
from search_api.pages.sign_up import MOST_BYTES, PRIVATE
from tenders.errors import BadQuery, TendersError
from tenders.links import Expired, read_confirm, read_unsubscribe, sign_manage
from tenders.phrasing import day
from tenders.status import paris_day
from tenders.store.forgetting import UNCONFIRMED, erase
from tenders.store.letters import last_asked
from tenders.store.past_mails import told_lately
from tenders.store.subscriptions import confirm, load_subscription, mailbox_of, subscriptions_of, unsubscribe
from tenders.subscription import Kind, Subscription
from tenders.translations import translator

_TWICE: Final = timedelta(minutes=10)  # within which a form is sent again by the one who sent it


class AlertLinks:
    """Shows and does what a token says."""

    def __init__(self, pages: Pages, secret: str) -> None:
        self.pages, self.secret = pages, secret

    def confirming(self, request: Request, token: str) -> Response:
        """Show a subscription that waits for its owner, or confirm it."""
        store, now = self.pages.desk.store, self.pages.desk.clock()
        try:
            subscription_id = read_confirm(token, self.secret, now)
        except Expired as expired:
            found = load_subscription(store, expired.subscription_id)
            active = found is not None and found.state == "active"
            return self._page(request, "already" if active else "expired", found, status=410)
        if subscription_id is None:
            return self._page(request, "unknown", None, status=404)
        if request.method == "POST":
            found = confirm(store, subscription_id, now, network_of(request))
        else:
            found = load_subscription(store, subscription_id)
        if found is None or found.state == "ended":
            return self._page(request, "ended", found, status=410)
        return self._page(request, "confirmed" if found.state == "active" else "confirm", found)

    def unsubscribing(self, request: Request, token: str, sent: Mapping[str, str]) -> Response:
        """Show a subscription, or end it; one that was erased is an ended one: its link must not tell who was here.

        The owner of an address that has confirmed nothing may have it erased, and be written to no more.
        """
        store, now = self.pages.desk.store, self.pages.desk.clock()
        subscription_id = read_unsubscribe(token, self.secret)
        if subscription_id is None:
            return self._page(request, "unknown", None, status=404)
        found = load_subscription(store, subscription_id)
        if request.method == "POST" and found is not None:
            if sent.get("oppose") and self._is_stranger(found):
                erase(store, mailbox_of(found.email), now, opposing_by=self.secret)
                return self._page(request, "opposed", replace(found, state="ended"))
            found = unsubscribe(store, subscription_id, now)
        return self._page(request, "unsubscribed" if found is None or found.state == "ended" else "unsubscribe", found)

    def _is_stranger(self, found: Subscription) -> bool:
        """Whether the owner of the address of a subscription has never confirmed any."""
        with self.pages.desk.store.reading() as connection:
            return not subscriptions_of(connection, mailbox_of(found.email))

    def _page(self, request: Request, state: str, found: Subscription | None, *, status: int = 200) -> Response:
        now = self.pages.desk.clock()
        if found is not None:
            assume_language(request.scope, found.language)
        acted = request.method == "POST" and state == "confirmed" and found is not None and _is_fresh(found, now)
        values: dict[str, Any] = {"facts": [], "manage": "", "erased": "", "stranger": False}
        values["query"] = found.query if found else ""
        values["report"] = found is not None and found.kind is Kind.REPORT
        if found is not None and state in ("confirm", "confirmed", "unsubscribe"):
            values["facts"] = self._facts(found, request)
        if found is not None and state == "confirm":
            with self.pages.desk.store.reading() as connection:
                asked = last_asked(connection, found.id) or found.created
            values["erased"] = day(paris_day(asked + UNCONFIRMED), language_of(request), now=now)
        if found is not None and state == "unsubscribe":
            values["stranger"] = self._is_stranger(found)
        if found is not None and acted:
            values["manage"] = self.pages.link(request)(f"/alerts/manage/{sign_manage(self.secret, found, now)}")
        body = self.pages.write(request, "alert_link.jinja", state=state, **values)
        return Response(body, status, PRIVATE, HTML)

    def _facts(self, found: Subscription, request: Request) -> list[tuple[str, str]]:
        """Return what the page says of a subscription, never its address; its name where that is to be confirmed."""
        desk, language = self.pages.desk, language_of(request)
        now, _ = desk.clock(), translator(language).gettext
        if found.kind is Kind.REPORT:
            facts = [(_("Tenders"), say_search(found, language)), (_("Rhythm"), _(MONTHLY))]
            if found.state == "pending" and found.name:
                facts.insert(0, (_("Name of the report"), found.name))
            if found.state == "active":
                facts.append((_("Next mail"), say_next(found, now, self._told(found, now), language)))
            return facts
        name, text = RHYTHMS[found.rhythm]
        facts = [(_("The search"), say_search(found, language)), (_("Rhythm"), f"{_(name)}{_(': ')}{_(text)}")]
        if found.state == "pending" and found.name:
            facts.insert(0, (_("Name of the alert"), found.name))
        if found.unreadable:
            return facts
        with suppress(TendersError):  # nobody is kept from confirming by an index that does not answer
            facts.append((_("Expected volume"), say_rate(measure(desk.engine, found.query, now), language)))
        facts.append((_("Told also of"), say_news(found.news, language)))
        if found.state == "active":
            facts.append((_("Next mail"), say_next(found, now, self._told(found, now), language)))
        return facts

    def _told(self, found: Subscription, now: datetime) -> list[date]:
        with self.pages.desk.store.reading() as connection:
            return told_lately(connection, found, paris_day(now))


def _is_fresh(confirmed: Subscription, now: datetime) -> bool:
    """Whether a POST may still be the one that confirmed, sent twice: an older mail is no key to its owner's alerts."""
    at = confirmed.confirmed
    return at is not None and now - at <= _TWICE and confirmed.links == confirmed.confirmed_links


def alert_link_routes(pages: Pages, secret: str) -> APIRouter:
    """Return the routes of both links."""
    router = APIRouter(include_in_schema=False)
    links = AlertLinks(pages, secret)

    @router.api_route("/alerts/confirm/{token}", methods=["GET", "POST"])
    def confirming(request: Request, token: str) -> Response:
        return links.confirming(request, token)

    @router.get("/alerts/unsubscribe/{token}")
    def show(request: Request, token: str) -> Response:
        return links.unsubscribing(request, token, {})

    @router.post("/alerts/unsubscribe/{token}")
    async def unsubscribing(request: Request, token: str) -> Response:
        sent: dict[str, str] = {}
        with suppress(BadQuery):  # a mailbox provider may post what it likes
            sent = await read_form(request, MOST_BYTES)
        return await run_in_threadpool(links.unsubscribing, request, token, sent)

    return router
