"""The pages of alerts over a real store and index, at a time that tests set, with the letters that leave them."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import httpx
from lxml import html

from alerts.letters import send_letters, write_letter
from alerts.mail_local import ConsoleMailer
from alerts.model import Mail
from search_api.app import create_app
from tenders.query_url import from_url
from tenders.store.schema import subscriptions
from tenders.store.subscriptions import load_subscription, subscribe
from tenders.subscription import Rhythm, Subscription
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client
from tests.search_api.samples import NOTICES

SECRET = "an invented secret for the tests only, long enough"
SENDER = "Tenderwatch <alertes@tenderwatch.example>"
EMAIL = "couvreur@exemple.example"


class Letterbox(ConsoleMailer):
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


class AlertHouse(House):
    """The application, its clock and its letterbox."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.bring(*NOTICES)
        self.now = NOW
        self.box = Letterbox()
        self.app = create_app(self.store, self.engine, base_url=BASE, clock=lambda: self.now, secret=SECRET)
        self.client = Client(self.app)

    def token(self, address: str = "/fr/alerts/new?q=toiture", client: Client | None = None) -> str:
        tree = html.document_fromstring((client or self.client).get(address).text)
        return str(tree.xpath("string(//input[@name='token']/@value)"))

    def sign_up(
        self,
        email: str = EMAIL,
        query: str = "q=toiture",
        client: Client | None = None,
        language: str = "fr",
        headers: dict[str, str] | None = None,
        **fields: str,
    ) -> httpx.Response:
        """Fill the form in and send it."""
        asking = client or self.client
        plain = {"name": "Toits", "rhythm": "daily", "deadline": "yes", "email": email, "query": query, "website": ""}
        plain["token"] = self.token(client=asking)
        return asking.post(f"/{language}/alerts/new", plain | fields, **(headers or {}))

    def letters(self) -> list[Mail]:
        """Send what waits, and return all letters so far."""
        letter = partial(write_letter, base_url=BASE, secret=SECRET, mail_from=SENDER)
        send_letters(self.store, self.box, letter, self.now)
        return self.box.mails

    def linked(self, purpose: str) -> str:
        """The path of the newest link of a purpose that a letter holds."""
        for mail in reversed(self.letters()):
            if found := re.search(rf"^{BASE}(/(?:fr|en)/alerts/{purpose}/\S+)$", mail.text, re.MULTILINE):
                return found[1]
        raise AssertionError(f"no letter has a link to {purpose}")

    def follow(self, email: str = EMAIL, query: str = "q=toiture", **more: object) -> Subscription:
        """An alert that its owner has confirmed."""
        plain: dict[str, object] = {"at": self.now, "name": "Toits", "confirmed": True}
        return subscribe(self.store, email, from_url(query), Rhythm.DAILY, **(plain | more))  # type: ignore[arg-type]

    def state(self, subscription: Subscription) -> str:
        found = load_subscription(self.store, subscription.id)
        return found.state if found else "erased"

    def rows(self) -> list[dict[str, object]]:
        """The subscriptions as they stand in the store."""
        with self.store.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(subscriptions.select())]
