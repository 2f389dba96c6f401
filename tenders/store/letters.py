"""Letters: mails that somebody waits for (a confirmation, a link), a few an address and day, sent before any digest.

``confirmation`` asks the owner of an address to confirm; ``standing`` says that the alert asked for is there already;
``manage`` gives the link to the alerts of an address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final, Literal, get_args

from sqlalchemy import Connection, and_, func, select

from tenders.store.deliveries import begin_delivery
from tenders.store.schema import deliveries, subscriptions
from tenders.store.subscriptions import mailbox_of, untagged
from tenders.subscription import Subscription

Letter = Literal["confirmation", "standing", "manage"]
LETTERS: Final[tuple[Letter, ...]] = get_args(Letter)
MOST_A_DAY: Final = 3
_SIGN_UP: Final = ("confirmation", "standing")  # whoever asks for alerts must not use up the links of their owner


def order_letter(connection: Connection, subscription: Subscription, kind: Letter, at: datetime) -> bool:
    """Order a letter to the owner of a subscription, in a writing transaction.

    Returns whether it was: 3 of these an address and 24 hours are, whatever was asked.
    """
    if not may_write(connection, mailbox_of(subscription.email), kind, at):
        return False
    begin_delivery(connection, token_hex(12), subscription.id, kind, at)
    return True


def last_asked(connection: Connection, subscription_id: str) -> datetime | None:
    """Return when the owner of a subscription was last asked to confirm it by a letter."""
    asked = select(func.max(deliveries.c.created)).where(
        deliveries.c.subscription_id == subscription_id, deliveries.c.kind == "confirmation"
    )
    found: datetime | None = connection.execute(asked).scalar()
    return found


def may_write(connection: Connection, mailbox: str, kind: Letter, at: datetime) -> bool:
    """Whether an address may be sent another letter of this kind; those to its tagged forms count as well."""
    alike = _SIGN_UP if kind in _SIGN_UP else (kind,)
    owner = untagged(mailbox)
    local, _, host = owner.rpartition("@")
    tagged = and_(
        subscriptions.c.mailbox.startswith(f"{local}+", autoescape=True),
        subscriptions.c.mailbox.endswith(f"@{host}", autoescape=True),
    )
    written = select(func.count()).where(
        deliveries.c.subscription_id == subscriptions.c.id,
        (subscriptions.c.mailbox == owner) | tagged,
        deliveries.c.kind.in_(alike),
        deliveries.c.created > at - timedelta(days=1),
    )
    return int(connection.execute(written).scalar_one()) < MOST_A_DAY
