"""The tables, said once. SQLite by default; nothing here that PostgreSQL would refuse.

Three counters, each raised under the one writing lock and held to commit, so that commit order is counter order:
``arrival`` rises at every new or revised notice, ``version`` at every write of any tender, ``seq`` only when a tender
is new or materially changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment in UTC as ISO 8601 text: sorts as time, and reads the same in every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write a moment; it must carry its offset."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read a moment back, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# One row a counter or mark; `marks` remember how far a reader has come.
counters = Table(
    "counters", metadata, Column("name", String(32), primary_key=True), Column("value", BigInteger, nullable=False)
)
marks = Table(
    "marks", metadata, Column("name", String(64), primary_key=True), Column("value", BigInteger, nullable=False)
)

# A notice as it stands: its readings folded, the richest on top. `id` is the arrival number of its first reading.
notices = Table(
    "notices",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("source", String(64), nullable=False),
    Column("hash", String(32), nullable=False),
    Column("arrival", BigInteger, nullable=False),
    Column("richness", Integer, nullable=False),
    Column("first_read", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_notices_arrival", "arrival"),
)

# Every distinct reading of a notice, as it was read; `raw` names the body it came from.
readings = Table(
    "readings",
    metadata,
    Column("arrival", BigInteger, primary_key=True, autoincrement=False),
    Column("notice_id", BigInteger, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("richness", Integer, nullable=False),
    Column("published", String(10), nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("raw", String(64)),
    Column("body", Text, nullable=False),
    Index("ix_readings_notice_id", "notice_id"),
)

# What could not be understood, with its reason; the same refusal again only moves `last_seen`.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("format", String(32), nullable=False),
    Column("origin", String(500), nullable=False),
    Column("place", String(300), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("raw", String(64)),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    UniqueConstraint("format", "origin", "place", "reason"),
)

# A crawl of a source, and where the next one goes on.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment),
    Column("state", String(16), nullable=False),  # running, done, suspect, failed
    Column("reason", String(500)),
    Column("requests", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("revised", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("quarantined", Integer, nullable=False, default=0),
    Index("ix_runs_source_started", "source", "started"),
)
cursors = Table(
    "cursors", metadata, Column("source", String(64), primary_key=True), Column("value", Text, nullable=False)
)

# Which notices' own pages were asked, for which reading of their row (its arrival, 0 where the row was not understood).
details = Table(
    "details",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("row", BigInteger, nullable=False),
    Column("asked", Moment, nullable=False),
)

# What a source says of itself, so that its freshness can be judged without its crawler; hours since its last good run
# and since its last new notice, and when it may be asked again after its quota was used up.
sources = Table(
    "sources",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("homepage", String(500), nullable=False),
    Column("licence", String(200), nullable=False),
    Column("late_hours", Integer, nullable=False),
    Column("silent_hours", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),  # the fewest notices of a working day
    Column("again_at", Moment),
)

# A tender as it stands; `arrival` is that of the latest notice that caused a write of it, `noticed` the version of that
# write, `closes` when it stops taking bids. `classifier` is the version of what predicted its codes, empty where none
# was asked yet, null where there is nothing to predict: the buyer gave codes, or another tender absorbed it.
tenders = Table(
    "tenders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", BigInteger, nullable=False, unique=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("arrival", BigInteger, nullable=False),
    Column("noticed", BigInteger, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("closes", Moment),
    Column("absorbed_into", String(32)),
    Column("classifier", String(64)),
    Column("body", Text, nullable=False),
    Index("ix_tenders_noticed", "noticed"),
    Index("ix_tenders_closes", "closes"),
    Index("ix_tenders_classifier_seq", "classifier", "seq"),
    Index("ix_tenders_absorbed_into", "absorbed_into"),
)

# Which notice stands in which tender, by which rule and evidence: every merge is a row.
merges = Table(
    "merges",
    metadata,
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    Column("tender_id", String(32), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("evidence", String(500), nullable=False),
    Column("merged_at", Moment, nullable=False),
    Index("ix_merges_tender_id", "tender_id"),
)

# Where notices stood before: a row of `merges` whose notice went to another tender, and until when it held.
past_merges = Table(
    "past_merges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", BigInteger, nullable=False),
    Column("tender_id", String(32), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("evidence", String(500), nullable=False),
    Column("merged_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Index("ix_past_merges_notice_id", "notice_id"),
    Index("ix_past_merges_tender_id", "tender_id"),
)

# What a notice can be found by: declared ids, and the hashes of its blocks. `place` orders by day, act and key.
link_keys = Table(
    "link_keys",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_link_keys_notice_id", "notice_id"),
    sqlite_with_rowid=False,
)

# To which earlier notice a notice belongs, by which rule: sure ones merge, the others are possible, and only shown.
links = Table(
    "links",
    metadata,
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    Column("other_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rule", String(32), nullable=False),
    Column("sure", Boolean, nullable=False),
    Column("saw", String(500), nullable=False),
    Column("found_at", Moment, nullable=False),
    Index("ix_links_other_id", "other_id"),
    Index("ix_links_sure_found_at", "sure", "found_at"),
)

# What a person decided of two notices, by their keys, so that it survives a replay: the last word on a pair wins.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("act", String(8), nullable=False),  # merge, split
    Column("one", String(300), nullable=False),
    Column("other", String(300), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Index("ix_decisions_one", "one"),
    Index("ix_decisions_other", "other"),
)

# Notices whose tender must be made again though they did not change: one of their links did, or a person decided.
regroup = Table("regroup", metadata, Column("notice_id", BigInteger, primary_key=True, autoincrement=False))

# The revisions of a tender: which fields changed, old and new, and the notice that said so.
changes = Table(
    "changes",
    metadata,
    Column("tender_id", String(32), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("notice", String(300), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("fields", Text, nullable=False),
)

# A saved query, an address and a rhythm, in the words of `tenders.subscription`. `mailbox` is the address in lower
# case, by which it is found; `began` is the arrival number from which notices count.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("email", String(320), nullable=False),
    Column("mailbox", String(320), nullable=False),
    Column("query", Text, nullable=False),
    Column("name", String(200)),
    Column("kind", String(16), nullable=False),  # alert, report
    Column("rhythm", String(16), nullable=False),
    Column("news", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("state", String(16), nullable=False),  # pending, active, ended
    Column("began", BigInteger, nullable=False),
    Column("matched", BigInteger),  # the version it was matched up to, until it follows the common mark (null)
    Column("told_before", Integer, nullable=False, default=0),  # the last match under the searches it had before
    Column("links", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("confirmed", Moment),
    Column("confirmed_links", Integer, nullable=False, default=0),
    Column("paused_until", Moment),
    Column("ended", Moment),
    Column("wording", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("asked_from", String(43), nullable=False),
    Column("confirmed_from", String(43), nullable=False),
    Index("ix_subscriptions_state", "state"),
    Index("ix_subscriptions_mailbox", "mailbox"),
)

# Addresses that want no mail of ours, as keyed hashes: nobody can read them back, and one that comes is known.
opposed = Table(
    "opposed", metadata, Column("hash", String(64), primary_key=True), Column("since", Moment, nullable=False)
)

# What a subscription is to be told of a tender, once each: new, changed, cancelled, left (the set), ending (soon).
matches = Table(
    "matches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", String(32), nullable=False),
    Column("tender_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("matched_at", Moment, nullable=False),
    Column("delivery_id", String(32)),
    UniqueConstraint("subscription_id", "tender_id", "kind", "revision"),
    Index("ix_matches_delivery_id", "delivery_id"),
    Index("ix_matches_tender_id", "tender_id"),
)

# A mail: what it is for, and what became of it. `local_date` is the day it stands for in Europe/Paris.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subscription_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),  # digest, report; confirmation, standing, manage: letters
    Column("local_date", String(10), nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # pending, sending, accepted, failed, dropped
    Column("reason", String(500)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("again_at", Moment),
    Column("arrival", BigInteger, nullable=False),  # the last arrival number when it was made
    Column("created", Moment, nullable=False),
    Column("settled", Moment),
    Index("ix_deliveries_subscription_id_local_date", "subscription_id", "local_date"),
    Index("ix_deliveries_state", "state"),
)

# What somebody says of one CPV code of a tender, in the words of `tenders.store.corrections`; `lot` is empty for the
# whole, `proposed` holds codes with a space between.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tender_id", String(32), nullable=False),
    Column("shown", String(8), nullable=False),
    Column("official", Boolean, nullable=False),
    Column("lot", String(300), nullable=False),
    Column("proposed", String(40), nullable=False),
    Column("by", String(100), nullable=False),
    Column("marked", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # open, accepted, refused
    Column("settled", Moment),
    Index("ix_corrections_tender_id", "tender_id"),
    Index("ix_corrections_state", "state"),
)
