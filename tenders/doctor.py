"""What a look around finds: each part of a service, what it says of itself, and what to do where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, make_url, select

from tenders.errors import BadSettings, TendersError, Unavailable
from tenders.settings import Settings
from tenders.store.database import HEAD, Store
from tenders.store.notices import count_notices
from tenders.store.quarantine import count_aside
from tenders.store.schema import subscriptions
from tenders.store.sources import State, freshness
from tenders.store.tenders import count_tenders


class Health(StrEnum):
    """How a part fares; `doubtful` works but wants a look."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: what it says of itself (never a secret), and what to do, where there is something to do."""

    part: str
    health: Health
    facts: Mapping[str, str | int] = field(default_factory=dict)
    mend: str | None = None


def failed(part: str, problem: TendersError) -> Finding:
    """Say that a part does not answer; our errors say what to do."""
    return Finding(part, Health.WRONG, mend=str(problem))


def look_at_settings(settings: Settings) -> Iterator[Finding]:
    """What will be needed and is not set; where mails go, by its kind alone."""
    facts = {"home": str(settings.home.resolve()), "base_url": settings.base_url}
    try:
        if settings.secret is not None:
            settings.signing_key()
    except BadSettings as problem:
        yield failed("settings", problem)
    else:
        contact = (
            None if settings.crawl_contact else "set TENDERS_CRAWL_CONTACT, so that a site can reach who crawls it"
        )
        yield Finding("settings", Health.DOUBTFUL if contact else Health.WELL, facts, contact)
    kind = settings.mail_url.partition(":")[0]
    console = "mails are printed, not sent: set TENDERS_MAIL_URL" if kind == "console" else None
    health = Health.DOUBTFUL if console else Health.WELL
    yield Finding("mail", health, {"kind": kind, "from": settings.mail_from}, console)


def look_at_store(store: Store) -> Iterator[Finding]:
    """The record: where it is, which tables it has, and how much it holds."""
    url = store.engine.url.render_as_string(hide_password=True)
    try:
        with store.reading() as connection:
            active = select(func.count()).where(subscriptions.c.state == "active")
            facts: dict[str, str | int] = {
                "at": url,
                "migration": HEAD,
                "notices": count_notices(connection),
                "tenders": count_tenders(connection),
                "subscriptions": connection.execute(active).scalar_one(),
                "quarantined": count_aside(connection),
            }
    except Unavailable as problem:
        yield failed("store", problem)
        return
    yield Finding("store", Health.WELL, facts)


def look_at_raw(settings: Settings) -> Iterator[Finding]:
    """Where the raw bodies are."""
    place = settings.raw if "://" not in settings.raw else make_url(settings.raw).render_as_string(hide_password=True)
    made = "://" in place or Path(place).is_dir()
    yield Finding("raw bodies", Health.WELL, {"at": place, "made": "yes" if made else "at the first body"})


def look_at_sources(store: Store, now: datetime) -> Iterator[Finding]:
    """How fresh each source is."""
    with store.reading() as connection:
        known = freshness(connection, now)
    for one in known:
        last = one.last_success.isoformat(timespec="minutes") if one.last_success else "never"
        fresh = one.state is State.FRESH
        mend = None if fresh else f"run `tenders crawl {one.source.name}`, then `tenders sources` says more"
        health = Health.WELL if fresh else Health.DOUBTFUL
        yield Finding(f"source {one.source.name}", health, {"state": one.state.value, "last success": last}, mend)


def write_findings(findings: list[Finding]) -> str:
    """Write findings for a person: a line each, what to do below it."""
    wide = max(len(one.part) for one in findings)
    lines = []
    for one in findings:
        facts = " · ".join(f"{name} {value}" for name, value in one.facts.items())
        lines.append(f"{one.part:{wide}}  {one.health.value:8}  {facts}".rstrip())
        if one.mend:
            lines.append(f"{'':{wide}}  {'':8}  → {one.mend}")
    return "\n".join(lines)
