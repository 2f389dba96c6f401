"""The links of mails: each token does one thing, for one subscription, under one secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tenders.links import (
    CONFIRM_DAYS,
    MANAGE_DAYS,
    Expired,
    ManageLink,
    confirm_url,
    manage_url,
    read_confirm,
    read_manage,
    read_unsubscribe,
    unsubscribe_url,
)
from tenders.marking import read_link
from tenders.query import Query
from tenders.subscription import Rhythm, Subscription

BASE = "https://tenderwatch.example"
SECRET = "an invented secret for the tests only, long enough"
OTHER_SECRET = "another secret that is as long as it has to be"
ASKED = datetime(2026, 5, 21, 9, 0, tzinfo=UTC)
ABC = Subscription(id="abc", email="a@example.org", query=Query(), rhythm=Rhythm.DAILY, created=ASKED)

MAKERS: dict[str, Callable[[str], str]] = {
    "confirm": lambda secret: confirm_url(BASE, secret, ABC, ASKED),
    "unsubscribe": lambda secret: unsubscribe_url(BASE, secret, ABC),
    "manage": lambda secret: manage_url(BASE, secret, ABC, ASKED),
}
READERS: dict[str, Callable[[str], object]] = {
    "confirm": lambda token: read_confirm(token, SECRET, ASKED),
    "unsubscribe": lambda token: read_unsubscribe(token, SECRET),
    "manage": lambda token: read_manage(token, SECRET, ASKED),
    "mark": lambda token: read_link(token, SECRET),
}


@pytest.mark.parametrize("made", MAKERS)
@pytest.mark.parametrize("read", READERS)
def test_a_token_of_one_purpose_is_refused_elsewhere_and_under_another_secret(made: str, read: str) -> None:
    wanted = {"manage": ManageLink("abc", 0)}.get(made, "abc") if made == read else None
    assert READERS[read](MAKERS[made](SECRET).rpartition("/")[2]) == wanted
    assert READERS[read](MAKERS[made](OTHER_SECRET).rpartition("/")[2]) is None


def test_no_link_holds_an_address_and_each_has_its_subscribers_language() -> None:
    for language in ("fr", "en"):
        spoken = replace(ABC, language=language)
        for url in (confirm_url(BASE, SECRET, spoken, ASKED), unsubscribe_url(BASE, SECRET, spoken)):
            assert url.startswith(f"{BASE}/{language}/alerts/") and "example.org" not in url


def test_the_same_mail_carries_the_same_link_at_every_try() -> None:
    for make in (confirm_url, manage_url):
        assert make(BASE, SECRET, ABC, ASKED) == make(f"{BASE}/", SECRET, ABC, ASKED)
        assert make(BASE, SECRET, ABC, ASKED) != make(BASE, SECRET, ABC, ASKED + timedelta(seconds=1))
    assert unsubscribe_url(BASE, SECRET, ABC) == unsubscribe_url(BASE, SECRET, ABC)


@pytest.mark.parametrize(("made", "days"), [("confirm", CONFIRM_DAYS), ("manage", MANAGE_DAYS)])
def test_a_dated_link_ends_to_the_second_and_says_whose_it_was(made: str, days: int) -> None:
    token = MAKERS[made](SECRET).rpartition("/")[2]
    read = {"confirm": read_confirm, "manage": read_manage}[made]
    assert read(token, SECRET, ASKED + timedelta(days=days)) is not None
    with pytest.raises(Expired) as expired:
        read(token, SECRET, ASKED + timedelta(days=days, seconds=1))
    assert expired.value.subscription_id == "abc"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 50, "x" * 5000, "..", "%0d%0a"])
def test_what_we_did_not_make_says_nothing(token: str) -> None:
    assert [read(token) for read in READERS.values()] == [None] * len(READERS)
