"""What a stranger may ask for an address: an alert, which its owner must confirm, or the link to their alerts.

Neither says whether an address is known. Whatever is asked, the owner gets a few letters a day at most, in which
little of what a stranger typed stands.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from tenders.store.database import Store
from tenders.store.letters import may_write, order_letter
from tenders.store.opposed import is_opposed
from tenders.store.subscriptions import (
    MOST_ALERTS,
    begin,
    clean_address,
    count_alerts,
    find_same,
    mailbox_of,
    prepare,
    subscriptions_of,
)
from tenders.subscription import Subscription


def sign_up(store: Store, secret: str, wish: Subscription) -> None:
    """Take the wish for an alert, of which id and state are given here.

    An unknown one begins and a confirmation is ordered; a pending one is asked for again and stays what it was, since
    its proof is of who asked first; the owner of an active one is told that it is there. Raises Refused for an address
    or a name that cannot be.
    """
    wish = prepare(wish)
    mailbox, at = mailbox_of(wish.email), wish.created
    with store.writing() as connection:
        if is_opposed(connection, secret, mailbox) or not may_write(connection, mailbox, "confirmation", at):
            return
        same = find_same(connection, wish)
        if same is None and count_alerts(connection, mailbox) >= MOST_ALERTS:
            _send_links(connection, mailbox, at)
        elif same is None:
            order_letter(connection, begin(connection, wish), "confirmation", at)
        elif same.state == "pending":
            order_letter(connection, same, "confirmation", at)
        else:
            order_letter(connection, same, "standing", at)


def ask_links(store: Store, secret: str, email: str, at: datetime) -> None:
    """Order the link to the alerts of an address, where it has any; raises Refused for what is no address."""
    mailbox = mailbox_of(clean_address(email))
    with store.writing() as connection:
        if not is_opposed(connection, secret, mailbox):
            _send_links(connection, mailbox, at)


def _send_links(connection: Connection, mailbox: str, at: datetime) -> None:
    active = [one for one in subscriptions_of(connection, mailbox) if one.state == "active"]
    if active:
        order_letter(connection, active[-1], "manage", at)
