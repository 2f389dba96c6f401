"""`/alerts/manage/{token}/{id}`: one alert, its settings, and what another search in its place would bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from search_api.bodies import read_form
from search_api.flood import refuse_flood
from search_api.languages import language_of
from search_api.pages.alert import read_news, read_rhythm, show_choices, show_search
from search_api.pages.alert_owner import Owners
from search_api.pages.layout import HTML, Pages
from search_api.pages.sign_up import MOST_BYTES, NAME_LENGTH, PRIVATE
from tenders.errors import Refused
from tenders.query import Query
from tenders.query_url import from_pairs, from_url, to_pairs
from tenders.query_words import describe
from tenders.store.managing import revise
from tenders.store.subscriptions import load_subscription, mailbox_of
from tenders.subscription import Kind, Subscription
from tenders.translations import translator


class Changing:
    """Shows one alert of an owner, and keeps what they change."""

    def __init__(self, pages: Pages, owners: Owners) -> None:
        self.pages, self.owners = pages, owners

    def show(
        self,
        request: Request,
        owner: Subscription,
        token: str,
        alert: str,
        query: Query | None,
        *,
        sent: dict[str, str] | None = None,
        problem: str = "",
    ) -> Response:
        """Show one alert with its settings, and what another search in its place would bring.

        `problem` says why what was `sent` is not kept.
        """
        found = load_subscription(self.pages.desk.store, alert)
        mine = found is not None and mailbox_of(found.email) == mailbox_of(owner.email)
        if found is None or not mine or found.state != "active" or found.kind is not Kind.ALERT:
            return self.owners.ask(request, state="unknown", status=404)
        now, language = self.pages.desk.clock(), language_of(request)
        path = f"/alerts/manage/{token}/{alert}"
        shown = show_search(self.pages, request, query or found.query, now, path)
        query = shown["query"]
        rhythm, news = (read_rhythm(sent), read_news(sent)) if sent else (found.rhythm, found.news)
        body = self.pages.write(
            request,
            "alert_change.jinja",
            **shown,
            **show_choices(rhythm, news, shown["volume"], language),
            name=(sent.get("name") if sent else found.name) or "",
            name_length=NAME_LENGTH,
            path=path,
            manage=f"/alerts/manage/{token}",
            typed=query.q,
            kept=[(name, value) for name, value in to_pairs(query) if name != "q"],
            parts=list(_without_each(query, language)),
            problem=translator(language).gettext(problem) if problem else "",
        )
        return Response(body, 400 if problem else 200, PRIVATE, HTML)

    def keep(self, request: Request, owner: Subscription, token: str, alert: str, sent: dict[str, str]) -> Response:
        """Keep the settings and the search of an alert."""
        desk = self.pages.desk
        query = from_url(sent.get("query", "")).saved()
        desk.sources.require(query, desk.store, desk.clock())
        settings: dict[str, Any] = {"rhythm": read_rhythm(sent), "news": read_news(sent)}
        settings["name"] = sent.get("name", "")[:NAME_LENGTH]
        try:
            refuse_flood(desk.engine, query, settings["rhythm"], desk.clock())
            revise(desk.store, mailbox_of(owner.email), alert, query=query, **settings)
        except Refused as refused:
            return self.show(request, owner, token, alert, query, sent=sent, problem=str(refused))
        return self.owners.lead_back(request, token, alert)


def _without_each(query: Query, language: str) -> Iterator[tuple[str, Query]]:
    """Give the filters of a search, each with the search without it."""
    pairs = to_pairs(query)
    for pair in pairs:
        if pair[0] != "q":
            yield (
                describe(from_pairs([pair], kept=True), language),
                from_pairs((other for other in pairs if other != pair), kept=True),
            )


def change_routes(pages: Pages, owners: Owners) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    changing = Changing(pages, owners)

    @router.get("/alerts/manage/{token}/{alert}")
    def show(request: Request, token: str, alert: str) -> Response:
        owner = owners.find(request, token)
        if isinstance(owner, Response):
            return owner
        query = pages.desk.read_query(request, pages.desk.clock()).saved() if request.url.query else None
        return changing.show(request, owner, token, alert, query)

    @router.post("/alerts/manage/{token}/{alert}")
    async def keep(request: Request, token: str, alert: str) -> Response:
        sent = await read_form(request, MOST_BYTES)

        def answer() -> Response:
            owner = owners.find(request, token)
            return owner if isinstance(owner, Response) else changing.keep(request, owner, token, alert, sent)

        return await run_in_threadpool(answer)

    return router
