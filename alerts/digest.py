"""Write a digest of what a subscription is told as a mail. Pure: same facts, same mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from alerts.changes import say_changes
from alerts.message import header, host_of
from alerts.model import Digest, Line, Mail, MatchKind
from alerts.rows import NARROW, WIDE, Limits, Row, closing_order, say_line
from alerts.texts import counted, headline, texts
from alerts.writing import HTML, MAX_HTML, TEXT, headers, list_headers, say_because, say_sources
from tenders.links import manage_url, unsubscribe_url
from tenders.marking import marking_url, subscription_name
from tenders.phrasing import long_moment
from tenders.plain import one_line
from tenders.query_url import to_url
from tenders.query_words import describe, place, topic
from tenders.reference import fold
from tenders.vocabulary import spoken


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one kind under their heading."""

    kind: MatchKind
    heading: str
    note: str
    rows: tuple[Row, ...]


def render(digest: Digest, *, base_url: str, secret: str, mail_from: str) -> Mail:
    """Write a digest as a mail, text and HTML, in the subscription's language."""
    subscription = digest.subscription
    language = spoken(subscription.language)
    base_url = base_url.rstrip("/")
    for limits in (WIDE, NARROW):
        facts = _facts(digest, base_url, secret, language, limits)
        html = HTML.get_template("digest.html.jinja").render(facts)
        if len(html.encode()) <= MAX_HTML:
            break
    return Mail(
        to=subscription.email,
        subject=subject(digest),
        text=TEXT.get_template("digest.txt.jinja").render(facts),
        html=html,
        message_id=f"<{digest.delivery_id}@{host_of(base_url)}>",
        headers={
            **headers(subscription, digest.now, mail_from),
            **list_headers(subscription, base_url, secret),
        },
    )


def subject(digest: Digest) -> str:
    """Write the subject: how many of what, for which alert, where, which part; of a lone change, what changed."""
    language = spoken(digest.subscription.language)
    part = f" ({digest.part}/{digest.parts})" if digest.parts > 1 else ""
    if news := _only_change(digest, language):
        return header(f"{news} – {one_line(digest.lines[0].tender.merged.title, 120)}", 190) + part
    query = digest.subscription.query
    name, where = one_line(digest.subscription.name, 80) or topic(query, language), place(query, language)
    named = fold(where) in fold(name.replace("'", "’"))
    alert = name if named else f"{name}, {where}"
    return header(f"{headline(digest.counts, language)} – {alert}", 190) + part


def _only_change(digest: Digest, language: str) -> str:
    """Say the change in a mail that tells of one changed tender and nothing else, its most pressing fact first."""
    if sum(digest.counts.values()) != 1 or len(digest.lines) != 1 or digest.lines[0].kind is not MatchKind.CHANGED:
        return ""
    line = digest.lines[0]
    said = say_changes(line.changes, line.tender, language, digest.now)
    return said[0].label if said else ""


def _facts(digest: Digest, base_url: str, secret: str, language: str, limits: Limits) -> dict[str, Any]:
    said = texts(language)
    subscription = digest.subscription
    pages = f"{base_url}/{language}"  # the reader's language, whatever their browser would like
    blocks = _blocks(digest, pages, secret, language, limits)
    name = one_line(subscription.name, 80)
    form = to_url(subscription.query.saved())
    return {
        "t": said,
        "language": language,
        "date": long_moment(digest.now, language),
        "headline": _only_change(digest, language) or re.sub(r"(?<=\d) ", "\u00a0", headline(digest.counts, language)),
        "part": said["part"].format(digest.part, digest.parts) if digest.parts > 1 else "",
        "name": name,
        "query": describe(subscription.query, language),
        "preheader": _preheader(blocks, language),
        "blocks": blocks,
        "see_all": f"{pages}/?{form}" if form else f"{pages}/",
        "coverage": _say_checked(digest, language),
        "unsubscribe": unsubscribe_url(base_url, secret, subscription),
        "manage": manage_url(base_url, secret, subscription, digest.now),
        "because": say_because(subscription, name, language),
    }


def _blocks(digest: Digest, pages: str, secret: str, language: str, limits: Limits) -> list[Block]:
    said = texts(language)
    by = subscription_name(digest.subscription.id)
    blocks = []
    for kind in MatchKind:
        lines: list[Line] = [line for line in digest.lines if line.kind is kind]
        if not lines:
            continue
        lines.sort(key=lambda line: closing_order(line, digest.now))
        heading = counted(kind.value, len(lines), language)
        note = said["ending_note"] if kind is MatchKind.ENDING else ""
        said_rows = (say_line(line, pages, language, digest.now, limits) for line in lines)
        marks = (_mark_url(line, pages, secret, by) for line in lines)
        rows = tuple(replace(row, mark=mark) for row, mark in zip(said_rows, marks, strict=True))
        blocks.append(Block(kind, heading, note, rows))
    return blocks


def _mark_url(line: Line, pages: str, secret: str, by: str) -> str:
    """Return where the subscriber says that an estimated code is wrong, nothing where none is shown."""
    shown = line.kind is not MatchKind.ENDING and any(one.asserted for one in line.tender.cpv_predicted)
    return marking_url(pages, secret, line.tender.id, by) if shown else ""


def _preheader(blocks: list[Block], language: str) -> str:
    """Say the first tender in a line: what a mailbox shows beside the subject."""
    if not blocks:
        return ""
    row = blocks[0].rows[0]
    said = texts(language)
    label = said["nearest"] if row.kind is MatchKind.NEW and len(blocks[0].rows) > 1 else blocks[0].heading
    return f"{label}{said['colon']}{one_line(row.title, 90)}, {row.lead}, {row.value}."


def _say_checked(digest: Digest, language: str) -> tuple[str, ...]:
    """Say which sources were read in time and how much they brought; only what was computed."""
    if digest.checked is None:
        return ()
    count = digest.notices_read
    read = texts(language)["read_0"] if count == 0 else counted("read", count, language)
    return say_sources(digest.checked, language, digest.now), read
