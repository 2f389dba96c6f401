"""Write and send letters: the mails that somebody waits for, each by itself and before any digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from alerts.deliveries import Sent, send_waiting
from alerts.mail import Mailer
from alerts.message import host_of
from alerts.model import Mail
from alerts.texts import texts
from alerts.writing import HTML, TEXT, headers, list_headers
from tenders.links import CONFIRM_DAYS, MANAGE_DAYS, confirm_url, manage_url, unsubscribe_url
from tenders.phrasing import long_moment
from tenders.query_words import describe, hint
from tenders.store.alone import alone
from tenders.store.database import Store
from tenders.store.letters import LETTERS, Letter
from tenders.subscription import Kind, Subscription
from tenders.translations import N_, translator
from tenders.vocabulary import spoken

_SUBJECTS = {
    (Kind.ALERT, "confirmation"): N_("Confirm your Tenderwatch alert"),
    (Kind.ALERT, "standing"): N_("You already have this Tenderwatch alert"),
    (Kind.ALERT, "manage"): N_("Your link to your Tenderwatch alerts"),
    (Kind.REPORT, "confirmation"): N_("Confirm your monthly Tenderwatch report"),
    (Kind.REPORT, "standing"): N_("You already have this monthly Tenderwatch report"),
    (Kind.REPORT, "manage"): N_("Your link to your Tenderwatch alerts"),
}


def write_letter(
    kind: Letter,
    subscription: Subscription,
    *,
    base_url: str,
    secret: str,
    mail_from: str,
    delivery_id: str | None = None,
    now: datetime | None = None,
) -> Mail:
    """Write a letter to the owner of a subscription, which repeats the query. Its name stands in none.

    To an address that has confirmed nothing a stranger may have written: of what was typed a hint comes back, and the
    page of the link shows the whole. Its link is good from `now`, the moment the subscription was made where it is not
    given.
    """
    language = spoken(subscription.language)
    at = now or subscription.created
    _ = translator(language).gettext
    subject = _(_SUBJECTS[subscription.kind, kind])
    facts: dict[str, Any] = {
        "subject": subject,
        "t": texts(language),
        "_": _,
        "language": language,
        "kind": kind,
        "report": subscription.kind is Kind.REPORT,
        "date": long_moment(at, language),
        "query": (hint if kind == "confirmation" else describe)(subscription.query, language),
        "rhythm": subscription.rhythm.value,
        "days": CONFIRM_DAYS if kind == "confirmation" else MANAGE_DAYS,
        "link": (confirm_url if kind == "confirmation" else manage_url)(base_url, secret, subscription, at),
        "unsubscribe": unsubscribe_url(base_url, secret, subscription),
    }
    template = "confirmation" if kind == "confirmation" else "links"
    order = delivery_id or f"{kind}-{subscription.id}-{int(at.timestamp())}"
    ended_by_click = {} if kind == "manage" else list_headers(subscription, base_url, secret)  # it speaks of all alerts
    return Mail(
        to=subscription.email,
        subject=subject,
        text=TEXT.get_template(f"{template}.txt.jinja").render(facts),
        html=HTML.get_template(f"{template}.html.jinja").render(facts),
        message_id=f"<{order}@{host_of(base_url)}>",
        headers={**headers(subscription, at, mail_from), **ended_by_click},
    )


def send_letters(
    store: Store, mailer: Mailer, write: Callable[..., Mail], now: datetime, *, patient: bool = True
) -> Sent:
    """Send the letters that wait, by `write` (:func:`write_letter` with its settings). After a crash, run it again.

    It waits for no digest: one run at a time on a store, beside the alerts. Raises Unavailable while another runs.
    """

    def one(row: Row[Any], subscription: Subscription) -> Mail:
        return write(row.kind, subscription, delivery_id=row.id, now=row.created)

    with alone(store, "letters", "another process sends the letters now; it does the same work"):
        return send_waiting(store, mailer, LETTERS, one, now, patient=patient)
