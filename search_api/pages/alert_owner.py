"""`/alerts`: the link to somebody's alerts, asked for by mail; and whom such a link speaks of.

The answer of a POST is the same, in the same time, whether or not an address has alerts here.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_api.allowance import Allowance
from search_api.languages import assume_language, language_of
from search_api.pages.layout import HTML, Pages
from search_api.pages.sign_up import NO_ADDRESS, OLD, PRIVATE, is_current, sign_form, take_form
from tenders.errors import Refused
from tenders.links import Expired, read_manage
from tenders.store.signing_up import ask_links
from tenders.store.subscriptions import clean_address, load_subscription
from tenders.subscription import Subscription
from tenders.translations import translator


class Owners:
    """Knows owners by the links they were sent, and sends them others."""

    def __init__(self, pages: Pages, allowance: Allowance, secret: str) -> None:
        self.pages, self.allowance, self.secret = pages, allowance, secret

    def find(self, request: Request, token: str) -> Subscription | Response:
        """Return the subscription that a link speaks of, or the page that says why it opens nothing."""
        now, store = self.pages.desk.clock(), self.pages.desk.store
        try:
            link = read_manage(token, self.secret, now)
        except Expired:
            return self.ask(request, state="expired", status=410)
        found = load_subscription(store, link.subscription_id) if link else None
        if link is None or found is None:
            return self.ask(request, state="unknown", status=404)
        if link.links != found.links:
            return self.ask(request, state="expired", status=410)
        assume_language(request.scope, found.language)
        return found

    def ask(
        self, request: Request, *, state: str = "", problem: str = "", typed: str = "", status: int = 200
    ) -> Response:
        """Show the form that asks for a link; `state` says why one is needed, `problem` what was wrong."""
        _ = translator(language_of(request)).gettext
        body = self.pages.write(
            request,
            "alerts.jinja",
            state=state,
            problem=_(problem) if problem else "",
            email=typed,
            token=sign_form(self.secret, request, self.pages.desk.clock()),
        )
        return Response(body, 400 if problem else status, PRIVATE, HTML)

    def send_link(self, request: Request, sent: dict[str, str]) -> Response:
        """Send the link to an address that has alerts; the answer is the same where it has none."""
        now, typed = self.pages.desk.clock(), sent.get("email", "")
        if not is_current(self.secret, request, sent.get("token", ""), now):
            return self.ask(request, problem=OLD, typed=typed)
        try:
            address = clean_address(typed)
        except Refused:
            return self.ask(request, problem=NO_ADDRESS, typed=typed)
        self.allowance.spend_letter(request)
        if not sent.get("website"):
            ask_links(self.pages.desk.store, self.secret, address, now)
        body = self.pages.write(request, "alert_asked.jinja", email=address, kind="manage", report=False)
        return Response(body, 200, PRIVATE, HTML)

    def lead_back(self, request: Request, token: str, alert: str = "") -> Response:
        """Lead to an owner's page, at an alert of it, so that loading it again does nothing twice."""
        path = self.pages.link(request)(f"/alerts/manage/{token}")
        anchor = f"#{alert}" if alert.isascii() and alert.replace("-", "").replace("_", "").isalnum() else ""
        return RedirectResponse(f"{path}{anchor}", status_code=303, headers=PRIVATE)


def owner_routes(owners: Owners) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/alerts")
    def ask(request: Request) -> Response:
        return owners.ask(request)

    @router.post("/alerts")
    async def send_link(request: Request) -> Response:
        return await take_form(owners.pages, owners.send_link, request)

    return router
