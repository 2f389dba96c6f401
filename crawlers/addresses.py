"""No way into private networks: where a crawl may go, checked on the very address that is connected to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Final, Self
from urllib.parse import urlsplit

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred

from tenders.errors import BadSettings
from tenders.settings import Settings

# What Python 3.11 calls global though it leads elsewhere: NAT64, 6to4, IPv4-compatible.
_DETOURS: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "2002::/16", "::/96")))


class PrivateAddress(OSError):
    """A name that leads into a private network: nothing is asked there."""


def is_open(text: str, *, loopback: bool) -> bool:
    """Whether a crawl may go to an IP address: those of the public internet, this machine only where allowed."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return loopback
    detour = any(address in network for network in _DETOURS if network.version == address.version)
    return address.is_global and not address.is_multicast and not detour


def is_loopback_host(url: str) -> bool:
    """Whether an address names this machine outright."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(url: str, settings: Settings) -> None:
    """Refuse an address that is not on the public internet; raises BadSettings. Loopback is for demo and tests only.

    A name that cannot be found passes: the walk will not find it either, and its run says so.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise BadSettings(f"{url} is no web address")
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(parts.hostname, None)}
    except (OSError, UnicodeError):
        return
    for text in sorted(found):
        if not is_open(text, loopback=settings.allow_loopback):
            raise BadSettings(f"{parts.hostname} is {text}, not on the public internet: crawls do not go there")


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which answers with open addresses only: the name may have changed since it was checked."""

    def __init__(self, reactor: Any, cache_size: int, timeout: float, *, loopback: bool = False) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._loopback = loopback

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        """See Scrapy's resolver."""
        settings = crawler.settings
        made = cls(reactor, settings.getint("DNSCACHE_SIZE"), settings.getfloat("DNS_TIMEOUT"))
        made._loopback = settings.getbool("ALLOW_LOOPBACK")
        return made

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 Twisted's name
        """Resolve a name; fails with PrivateAddress."""
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, found: str, name: str) -> str:
        if not is_open(found, loopback=self._loopback):
            raise PrivateAddress(f"{name} is {found}, not on the public internet: crawls do not go there")
        return found
