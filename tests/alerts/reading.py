"""Render a digest as the tests do, and read a mail as its two parts are seen."""

from __future__ import annotations

import re
from typing import Any

from lxml import html as lxml_html
from lxml.html import HtmlElement

from alerts.digest import render
from alerts.model import Digest, Mail, MatchKind, Reason
from tests.alerts.samples import BASE, SECRET, SENDER, digest, line, tender


def one(told: MatchKind = MatchKind.NEW, /, *why: Reason, changes: Any = None, **facts: Any) -> Digest:
    return digest(line(told, tender(1, **facts), *why, changes=changes or {}))


def mail(of: Digest) -> Mail:
    return render(of, base_url=BASE, secret=SECRET, mail_from=SENDER)


def page(of: Mail) -> HtmlElement:
    return lxml_html.document_fromstring(of.html)


def words(of: Mail) -> tuple[str, str]:
    """The text part and the HTML part as plain words, each kind of space one space."""
    body = page(of).find("body")
    assert body is not None
    text = re.sub(r"\s+", " ", of.text.replace("\u202f", " "))
    return text, re.sub(r"\s+", " ", str(body.text_content()).replace("\u202f", " "))
