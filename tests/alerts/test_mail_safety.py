"""Mails under hostile texts and great sizes, and the confirmation that a stranger may be sent."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml.html import HtmlElement

from alerts.digest import subject
from alerts.letters import write_letter
from alerts.model import MatchKind, Reason
from alerts.writing import MAX_HTML
from tenders.codes import Nuts
from tenders.model import Buyer, Lot, Nature
from tenders.plain import one_line
from tenders.query_url import from_url, to_url
from tenders.store.coverage import Coverage
from tenders.subscription import Rhythm
from tests.alerts.reading import mail, one, page, words
from tests.alerts.samples import (
    BASE,
    NOW,
    SECRET,
    SENDER,
    digest,
    fifty,
    line,
    rich_digest,
    subscription,
    tender,
)

# Hostile texts and sizes

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!--><b>",
    "&lt;b&gt;&amp;",
    "</table></body></html>",
    "<style>*{display:none}</style>",
    "a\x00b\x07c\x1b[31md",
    "\ud800 lone surrogate",
]


def tags(of: HtmlElement) -> set[str]:
    return {str(element.tag) for element in of.iter("*")}


def attributes(of: HtmlElement) -> set[str]:
    return {name for element in of.iter("*") for name in map(str, element.attrib)}


@pytest.mark.parametrize("text", XSS)
def test_a_sources_text_is_only_ever_text(text: str) -> None:
    hostile = digest(
        line(
            MatchKind.CHANGED,
            tender(
                1,
                title=text,
                source_id=text,
                buyer=Buyer(name=text, town=text),
                lots=(Lot(id=text, title=text),),
                places=(Nuts(text),),
            ),
            Reason("q", text, "lot"),
            Reason("dept", text, text),
            changes={text: (text, text), "value": (text, text), "lots": ([], [text]), "documents": ([text], [])},
            notice=f"boamp:{text}",
        ),
        subscription=subscription(name=text),
        checked=Coverage(sources=1, fresh=0, late=((text, None),)),
        notices_read=1,
    )
    shown, harmless = page(mail(hostile)), page(mail(rich_digest()))
    assert tags(shown) <= tags(harmless)
    assert attributes(shown) <= attributes(harmless)
    assert one_line(text, 150) in words(mail(hostile))[1]
    assert len(list(shown.iter("style"))) == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", mail(hostile).text.replace("\n", ""))


def test_fifty_tenders_stay_far_below_what_mail_programs_cut() -> None:
    written = mail(fifty())
    assert len(page(written).findall(".//h3")) == 50
    assert len(written.html.encode()) < 60_000


@pytest.mark.parametrize("text", ["é" * 400, "<" * 400, "&" * 5000, "œ’" * 300])
def test_fifty_tenders_of_the_longest_texts_still_fit(text: str) -> None:
    written = mail(fifty(title=text, buyer=Buyer(name=text, town=text), lots=(Lot(id="1", title=text),)))
    assert len(page(written).findall(".//h3")) == 50
    assert len(written.html.encode()) <= MAX_HTML
    assert written.headers["List-Unsubscribe"].strip("<>") in written.html


def test_a_title_of_ten_megabytes_is_cut() -> None:
    assert len(mail(one(title="mot " * 2_500_000)).html) < 8_000


# Confirmation


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_confirmation_repeats_of_the_query_what_can_carry_no_message(language: str) -> None:
    query = from_url(
        'q="go to http://evil.example/x?y now" OU toiture&buyer=<b>www.evil.example</b>&dept=21&status=open'
    )
    pending = subscription(language=language, query=query, name="Visit www.evil.example", confirmed=None, created=NOW)
    written = write_letter("confirmation", pending, base_url=BASE, secret=SECRET, mail_from=SENDER)
    text, shown = words(written)
    for part in (text, shown):
        assert "go to now OU toiture" in part and "evil example" not in part
        assert "Côte-d’Or" in part
        assert "evil.example" not in part and "Visit" not in part
        assert "7 jours" in part or "7 days" in part
    assert "evil" not in written.subject
    assert re.search(rf"^{BASE}/{language}/alerts/confirm/[\w.-]+$", written.text, re.MULTILINE)
    assert written.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    again = write_letter("confirmation", pending, base_url=BASE, secret=SECRET, mail_from=SENDER)
    assert again == written


def test_a_confirmation_says_the_rhythm() -> None:
    for rhythm, wanted in (
        (Rhythm.INSTANT, "dès qu’un avis"),
        (Rhythm.DAILY, "par jour"),
        (Rhythm.WEEKLY, "par semaine"),
    ):
        written = write_letter(
            "confirmation",
            subscription(rhythm=rhythm),
            base_url=BASE,
            secret=SECRET,
            mail_from=SENDER,
            delivery_id="d1",
        )
        assert wanted in words(written)[0] and wanted in words(written)[1]
        assert written.message_id == "<d1@tenderwatch.example>"


def test_a_subscription_to_everything_links_to_everything() -> None:
    everything = replace(one(nature=Nature.WORKS), subscription=subscription(query=from_url(""), name=None))
    assert to_url(everything.subscription.query) == ""
    assert f"{BASE}/fr/" in mail(everything).text.splitlines()
    assert subject(everything) == "1 nouveau marché – tous les marchés"
