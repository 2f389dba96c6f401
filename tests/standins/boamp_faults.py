"""What can go wrong at the platform, to be switched on in the stand-in for the next n answers or with a probability."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Final, Literal

Kind = Literal["busy", "error", "cut", "html", "slow"]
KINDS: Final[tuple[Kind, ...]] = ("busy", "error", "cut", "html", "slow")

HTML: Final = (
    "<!DOCTYPE html>\n<html lang='fr'><head><title>Service momentanément indisponible</title></head>"
    "<body><h1>Le portail est en maintenance</h1><p>Merci de réessayer plus tard.</p></body></html>\n"
).encode()
ERROR: Final = {"message": "Internal Server Error", "error_code": "InternalServerError"}


@dataclass
class Fault:
    """One thing that goes wrong.

    `busy` is a 429 with Retry-After (`seconds`), `error` a 500, `cut` a body shorter than announced, `html` a page of
    HTML with status 200, `slow` an answer that comes `seconds` later. `times` answers are hit, None means no end;
    `probability` below 1 hits some of them, by the seed.
    """

    kind: Kind
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 1.0
    seed: int = 0
    random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no fault: one of {', '.join(KINDS)}")
        self.random = Random(self.seed)


class Faults:
    """The faults that are switched on now; safe to change while the server answers."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._faults.clear()

    def next(self) -> Fault | None:
        """Return what hits this answer, and count it; the first fault that is due wins."""
        with self._lock:
            for fault in self._faults:
                if fault.times == 0 or fault.random.random() >= fault.probability:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
