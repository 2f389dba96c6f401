"""How a crawl behaves as a guest: Scrapy's settings, and waiting when told to wait."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import orjson
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawlers.addresses import is_loopback_host
from crawlers.source import Source
from tenders.errors import BadSettings
from tenders.settings import Settings
from tenders.status import PARIS

LONGEST_WAIT = timedelta(minutes=5)  # a longer one ends the run; the next goes on when it has passed
BODY_BYTES = 64_000_000  # a day of BOAMP is near 15 MB
ANSWER_SECONDS = 90  # from the request to the last byte of its answer, however slowly it drips
TRIES = 4  # of one request
CLOSED_DOOR = timedelta(hours=12)  # how long a source is left alone that answers 403
TOO_MANY = timedelta(hours=1)  # and one that answers 429 and does not say how long
FAILING = frozenset({408, 429, 500, 502, 503, 504, 522, 524})  # HTTP status that may be better a little later
_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")  # 20-7
_FOREVER = timedelta(days=366)
_SLICE = 0.5  # seconds: a waiting crawl sees within this time that it is to stop


def process_settings(settings: Settings) -> dict[str, Any]:
    """Return Scrapy's settings for the process that walks."""
    return {
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TWISTED_DNS_RESOLVER": "crawlers.addresses.PublicResolver",
        "ALLOW_LOOPBACK": settings.allow_loopback,
    }


def scrapy_settings(source: Source, settings: Settings) -> dict[str, Any]:
    """Return Scrapy's settings for a walk of one source. This machine (demo and tests) is not spared as a guest is."""
    contact = settings.crawl_contact or settings.base_url
    at_home = settings.allow_loopback and is_loopback_host(source.address(settings))
    delay = max(source.delay, settings.crawl_delay)
    return {
        "ROBOTSTXT_OBEY": True,
        "USER_AGENT": f"Tenderwatch/0.1 (+{contact})",
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": settings.crawl_delay if at_home else delay,
        "AUTOTHROTTLE_ENABLED": not at_home,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "RANDOMIZE_DOWNLOAD_DELAY": False,  # a delay is the least, not the middle
        "DOWNLOAD_TIMEOUT": ANSWER_SECONDS,
        "DOWNLOAD_MAXSIZE": BODY_BYTES,
        "DOWNLOAD_WARNSIZE": BODY_BYTES // 2,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DEPTH_LIMIT": 0,  # a walk is a chain; each window caps its own length
        "CLOSESPIDER_TIMEOUT": 6 * 3600,
        "RETRY_TIMES": TRIES - 1,  # of what gives no answer at all; an answer is judged below
        "RETRY_HTTP_CODES": [],
        "RETRY_PAUSE": 0.05 if at_home else 2.0,
        "REDIRECT_ENABLED": False,  # a redirect is a doubt, not a way
        "COOKIES_ENABLED": source.cookies,
        "HTTPCACHE_ENABLED": False,
        "HTTPPROXY_ENABLED": not at_home,
        "TELNETCONSOLE_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.politeness.RobotsMustAnswer": 100,
            "crawlers.politeness.WaitWhenTold": 540,  # inside the retries
        },
        "LOG_LEVEL": "WARNING",
    }


def left_alone(response: Response, now: datetime) -> timedelta | None:
    """How long a source is to be left alone after an answer, None when it did not ask for that."""
    if response.status == 403:
        return CLOSED_DOOR
    if response.status not in (429, 503):
        return None
    return asked_wait(response, now) or (TOO_MANY if response.status == 429 else None)


