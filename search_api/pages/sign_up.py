"""What the forms share by which a stranger asks for mails: tokens, faults, and the answer that tells nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from search_api.allowance import Allowance, network_of
from search_api.bodies import read_form
from search_api.languages import language_of
from search_api.own_forms import require_own_form
from search_api.pages.alert_words import PRIVACY, wording
from search_api.pages.layout import HTML, Pages
from tenders import signing
from tenders.errors import Refused
from tenders.query import Query
from tenders.store.signing_up import sign_up
from tenders.store.subscriptions import clean_address
from tenders.subscription import Consent, Kind, Subscription
from tenders.translations import N_, translator

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Accept-Language"}
MOST_BYTES = 16 * 1024
NAME_LENGTH = 80
_FORM = "tenderwatch.sign-up"
_FORM_LASTS = timedelta(days=1)
_SECONDS = 0.4  # an answer takes these at least: how long the store took tells nothing
OLD = N_("This form is no longer valid. Check what it says, then send it again.")
NO_ADDRESS = N_("Give an e-mail address such as name@example.org, without accents.")
_NO_NAME = N_("Give it a shorter name.")


def sign_form(secret: str, request: Request, now: datetime) -> str:
    """Return the token of a form, good for a day and for the network that it was shown to."""
    return signing.sign_at(secret, _FORM, network_of(request), now)


def is_current(secret: str, request: Request, token: str, now: datetime) -> bool:
    """Whether a form is one of ours, shown to this network within a day."""
    found = signing.read_at(secret, _FORM, token)
    return found is not None and found[0] == network_of(request) and now - found[1] <= _FORM_LASTS


def fill_form(
    secret: str, request: Request, sent: Mapping[str, str] | None, now: datetime, *, name: str, problem: str
) -> dict[str, Any]:
    """Return what every such form shows: what was `sent`, else a proposed `name`, and what is wrong with it."""
    _ = translator(language_of(request)).gettext
    return {
        "name": sent.get("name", "") if sent else name,
        "name_length": NAME_LENGTH,
        "email": sent.get("email", "") if sent else "",
        "token": sign_form(secret, request, now),
        "privacy": _(PRIVACY),
        "problem": _(problem) if problem else "",
    }


def answer_form(body: bytes, problem: str) -> Response:
    """Answer with a form, as it was asked for or with what is wrong."""
    return Response(body, 400 if problem else 200, PRIVATE, HTML)


def find_fault(secret: str, request: Request, sent: Mapping[str, str], now: datetime) -> str:
    """Return what is wrong with what a form says of itself, its name and its address, as a message; "" for nothing."""
    if not is_current(secret, request, sent.get("token", ""), now):
        return OLD
    if len(sent.get("name", "")) > NAME_LENGTH:
        return _NO_NAME
    try:
        clean_address(sent.get("email", ""))
    except Refused:
        return NO_ADDRESS
    return ""


def make_wish(request: Request, sent: Mapping[str, str], query: Query, now: datetime, **more: Any) -> Subscription:
    """Return the subscription that a form without a fault asks for; `more` is what the forms do not share."""
    language = language_of(request)
    return Subscription(
        id="",
        email=clean_address(sent.get("email", "")),
        query=query,
        language=language,
        name=sent.get("name"),
        created=now,
        consent=Consent(wording=wording(language), source="page", asked_from=network_of(request)),
        **more,
    )


def ask_owner(
    pages: Pages, allowance: Allowance, secret: str, request: Request, sent: Mapping[str, str], wish: Subscription
) -> Response:
    """Have the owner of an address asked to confirm a wish; the answer is the same whatever is known of them."""
    allowance.spend_letter(request)
    if not sent.get("website"):  # a field that people do not see: who fills it in is a machine
        sign_up(pages.desk.store, secret, wish)
    report = wish.kind is Kind.REPORT
    body = pages.write(
        request, "alert_asked.jinja", email=wish.email, kind="confirmation", report=report, asked=wish.query
    )
    return Response(body, 200, PRIVATE, HTML)


async def take_form(pages: Pages, take: Callable[[Request, dict[str, str]], Response], request: Request) -> Response:
    """Take in a thread what a stranger's form asks for, and answer no sooner than any other would be."""
    require_own_form(request, pages.desk.base_url)
    sent = await read_form(request, MOST_BYTES)
    began = time.monotonic()
    response = await run_in_threadpool(take, request, sent)
    await asyncio.sleep(max(0.0, _SECONDS - (time.monotonic() - began)))
    return response
