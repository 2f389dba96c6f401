"""What every mail is written with: the templates of its two parts, and the headers it carries."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts.message import header, host_of
from tenders.links import unsubscribe_url
from tenders.status import PARIS
from tenders.subscription import Subscription
from tenders.vocabulary import spoken

_WIDTH: Final = 72  # columns of the text part
HTML: Final = Environment(
    loader=PackageLoader("alerts"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEXT: Final = Environment(
    loader=PackageLoader("alerts"),
    autoescape=False,  # noqa: S701 - plain text, where escaping would show
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def wrap(text: str, indent: str = "  ", first: str | None = None) -> str:
    """Fold a text to the width of the text part; words longer than that stay whole."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


TEXT.filters["wrap"] = wrap


def headers(subscription: Subscription, at: datetime, mail_from: str) -> Mapping[str, str]:
    """Return the headers of every mail to a subscription's owner."""
    return {
        "From": header(mail_from),
        "Date": format_datetime(at.astimezone(PARIS)),
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "Content-Language": spoken(subscription.language),
    }


def list_headers(subscription: Subscription, base_url: str, secret: str) -> Mapping[str, str]:
    """Return the headers of a mail that one click ends (RFC 8058)."""
    return {
        "List-Id": f"<alert-{subscription.id}.{host_of(base_url)}>",
        "List-Unsubscribe": f"<{unsubscribe_url(base_url, secret, subscription)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
