"""A house whose crawler is pointed at a portal of the test's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from tenders import canonical
from tenders.model import Notice
from tenders.store.schema import details, notices
from tenders.store.sources import ask_again_at
from tests.crawlers.house import CrawlHouse
from tests.standins.atexo import AtexoStandIn


@dataclass
class PortalHouse(CrawlHouse):
    """Settings for a crawl of one portal, which `portal` stands in for."""

    portal: AtexoStandIn | None = None
    source: str = "ebourgogne"

    @property
    def environment(self) -> dict[str, str]:
        assert self.portal is not None
        ours = {
            "TENDERS_SOURCES": self.source,
            "TENDERS_SOURCE_URLS": json.dumps({self.source: self.portal.base_url}),
        }
        return super().environment | ours | self.also

    def walk(self, *, status: int | None = 0) -> dict[str, Any]:
        """Crawl the portal; returns its run."""
        run: dict[str, Any] = json.loads(self.tenders("crawl", self.source, "--json", status=status).stdout)[0]
        return run

    def freshness(self) -> dict[str, Any]:
        """Return what `tenders sources` says of it."""
        lines: list[dict[str, Any]] = json.loads(self.tenders("sources", "--json").stdout)
        return next(line for line in lines if line["name"] == self.source)

    def notices(self) -> dict[str, Notice]:
        """Return the notices as they stand, by their key at the portal."""
        store = self.open()
        with store.reading() as connection:
            lines = connection.execute(select(notices.c.body)).scalars()
            found = {notice.source_id: notice for notice in map(canonical.loads, lines)}
        store.close()
        return found

    def forget_the_wait(self) -> None:
        """Let the source be asked again now."""
        store = self.open()
        with store.writing() as connection:
            ask_again_at(connection, self.source, None)
        store.close()

    def let_a_week_pass(self) -> None:
        """Let all details have been asked eight days ago."""
        store = self.open()
        with store.writing() as connection:
            connection.execute(update(details).values(asked=datetime.now(UTC) - timedelta(days=8)))
        store.close()


def portal_house(home: Any, portal: AtexoStandIn, source: str = "ebourgogne") -> PortalHouse:
    """Return a house that has read nothing yet."""
    return PortalHouse(home, None, portal=portal, source=source)
