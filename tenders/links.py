"""The links that stand in mails: what they are made of, and what they say.

A token says one subscription and one purpose, by its own salt: what confirms cannot unsubscribe, nor the other way
round. No link holds an address. Addresses once mailed stay valid for ever, with their language in front or without.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tenders import signing
from tenders.subscription import Subscription
from tenders.vocabulary import spoken

CONFIRM_DAYS: Final = 7
# Long enough to change an alert from any digest one still has at hand, short enough that a mail which was forwarded or
# found in an old mailbox opens nothing. Every mail brings a fresh one, and its owner can make all of them void.
MANAGE_DAYS: Final = 30
_CONFIRM: Final = "tenderwatch.confirm"
_UNSUBSCRIBE: Final = "tenderwatch.unsubscribe"
_MANAGE: Final = "tenderwatch.manage"


class Expired(Exception):
    """A token older than its days, or made void; `subscription_id` is what it was for."""

    def __init__(self, subscription_id: str) -> None:
        super().__init__(subscription_id)
        self.subscription_id = subscription_id


@dataclass(frozen=True, slots=True)
class ManageLink:
    """A link to the alerts of whoever owns a subscription; void where `links` is not the subscription's."""

    subscription_id: str
    links: int


def confirm_url(base_url: str, secret: str, subscription: Subscription, at: datetime) -> str:
    """Return the link that confirms a subscription, for 7 days from `at`."""
    return _url(base_url, subscription, f"confirm/{signing.sign_at(secret, _CONFIRM, subscription.id, at)}")


def unsubscribe_url(base_url: str, secret: str, subscription: Subscription) -> str:
    """Return the link that ends a subscription; it never expires and can do nothing else."""
    return _url(base_url, subscription, f"unsubscribe/{signing.sign(secret, _UNSUBSCRIBE, subscription.id)}")


def manage_url(base_url: str, secret: str, subscription: Subscription, at: datetime) -> str:
    """Return the link to all alerts of a subscription's owner, for 30 days from `at` or until it is made void."""
    return _url(base_url, subscription, f"manage/{sign_manage(secret, subscription, at)}")


def sign_manage(secret: str, subscription: Subscription, at: datetime) -> str:
    """Return the token of :func:`manage_url`."""
    return signing.sign_at(secret, _MANAGE, [subscription.id, subscription.links], at)


def _url(base_url: str, subscription: Subscription, rest: str) -> str:
    return f"{base_url.rstrip('/')}/{spoken(subscription.language)}/alerts/{rest}"


def read_confirm(token: str, secret: str, now: datetime) -> str | None:
    """Return the subscription that a token confirms, None for a token that we did not make; raises Expired."""
    match signing.read_at(secret, _CONFIRM, token):
        case str(found), signed:
            if now - signed > timedelta(days=CONFIRM_DAYS):
                raise Expired(found)
            return found
    return None


def read_unsubscribe(token: str, secret: str) -> str | None:
    """Return the subscription that a token ends, None for a token that we did not make."""
    found = signing.read(secret, _UNSUBSCRIBE, token)
    return found if isinstance(found, str) else None


def read_manage(token: str, secret: str, now: datetime) -> ManageLink | None:
    """Return what a link to somebody's alerts says, None for a token that we did not make; raises Expired."""
    match signing.read_at(secret, _MANAGE, token):
        case [str(found), int(links)], signed:
            if now - signed > timedelta(days=MANAGE_DAYS):
                raise Expired(found)
            return ManageLink(found, links)
    return None
