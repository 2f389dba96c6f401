"""Atexo LOCAL TRUST MPE (PRADO): the list of open calls, those of information and award notices, a page of each row.

A walk takes each list from its first page to its last, as one session: cookies, and the state that each page carries
and wants back (`PRADO_PAGESTATE`). The next page is asked by posting back the target of the link "Aller à la page
suivante", twenty rows a page where the page offers that. A list ends where the link is absent or the last page is
reached; a site that does not say where that is answers what lies behind with HTTP 500, or with the same page again.

The order of AllCons is not proven by any capture, so every walk reads all pages, and an unchanged row ends nothing; the
page of a consultation is asked when its row is new or changed, and once a week. Rows move while a list is walked: one
may show twice, which costs nothing, or fall between two pages, which the next walk mends.

Proven by captured pages: the list of Maximilien (2025), its excerpts (2026), the table layout, the recap of PLACE
(2020). Not proven: what a current page of details looks like in full, ternum-bfc.fr's own theme, the lists of
information and award notices (their addresses stand in PLACE's menu of 2020), HTTP headers. Documents are never
fetched: their withdrawal is a form that asks who you are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import urljoin, urlsplit

from crawlers.formats.atexo_page import AtexoPage, read_page
from crawlers.source import Ask, Expect, Source
from tenders.errors import Refused
from tenders.translations import N_

OPEN, INFORMATION, AWARDS = "AllCons", "AvisInformation", "AvisAttribution"
SIZE = 20  # rows a page; PLACE and Maximilien offer no more
LONGEST = 2_000  # pages of one list; PLACE has 119
SHORT = 0.95  # of the total: rows come and go while a list is walked, but not so many

Fields = tuple[tuple[str, str], ...]


class AtexoMpe(Source):
    """A portal that runs it. `menu` is how it spells its pages: ``Entreprise``, in 2020 ``entreprise``."""

    licence = N_("facts and links only; the pages state no licence")
    format = "atexo-list"
    delay = 2.0
    cookies = apart = quiet = True
    every = timedelta(hours=20)  # so once a day, an hour earlier or later

    def __init__(
        self, *, name: str, title: str, homepage: str, expect: Expect, on: bool = True, menu: str = "Entreprise"
    ) -> None:
        self.name, self.title, self.homepage, self.expect, self.on, self.menu = name, title, homepage, expect, on, menu

    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:  # noqa: ARG002
        """Give the lists, as they stand on a day: a list has no past, so `since` moves nothing."""
        whole = [f"{until} {place} {name}" for place, name in enumerate((OPEN, INFORMATION, AWARDS), 1)]
        yield from [window for window in whole if cursor is not None and window > cursor] or whole

    def first(self, base: str, window: str, today: date) -> Ask:  # noqa: ARG002
        """See Source."""
        return Ask(f"{base}/?page={self.menu}.EntrepriseAdvancedSearch&{_list_of(window)}", window, 1)

    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:  # noqa: ARG002
        """See Source."""
        page = read_page(body)
        size = max((n for n in page.sizes if n <= SIZE), default=0)
        if not ask.form and page.size and page.size < size and page.size_target and page.pages != 1:
            return Ask(ask.url, ask.window, 1, _post_back(page, page.size_target, size), instead=True)
        keys = {row.key for row in page.rows}
        again = ask.offset > 1 and keys <= ask.seen and page.number in (None, ask.offset - 1)
        if page.number not in (None, ask.offset) and not (again and page.pages in (None, page.number)):
            raise Refused(f"page {ask.offset} was asked for, page {page.number} of {page.pages} came")
        seen = ask.seen | keys
        if again or page.next_target is None or _is_last(page, ask.offset, len(seen)):
            return None
        if page.page_state is None:
            raise Refused(f"page {ask.offset} has a next one and no page state to ask for it")
        if ask.offset >= LONGEST:
            raise Refused(f"page {ask.offset} has a next one: no list is so long")
        sure = page.pages is not None or page.total is not None
        form = _post_back(page, page.next_target, page.size, ask.offset)
        return Ask(ask.url, ask.window, ask.offset + 1, form, seen=seen, sure=sure)

    def details(self, base: str, ask: Ask, body: bytes) -> Mapping[str, Ask]:
        """See Source."""
        asks = {}
        for row in read_page(body).rows:
            organisation, _, number = row.key.partition(":")
            plain = f"/entreprise/consultation/{number}?orgAcronyme={organisation}"
            url = _at_home(base, urljoin(f"{base}/", row.detail_url or plain))
            key = f"{self.name}:{row.key}"
            asks[key] = Ask(url, ask.window, ask.offset, format="atexo-detail", notice=key)
        return asks

    def doubt(self, ask: Ask, body: bytes) -> str | None:
        """See Source."""
        page = read_page(body)
        if lost := page.missing + page.unread:
            return f"page {ask.offset} of {_list_of(ask.window)} shows {lost} rows that are not understood"
        seen = len(ask.seen | {row.key for row in page.rows})
        if page.total and seen < SHORT * page.total and self.following("", ask, body) is None:
            return f"{_list_of(ask.window)} ended after {seen} of {page.total}"
        return None

    def tell(self, body: bytes) -> Mapping[str, object]:
        """See Source."""
        page = read_page(body)
        names = ("total", "pages", "number", "size", "sizes", "next_target", "size_target", "unread", "missing", "form")
        state = f"{len(page.page_state):,} characters" if page.page_state else None
        return {"rows": len(page.rows), "page_state": state, **{name: getattr(page, name) for name in names}}

    def day_of(self, window: str) -> date:
        """See Source."""
        return date.fromisoformat(window.partition(" ")[0])

    def origin(self, window: str) -> str:
        """See Source."""
        return f"{self.name} {_list_of(window)}"

    def fewest(self, window: str, today: date) -> int:  # noqa: ARG002
        """See Source."""
        return self.expect.fewest if _list_of(window) == OPEN else 0  # nobody has counted the others


def _at_home(base: str, url: str) -> str:
    """Return a link to the portal itself as one that begins as its address does: some write http where https is."""
    parts, home = urlsplit(url), urlsplit(base)
    return parts._replace(scheme=home.scheme, fragment="").geturl() if parts.netloc == home.netloc else url


def _list_of(window: str) -> str:
    return window.rpartition(" ")[2]


def _is_last(page: AtexoPage, number: int, seen: int) -> bool:
    if page.pages is not None:
        return number >= page.pages
    return page.total is not None and seen >= page.total


def _post_back(
    page: AtexoPage, target: str, size: int | None, number: int | None = None
) -> tuple[tuple[str, str], ...]:
    fields = [
        ("PRADO_PAGESTATE", page.page_state or ""),
        ("PRADO_POSTBACK_TARGET", target),
        ("PRADO_POSTBACK_PARAMETER", ""),
    ]
    if page.size_field and size:
        fields.append((page.size_field, str(size)))
    if page.number_field and number:
        fields.append((page.number_field, str(number)))
    return tuple(fields)
