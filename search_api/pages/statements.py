"""`/accessibility`, `/privacy`, `/licence`: what the service declares of itself; the same for every reader."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.allowance import MARKS
from search_api.pages.layout import Pages
from tenders.links import MANAGE_DAYS
from tenders.plain import web_link
from tenders.store.forgetting import UNCONFIRMED
from tenders.store.managing import REVIVABLE

STATEMENTS = ("accessibility", "privacy", "licence")
# What the texts say in figures: days, and how often.
_FIGURES = {
    "unconfirmed": UNCONFIRMED.days,
    "revivable": REVIVABLE.days,
    "managed": MANAGE_DAYS,
    "marks": MARKS.amount,
}


def contact_of(said: str) -> tuple[str, str] | None:
    """Return a contact as shown and its address (empty for what is no link): a mail address, a page or plain words."""
    if not said:
        return None
    return said, web_link(said) or (f"mailto:{said}" if "@" in said and " " not in said else "")


def statement_routes(pages: Pages, contact: str) -> APIRouter:
    """Return the routes of the declarations; `contact` is where the operator can be reached, "" for nowhere."""
    router = APIRouter(include_in_schema=False)
    reached = contact_of(contact)

    def show(name: str) -> Callable[[Request], Response]:
        def statement(request: Request) -> Response:
            return pages.answer(request, f"{name}.jinja", contact=reached, **_FIGURES)

        return statement

    for name in STATEMENTS:
        router.add_api_route(f"/{name}", show(name), methods=["GET"])
    return router
