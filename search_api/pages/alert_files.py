"""`/alerts/manage/{token}/alerts.json` and `.opml`: somebody's alerts as files; and files of searches taken in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from indexer.observatory.scope import require_scope
from search_api.allowance import network_of
from search_api.bodies import read_body
from search_api.flood import refuse_flood
from search_api.languages import language_of
from search_api.pages.alert_owner import Owners
from search_api.pages.alert_words import wording
from search_api.pages.layout import Pages
from search_api.pages.manage import Managing
from search_api.pages.sign_up import NAME_LENGTH, PRIVATE
from tenders.errors import BadQuery, Refused
from tenders.query_words import short_title
from tenders.saved_searches import read_file, write_json, write_opml
from tenders.store.past_mails import load_mails
from tenders.store.subscriptions import mailbox_of, subscribe_all, subscriptions_of
from tenders.subscription import Consent, Kind, Subscription
from tenders.translations import translator

MOST_BYTES = 256 * 1024
_PAGES = {Kind.ALERT: "/", Kind.REPORT: "/observatory"}


class AlertFiles:
    """Gives an owner's alerts out, and takes searches in as alerts of theirs."""

    def __init__(self, pages: Pages, owners: Owners) -> None:
        self.pages, self.owners, self.managing = pages, owners, Managing(pages, owners)

    def write_json(self, owner: Subscription) -> Response:
        """Give all that is known of the owner."""
        now = self.pages.desk.clock()
        with self.pages.desk.store.reading() as connection:
            mine = subscriptions_of(connection, mailbox_of(owner.email), unconfirmed=True)
            mails = load_mails(connection, [one.id for one in mine])
        return _file(write_json(owner.email, mine, mails, now), "application/json", "tenderwatch-alerts.json")

    def write_opml(self, owner: Subscription) -> Response:
        """Give the feeds of the owner's alerts."""
        desk = self.pages.desk
        with desk.store.reading() as connection:
            mine = [one for one in subscriptions_of(connection, mailbox_of(owner.email)) if one.state == "active"]
        body = write_opml(
            mine,
            lambda query: desk.address(f"/{owner.language}/tenders.atom", query),
            lambda one: desk.address(f"/{owner.language}{_PAGES[one.kind]}", one.query),
            desk.clock(),
        )
        return _file(body, "text/x-opml; charset=utf-8", "tenderwatch-alerts.opml")

    def take(self, request: Request, owner: Subscription, token: str, body: bytes) -> Response:
        """Begin an alert for each search of a file. Its owner has shown who they are: none is to be confirmed again."""
        desk, language = self.pages.desk, language_of(request)
        now, network = desk.clock(), network_of(request)
        consent = Consent(wording=wording(language), source="import", asked_from=network, confirmed_from=network)
        try:
            found = [replace(one, name=one.name and one.name[:NAME_LENGTH]) for one in read_file(body)]
        except Refused as problem:
            return self.managing.show(request, owner, token, problem=str(problem), foreign=language != "en")
        _ = translator(language).gettext
        wishes = [
            Subscription(
                id="",
                email=owner.email,
                query=one.query,
                kind=one.kind,
                rhythm=one.rhythm,
                news=one.news,
                language=language,
                name=one.name,
                created=now,
                consent=consent,
            )
            for one in found
        ]
        title = ""
        try:
            for wish in wishes:
                title = f"{wish.name or short_title(wish.query, language)}{_(': ')}"
                if wish.kind is Kind.REPORT:
                    require_scope(wish.query)
                refuse_flood(desk.engine, wish.query, wish.rhythm, now)
            title = ""
            subscribe_all(desk.store, wishes)
        except (Refused, BadQuery) as problem:
            return self.managing.show(request, owner, token, problem=f"{title}{_(str(problem))}")
        return self.owners.lead_back(request, token)


def _file(body: bytes, media_type: str, name: str) -> Response:
    return Response(
        body, headers=PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type
    )


async def read_upload(request: Request) -> bytes:
    """Return the file that a form brings (multipart/form-data, RFC 7578); raises BadQuery where there is none."""
    body = await read_body(request, MOST_BYTES)

    async def whole() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=10).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError) as problem:
        raise BadQuery(f"this form brings no file: {problem}", name="file") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadQuery("this form brings no file: choose one, then send it", name="file")
        return await file.read()
    finally:
        await form.close()


def alert_file_routes(pages: Pages, owners: Owners) -> APIRouter:
    """Return the routes of the files."""
    router = APIRouter(include_in_schema=False)
    files = AlertFiles(pages, owners)

    @router.get("/alerts/manage/{token}/alerts.json")
    def give_json(request: Request, token: str) -> Response:
        owner = owners.find(request, token)
        return owner if isinstance(owner, Response) else files.write_json(owner)

    @router.get("/alerts/manage/{token}/alerts.opml")
    def give_opml(request: Request, token: str) -> Response:
        owner = owners.find(request, token)
        return owner if isinstance(owner, Response) else files.write_opml(owner)

    @router.post("/alerts/manage/{token}/import")
    async def take(request: Request, token: str) -> Response:
        body = await read_upload(request)

        def answer() -> Response:
            owner = owners.find(request, token)
            return owner if isinstance(owner, Response) else files.take(request, owner, token, body)

        return await run_in_threadpool(answer)

    return router
