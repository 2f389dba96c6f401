"""Write a monthly report as a mail: the figures of the observatory's page for a month, each with its tenders. Pure.

Every number leads to the search that lists its tenders, by a link in HTML and by a note in the text. A scope so long
that its links would fill the mail has fewer lines, then no links but that of the page, then not even that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from alerts.message import header, host_of
from alerts.model import Mail, Report
from alerts.texts import texts
from alerts.writing import HTML, MAX_HTML, TEXT, headers, list_headers, say_because, say_sources
from indexer.observatory.figures import Breakdown, Values
from indexer.observatory.naming import name_figure, name_month, name_value, say_percent
from indexer.observatory.observe import Observation
from indexer.observatory.said import Linked, Said, side_by_side
from indexer.observatory.scope import is_one_department
from indexer.observatory.territories import name_place, title_scope
from tenders.links import manage_url, unsubscribe_url
from tenders.phrasing import long_moment, say_number
from tenders.plain import one_line, shorten
from tenders.query import Query
from tenders.query_url import to_url
from tenders.query_words import describe
from tenders.translations import NN_, translator
from tenders.vocabulary import spoken

_BLOCKS: Final = ("places", "divisions", "buyers", "values")
_PUBLISHED: Final = NN_("%(count)s tender published in %(month)s", "%(count)s tenders published in %(month)s")
_LABEL: Final = 90  # characters of a buyer or a category


@dataclass(frozen=True, slots=True)
class Limits:
    """How many lines a block has, whether each number leads to its tenders, and whether the scope is said whole."""

    lines: int
    linked: bool = True
    whole: bool = True


_LIMITS: Final = (Limits(10), Limits(5), Limits(10, linked=False), Limits(10, linked=False, whole=False))  # it fits
_SCOPE: Final = 1000  # characters of a scope that is not said whole


@dataclass(frozen=True, slots=True)
class Block:
    """The most frequent values of a figure, and of how many tenders the record does not state it."""

    title: str
    rows: tuple[tuple[str, Linked], ...]
    unknown: Linked | None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month among the twelve; `share` is its bar, in per cent of the longest."""

    name: str
    number: Linked
    share: int
    told: bool


@dataclass(slots=True)
class Notes:
    """The addresses of the text part, numbered as they are met."""

    addresses: list[str] = field(default_factory=list)

    def refer(self, one: Linked) -> str:
        """Return a number as the text part has it: ``846 [1]``."""
        if not one.address:
            return one.text
        if one.address not in self.addresses:
            self.addresses.append(one.address)
        return f"{one.text} [{self.addresses.index(one.address) + 1}]"


def render_report(report: Report, *, base_url: str, secret: str, mail_from: str) -> Mail:
    """Write a report as a mail, text and HTML, in the subscription's language."""
    subscription = report.subscription
    base_url = base_url.rstrip("/")
    for limits in _LIMITS:
        facts = _facts(report, base_url, secret, limits)
        html = HTML.get_template("report.html.jinja").render(facts)
        text = TEXT.get_template("report.txt.jinja").render(facts, notes=Notes())
        if max(len(html.encode()), len(text.encode())) <= MAX_HTML:
            break
    return Mail(
        to=subscription.email,
        subject=subject(report),
        text=text,
        html=html,
        message_id=f"<{report.delivery_id}@{host_of(base_url)}>",
        headers={**headers(subscription, report.now, mail_from), **list_headers(subscription, base_url, secret)},
    )


def subject(report: Report) -> str:
    """Write the subject: ``846 marchés publiés en mai 2026 – Côte-d’Or``."""
    where = title_scope(report.subscription.query, spoken(report.subscription.language))
    return header(" – ".join(filter(None, (_headline(report), where))), 190)


def _headline(report: Report) -> str:
    language, count = spoken(report.subscription.language), report.seen.total.count
    say, month = translator(language), _month(report.seen, language)
    if not count:
        return say.gettext("No tender published in %(month)s") % {"month": month}
    return say.ngettext(*_PUBLISHED, count) % {"count": say_number(count, language), "month": month}


def _month(seen: Observation, language: str) -> str:
    assert seen.scope.published_after is not None
    return name_month(seen.scope.published_after.isoformat()[:7], language)


