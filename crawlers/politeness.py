"""How a crawl behaves as a guest: Scrapy's settings, waiting when told to wait, and no way into private networks."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from scrapy import Request
from scrapy.http import Response

from crawlers.source import Source
from tenders.errors import BadSettings, Refused
from tenders.settings import Settings

LONGEST_WAIT = timedelta(minutes=5)  # a longer one ends the run; the next goes on when it has passed
BODY_BYTES = 64_000_000  # a day of BOAMP is near 15 MB
TRIES = 4  # of one request
_MIDDLEWARE = "crawlers.politeness.WaitWhenTold"


def scrapy_settings(source: Source, settings: Settings) -> dict[str, Any]:
    """Return Scrapy's settings for a walk of one source."""
    contact = settings.crawl_contact or settings.base_url
    return {
        "ROBOTSTXT_OBEY": True,
        "USER_AGENT": f"Tenderwatch/0.1 (+{contact})",
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0 if settings.allow_loopback else source.delay,
        "AUTOTHROTTLE_ENABLED": not settings.allow_loopback,
        "AUTOTHROTTLE_START_DELAY": source.delay,
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "DOWNLOAD_TIMEOUT": 90,
        "DOWNLOAD_MAXSIZE": BODY_BYTES,
        "DOWNLOAD_WARNSIZE": BODY_BYTES // 2,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DEPTH_LIMIT": 0,  # a walk is a chain; each window caps its own length
        "CLOSESPIDER_TIMEOUT": 6 * 3600,
        "RETRY_TIMES": TRIES - 1,
        "RETRY_HTTP_CODES": [500, 502, 503, 504, 522, 524, 408],
        "REDIRECT_ENABLED": False,  # an API does not move; a redirect is a doubt, not a way
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOADER_MIDDLEWARES": {_MIDDLEWARE: 540},  # inside the retries
        "LOG_LEVEL": "WARNING",
    }


def check_address(url: str, settings: Settings) -> None:
    """Refuse an address that is not on the public internet; raises BadSettings. Loopback is for demo and tests only."""
    host = urlsplit(url).hostname
    if not host or urlsplit(url).scheme not in ("http", "https"):
        raise BadSettings(f"{url} is no web address")
    if settings.allow_loopback:
        return
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError as problem:
        raise Refused(f"{host} cannot be found: {problem}") from None
    for text in found:
        address = ipaddress.ip_address(text)
        if not address.is_global or address.is_multicast:
            raise BadSettings(f"{host} is {address}, which is not on the public internet: crawls do not go there")


def asked_wait(response: Response, now: datetime) -> timedelta | None:
    """How long a 429 or 503 asks to wait: Retry-After (RFC 9110), else the reset time; None when it is silent."""
    header = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if header.isdigit():
        return timedelta(seconds=int(header))
    try:
        if header:
            return max(timedelta(0), parsedate_to_datetime(header) - now)
        reset = orjson.loads(response.body)["reset_time"]
        return max(timedelta(0), datetime.fromisoformat(reset) - now)
    except (ValueError, TypeError, KeyError):
        return None


class WaitWhenTold:
    """Waits as long as a 429 or 503 asks, then asks again; a longer wait is left to the spider, which ends the run."""

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """See Scrapy's downloader middleware."""
        if response.status not in (429, 503):
            return response
        waited = int(request.meta.get("waited", 0))
        wait = asked_wait(response, datetime.now(UTC))
        if wait is None and response.status == 429:
            wait = timedelta(seconds=2 ** (waited + 1))
        if wait is None or wait > LONGEST_WAIT or waited >= TRIES:
            return response
        await asyncio.sleep(wait.total_seconds())
        return request.replace(dont_filter=True, meta={**request.meta, "waited": waited + 1})
