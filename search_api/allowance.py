"""How much one reader may ask of what costs us: counted by address, or by who a signed link says."""

from __future__ import annotations

import math
import time
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request

from tenders.errors import TooOften

TEXTS = RateLimitItemPerMinute(600)  # texts classified
MARKS = RateLimitItemPerHour(20)  # codes marked as wrong
# Mails asked for by strangers, the wider the more: one machine, its network, everybody.
LETTERS = RateLimitItemPerHour(12)
LETTERS_OF_NETWORK = RateLimitItemPerHour(40)
LETTERS_OF_ALL = RateLimitItemPerHour(1000)
LOOKS_BACK = RateLimitItemPerMinute(120)  # searches counted week by week, each of some 50 ms
ROWS = RateLimitItemPerHour(1_000_000)  # tenders exported


class Allowance:
    """Counts in this process alone: several processes give several allowances."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def spend(self, rate: RateLimitItem, who: str, cost: int = 1) -> None:
        """Count what is asked; raises TooOften, with the seconds to wait, for what is beyond the rate."""
        if not self._limiter.hit(rate, who, cost=cost):
            left = self._limiter.get_window_stats(rate, who).reset_time - time.time()
            raise TooOften(f"this is asked too often: {rate.amount} {rate} are allowed", wait=max(1, math.ceil(left)))

    def spend_letter(self, request: Request) -> None:
        """Count a mail that a stranger asks for; raises TooOften beyond any of the three rates."""
        self.spend(LETTERS, f"letter {address_of(request)}")
        self.spend(LETTERS_OF_NETWORK, f"letter {network_of(request)}")
        self.spend(LETTERS_OF_ALL, "letters")


def address_of(request: Request) -> str:
    """Return the address that asks; of an IPv6 address the network, since one reader has all of that."""
    address = _asking(request)
    if address is None:
        return request.client.host if request.client else ""
    return address.exploded[:19] if isinstance(address, IPv6Address) else str(address)


def network_of(request: Request) -> str:
    """Return the network that asks, a /24 or a /48: enough to show where a consent came from, and no one's address."""
    address = _asking(request)
    if address is None:
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _asking(request: Request) -> IPv4Address | IPv6Address | None:
    """Return who asks: an IPv4 address where a socket of both kinds wrote it as IPv6 (RFC 4291, 2.5.5.2), no scope."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
