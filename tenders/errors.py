"""One tree of errors. Each message says what is wrong and what to do.

Third-party exceptions end at the adapter that met them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta


class TendersError(Exception):
    """Everything this service raises on purpose."""


class Refused(TendersError):
    """Input that cannot be understood: one notice, or a whole body. The rest of the batch goes on."""


class BadQuery(TendersError):
    """A query that cannot be run as asked: HTTP 400, exit status 2.

    `name` is the parameter at fault; `at` is the index of the first wrong character of its text, where one is known.
    A message that the catalogue has is given with its `values` apart, so that a page can say it in its language.
    """

    def __init__(
        self, message: str, *, name: str = "q", at: int | None = None, values: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message % values if values else message)
        self.message, self.values = message, values
        self.name = name
        self.at = at

    def say(self, translate: Callable[[str], str]) -> str | None:
        """Return the message translated, None where the catalogue does not have it."""
        said = translate(self.message)
        if said == self.message:
            return None
        return said % self.values if self.values else said


class TooLarge(BadQuery):
    """A question that is larger than we are ready to hold: HTTP 413. `name` is the part of it at fault."""


class TooOften(TendersError):
    """More than one reader may ask: HTTP 429; `wait` is how many seconds to wait."""

    def __init__(self, message: str, *, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class BadSettings(TendersError):
    """A setting that is missing or cannot be used."""


class Unavailable(TendersError):
    """A part that should answer does not now (locked, starting, down): HTTP 503, try again later."""


class MissingIndex(Unavailable):
    """There is no index to ask: none was built yet, or it was taken away. `tenders index` makes it from the store."""


class StaleIndex(Unavailable):
    """The index was written by another analyser or field table; it must be rebuilt before it may answer."""


class EngineRefused(Unavailable):
    """The search engine does not let us in: a wrong password, key or certificate. Only an operator can mend it."""


class EngineBroken(TendersError):
    """The search engine answered what it should never answer; asking again will not help."""


class MailRefused(TendersError):
    """The mail system said no to this message for good."""


class MailDelayed(TendersError):
    """The mail system could not take this message now, or did not say whether it did; try again.

    `system` says that it spoke of us or did not speak at all, so that other messages would meet the same; `wait` is
    how long it wants to be left alone, and then this was no try of this message.
    """

    def __init__(self, message: str, *, system: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.system = system or wait is not None
        self.wait = wait