def _facts(report: Report, base_url: str, secret: str, limits: Limits) -> dict[str, Any]:
    subscription, seen = report.subscription, report.seen
    language = spoken(subscription.language)
    _ = translator(language).gettext
    pages = f"{base_url}/{language}"

    def address(query: Query) -> str:
        return f"{pages}/?{to_url(query) or 'q='}" if limits.linked else ""

    said, before = Said(seen, address, language), Said(report.before, address, language)
    name = one_line(subscription.name, 80)
    compared, silent = _compare(said, before) if seen.total.count or report.before.total.count else ([], [])
    held = _("Of %(month)s we hold a part only: no growth can be read from it.")
    return {
        "_": _,
        "t": texts(language),
        "language": language,
        "date": long_moment(report.now, language),
        "headline": _headline(report),
        "month": _month(seen, language),
        "year_ago": _month(report.before, language),
        "name": name,
        "place": _say_scope(name_place(subscription.query, language), limits),
        "query": _say_scope(describe(subscription.query, language), limits) if _is_more(subscription.query) else "",
        "growth": _say_growth(report, said) if report.held else held % {"month": _month(report.before, language)},
        "compared": compared,
        "silent": ("\u00a0; " if language == "fr" else "; ").join(silent),
        "blocks": [_block(said, figure, limits.lines) for figure in _figures(seen)],
        "months": list(_months(report, address, language)),
        "year_held": report.year_held,
        "linked": limits.linked,
        "page": f"{pages}/observatory?{to_url(seen.scope)}" if limits.whole else "",
        "checked": say_sources(report.checked, language, report.now) if report.checked else "",
        "unsubscribe": unsubscribe_url(base_url, secret, subscription),
        "manage": manage_url(base_url, secret, subscription, report.now),
        "because": say_because(subscription, name, language),
    }


def _say_scope(said: str, limits: Limits) -> str:
    return said if limits.whole else shorten(said, _SCOPE)


def _is_more(scope: Query) -> bool:
    """Whether a scope asks for more than places."""
    return replace(scope, dept=(), nuts=(), epci=()) != Query()


def _say_growth(report: Report, said: Said) -> str:
    _, language = translator(said.language).gettext, said.language
    values = {"count": say_number(report.before.total.count, language), "month": _month(report.before, language)}
    growth = said.growth(report.before)
    if growth is None:
        return _("%(count)s in %(month)s.") % values if report.before.total.count else _("None in %(month)s.") % values
    values["share"] = say_percent(abs(growth), language)
    if growth > 0:
        return _("%(share)s more than in %(month)s (%(count)s).") % values
    fewer = _("%(share)s fewer than in %(month)s (%(count)s).") % values
    return fewer if growth else _("As many as in %(month)s.") % values


def _compare(said: Said, before: Said) -> tuple[list[tuple[str, tuple[Linked, Linked]]], list[str]]:
    """Return the figures of the month beside those of a year before, and the names of those that neither states."""
    _ = translator(said.language).gettext
    left_out = Linked(_("left out"), "")
    compared, silent = side_by_side((said, before))
    rows = [(name, (one or left_out, other or left_out)) for name, (one, other) in compared]
    results = [each.unannounced() or left_out for each in (said, before)]
    rows.append((_("Without a known result"), (results[0], results[1])))
    if said.seen.relaunches is not None and before.seen.relaunches is not None:
        rows.append((_("Relaunches"), (said.must(said.seen.relaunches), before.must(before.seen.relaunches))))
    return rows, silent


def _figures(seen: Observation) -> tuple[str, ...]:
    """Return the figures that have a block: none of nothing, no places of a single one."""
    if not seen.total.count:
        return ()
    return _BLOCKS[1:] if is_one_department(seen.scope) else _BLOCKS


def _block(said: Said, figure: str, most: int) -> Block:
    found: Breakdown | Values = getattr(said.seen, figure)
    lines = (found.classes if isinstance(found, Values) else found.lines)[:most]
    rows = (
        (shorten(one_line(name_value(figure, line.value, said.language), 400), _LABEL), said.must(line.number))
        for line in lines
    )
    unknown = found.unknown if found.unknown and found.unknown.count else None
    return Block(name_figure(figure, said.language), tuple(rows), said.link(unknown))


def _months(report: Report, address: Callable[[Query], str], language: str) -> Iterator[MonthRow]:
    said, months = Said(report.year, address, language), report.year.months.months
    most = max((month.number.count for month in months), default=0) or 1
    for month in months:
        share = round(100 * month.number.count / most)
        told = month.number.query.published_after == report.seen.scope.published_after
        yield MonthRow(name_month(month.month, language), said.must(month.number), share, told)
