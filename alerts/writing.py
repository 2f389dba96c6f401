"""What every mail is written with: the templates of its two parts, and the headers it carries."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts.message import header, host_of
from alerts.texts import counted, texts
from tenders.links import unsubscribe_url
from tenders.phrasing import day, short_moment
from tenders.plain import one_line
from tenders.query_words import quote
from tenders.status import PARIS, paris_day
from tenders.store.coverage import Coverage
from tenders.subscription import Kind, Subscription
from tenders.vocabulary import source_name, spoken

_WIDTH: Final = 72  # columns of the text part
MAX_HTML: Final = 99_000  # bytes: mail programs cut a longer mail, and its unsubscribe link with it
HTML: Final = Environment(
    loader=PackageLoader("alerts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # the code beside them does not reload either
)
TEXT: Final = Environment(
    loader=PackageLoader("alerts"),
    autoescape=False,  # noqa: S701 - plain text, where escaping would show
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
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
        "List-Id": f"<{subscription.kind}-{subscription.id}.{host_of(base_url)}>",
        "List-Unsubscribe": f"<{unsubscribe_url(base_url, secret, subscription)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def say_because(subscription: Subscription, name: str, language: str) -> str:
    """Say why somebody gets a mail."""
    said = texts(language)
    if subscription.confirmed is None:
        return said["because_set"]
    since = day(paris_day(subscription.confirmed), language)
    if subscription.kind is Kind.REPORT:
        return said["because_report"].format(since)
    return said["because"].format(quote(name, language), since) if name else said["because_plain"].format(since)


def say_sources(checked: Coverage, language: str, now: datetime) -> str:
    """Say which sources were read in time; only what was computed."""
    said = texts(language)
    late = []
    for source, last in checked.late:
        when = said["last"].format(short_moment(last, language, now=now)) if last else said["never"]
        late.append(f"{one_line(source_name(source), 60)} ({when})")
    states = [said["fresh"].format(checked.fresh)] if checked.fresh else []
    if late:
        states.append(said["late"].format(len(late)) + said["colon"] + ", ".join(late))
    if checked.doubtful:
        names = ", ".join(one_line(source_name(source), 60) for source in checked.doubtful)
        states.append(said["doubtful"].format(len(checked.doubtful)) + said["colon"] + names)
    sources = counted("sources", checked.sources, language)
    first = f"{sources}{said['colon']}{'; '.join(states)}." if states else f"{sources}."
    return first.replace("; ", "\u00a0; ") if spoken(language) == "fr" else first