def open_hours(hours: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Return when the hours written as ``20-7`` (Paris) began and end, or next begin and end; None: at any hour.

    Raises BadSettings.
    """
    if not hours:
        return None
    written = _HOURS.fullmatch(hours.strip())
    if not written or (first := int(written[1])) == (last := int(written[2])) or max(first, last) > 24:
        raise BadSettings(f"TENDERS_CRAWL_HOURS={hours}: write the hours in which platforms may be walked as 20-7")
    midnight = datetime.combine(now.astimezone(PARIS), time())
    for day in (-1, 0, 1):
        opens = midnight + timedelta(days=day, hours=first)
        closes = midnight + timedelta(days=day + (last < first), hours=last)
        if (ends := closes.replace(tzinfo=PARIS).astimezone(UTC)) > now:
            return opens.replace(tzinfo=PARIS).astimezone(UTC), ends
    raise AssertionError("one of three days is to come")


def asked_wait(response: Response, now: datetime) -> timedelta | None:
    """How long a 429 or 503 asks to wait, None when it is silent.

    What it says first in this order counts: Retry-After (RFC 9110), the reset time of its body, and, where no calls
    remain, X-RateLimit-Reset.
    """
    for told in (_retry_after, _reset_time, _limit_reset):
        try:
            until = told(response, now)
        except (ValueError, TypeError, KeyError, OverflowError):
            continue
        if until is not None:
            return min(max(timedelta(0), until - now), _FOREVER)
    return None


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1").strip()


def _retry_after(response: Response, now: datetime) -> datetime | None:
    header = _header(response, "Retry-After")
    if header.isdecimal():
        return now + min(timedelta(seconds=min(int(header), 10**9)), _FOREVER)
    return _aware(parsedate_to_datetime(header)) if header else None


def _reset_time(response: Response, now: datetime) -> datetime | None:  # noqa: ARG001 as the others
    return _aware(datetime.fromisoformat(orjson.loads(response.body)["reset_time"]))


def _limit_reset(response: Response, now: datetime) -> datetime | None:  # noqa: ARG001 as the others
    if _header(response, "X-RateLimit-Remaining") not in ("", "0"):
        return None  # some other limit was met
    reset = _header(response, "X-RateLimit-Reset")
    return datetime.fromtimestamp(int(reset), UTC) if reset.isdecimal() else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class RobotsMustAnswer(RobotsTxtMiddleware):
    """Obeys robots.txt; where it cannot be read, because the server fails or is silent, nothing is asked (RFC 9309).

    Its Crawl-delay, which RFC 9309 does not know and many still write, is kept too.
    """

    _last = 0.0  # when the last request was let pass, on the loop's clock

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # Scrapy ceases to give a spider
        """Let a request pass in its time, or raise IgnoreRequest."""
        await super().process_request(request)
        if request.meta.get("dont_obey_robotstxt"):
            return
        parser: Any = await self.robot_parser(request)  # of Protego
        told = parser.rp.crawl_delay(self._default_useragent) or 0
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._last + min(told, LONGEST_WAIT.total_seconds()) - loop.time()))
        self._last = loop.time()

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            raise _RobotsUnread(f"HTTP {response.status}")
        missing = response.status != 200  # RFC 9309: no rules; the page that says so is no robots.txt
        await super()._parse_robots(response.replace(body=b"") if missing else response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unread = f"robots.txt could not be read ({exc}), so nothing is asked there"
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Let a request pass, or raise IgnoreRequest."""
        if rp is None:
            raise IgnoreRequest(self._unread)
        super().process_request_2(rp, request)


class _RobotsUnread(IgnoreRequest):
    """The server did not say what robots may do."""


class WaitWhenTold:
    """Asks again after a failing answer: as late as it says, else later each time.

    After the last try, or when the wait is too long, the answer goes to the spider, which ends the run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._pause = crawler.settings.getfloat("RETRY_PAUSE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """See Scrapy's downloader middleware."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """See Scrapy's downloader middleware."""
        tries = int(request.meta.get("tries", 1))
        if response.status not in FAILING or tries >= TRIES:
            return response
        wait = asked_wait(response, datetime.now(UTC)) if response.status in (429, 503) else None
        if wait is None:
            wait = timedelta(seconds=self._pause * 2**tries)
        if wait > LONGEST_WAIT:
            return response
        await self._sleep(wait.total_seconds())
        return request.replace(dont_filter=True, meta={**request.meta, "tries": tries + 1})

    async def _sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, _SLICE))
            if not self._crawler.crawling:
                raise IgnoreRequest("the crawl was stopped while it waited")
