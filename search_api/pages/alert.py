"""`/alerts/new?QUERY`: what a search would have brought, how to sharpen it, and the form that asks for an alert.

A GET only shows. The answer of a POST is the same, in the same time, whether or not an address is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.marks import read_wanted
from search_api.allowance import LOOKS_BACK, Allowance, address_of
from search_api.answers import answer
from search_api.flood import is_flood, refuse_flood
from search_api.languages import language_of
from search_api.looking_back import LookBack, Volume, look_back, recent
from search_api.pages.alert_words import NEWS, RHYTHMS, say_rate
from search_api.pages.chart import draw_bars
from search_api.pages.layout import Pages
from search_api.pages.rows import show_row
from search_api.pages.sign_up import (
    NAME_LENGTH,
    answer_form,
    ask_owner,
    fill_form,
    find_fault,
    make_wish,
    take_form,
)
from search_api.sharpening import SAMPLE, Variant, sharpen
from tenders.errors import BadQuery, Refused
from tenders.phrasing import day, say_number
from tenders.query import Query
from tenders.query_url import from_url, to_url
from tenders.query_words import describe, short_title
from tenders.subscription import USUAL_NEWS, News, Rhythm
from tenders.translations import translator
from tenders.vocabulary import cpv_name, department_name

_SHOWN = 4  # tenders


def read_news(sent: Mapping[str, str]) -> frozenset[News]:
    """Return what is ticked in a form."""
    return frozenset(one for one in News if sent.get(one.value))


def read_rhythm(sent: Mapping[str, str]) -> Rhythm:
    """Return the rhythm that a form says; raises BadQuery for none of ours."""
    said = sent.get("rhythm", "")
    if said not in RHYTHMS:
        raise BadQuery(f"rhythm: is not one of: {', '.join(RHYTHMS)}", name="rhythm")
    return Rhythm(said)


def show_choices(rhythm: Rhythm, news: frozenset[News], volume: Volume, language: str) -> dict[str, Any]:
    """Return the rhythms and news of a form, ready for the template."""
    _ = translator(language).gettext
    flood = is_flood(volume)
    return {
        "rhythms": [
            (one.value, _(name), _(text), one is rhythm, flood and one is Rhythm.INSTANT)
            for one, (name, text) in RHYTHMS.items()
        ],
        "news": [(one.value, _(text), one in news) for one, text in NEWS.items()],
    }


def show_look_back(back: LookBack, language: str, now: datetime) -> dict[str, Any]:
    """Return the back-test, ready for the template: figure, rate, bars and table."""
    say = translator(language)
    weeks, volume = back.weeks, back.volume
    short = [f"{week.first.day}/{week.first.month}" for week in weeks]
    figure = say.ngettext("%(count)s tender in 90 days", "%(count)s tenders in 90 days", volume.total)
    counts = [week.count for week in weeks]
    span = {"first": day(weeks[0].first, language), "last": day(weeks[-1].last, language)}
    told = {"least": min(counts), "most": max(counts), "total": volume.total}
    return {
        "figure": figure % {"count": say_number(volume.total, language)},
        "rate": say_rate(volume, language),
        "empty": volume.total == 0,
        "bars": draw_bars(list(zip(short, counts, strict=True))),
        "spoken": say.gettext(
            "Tenders by week, from %(first)s to %(last)s: between %(least)d and %(most)d, %(total)d in all."
        )
        % (span | told),
        "caption": say.gettext("Tenders by week, from %(first)s to %(last)s") % span,
        "weeks": [(day(week.first, language, now=now), week.count) for week in weeks],
    }


def say_variant(variant: Variant, volume: Volume, language: str) -> tuple[str, str]:
    """Say a variant: what the link does, and what it would have brought."""
    say = translator(language)
    _ = say.gettext
    if variant.way == "without":
        does = _("Leave out “%(word)s”") % {"word": variant.value}
    elif variant.way == "code":
        does = _("Keep to CPV %(code)s, published or estimated") % {"code": cpv_name(variant.value, language)}
    elif variant.way == "department":
        does = _("Add %(place)s") % {"place": department_name(variant.value)}
    else:
        does = _("Count only the CPV codes that buyers publish")
    apart = variant.volume.total - volume.total
    told = (
        say.ngettext("%(count)s more", "%(count)s more", apart)
        if apart > 0
        else say.ngettext("%(count)s fewer", "%(count)s fewer", -apart)
    )
    left = say.ngettext("%(count)s in all", "%(count)s in all", variant.volume.total)
    said = told % {"count": say_number(abs(apart), language)}
    return does, f"{said}, {left % {'count': say_number(variant.volume.total, language)}}"


def show_search(pages: Pages, request: Request, query: Query, now: datetime, path: str) -> dict[str, Any]:
    """Return what a page says of a search before it becomes an alert; its variants lead to `path`."""
    desk, language, link = pages.desk, language_of(request), pages.link(request)
    back = look_back(desk.engine, query, now)
    asked = recent(query, now, SAMPLE)
    wanted = read_wanted(query)
    sample = answer(desk, asked, now).tenders if asked else ()
    variants = sharpen(desk.engine, query, sample, back.volume, now)
    return {
        "query": query,
        "asked": to_url(query),
        "said": describe(query, language),
        "back": show_look_back(back, language, now),
        "volume": back.volume,
        "variants": [(link(path, one.query), *say_variant(one, back.volume, language)) for one in variants],
        "rows": [show_row(tender, now, wanted, language) for tender in sample[:_SHOWN]],
    }


class AlertPage:
    """Shows the page of a search and takes the wish for an alert."""

    def __init__(self, pages: Pages, allowance: Allowance, secret: str) -> None:
        self.pages, self.allowance, self.secret = pages, allowance, secret

    def show(
        self, request: Request, query: Query, *, sent: Mapping[str, str] | None = None, problem: str = ""
    ) -> Response:
        """Show what a search would have brought, and the form; `problem` says what is wrong with what was sent."""
        now, language = self.pages.desk.clock(), language_of(request)
        name = short_title(query, language)[:NAME_LENGTH].rstrip(" ,")
        shown = show_search(self.pages, request, query.saved(), now, "/alerts/new")
        rhythm = Rhythm(sent["rhythm"]) if sent and sent.get("rhythm") in RHYTHMS else Rhythm.DAILY
        body = self.pages.write(
            request,
            "alert.jinja",
            **shown,
            **show_choices(rhythm, read_news(sent) if sent else USUAL_NEWS, shown["volume"], language),
            **fill_form(self.secret, request, sent, now, name=name, problem=problem),
            changing=False,
        )
        return answer_form(body, problem)

    def take(self, request: Request, sent: dict[str, str]) -> Response:
        """Take the wish for an alert, or show the form again with what is wrong."""
        desk = self.pages.desk
        now = desk.clock()
        query = from_url(sent.get("query", "")).saved()
        desk.sources.require(query, desk.store, now)
        rhythm = read_rhythm(sent)
        if fault := find_fault(self.secret, request, sent, now):
            return self.show(request, query, sent=sent, problem=fault)
        try:
            refuse_flood(desk.engine, query, rhythm, now)
        except Refused as flood:
            return self.show(request, query, sent=sent, problem=str(flood))
        wish = make_wish(request, sent, query, now, rhythm=rhythm, news=read_news(sent))
        return ask_owner(self.pages, self.allowance, self.secret, request, sent, wish)


def alert_routes(pages: Pages, allowance: Allowance, secret: str) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    alert = AlertPage(pages, allowance, secret)

    @router.get("/alerts/new")
    def show(request: Request) -> Response:
        allowance.spend(LOOKS_BACK, f"look back {address_of(request)}")
        return alert.show(request, pages.desk.read_query(request, pages.desk.clock()))

    @router.post("/alerts/new")
    async def take(request: Request) -> Response:
        return await take_form(pages, alert.take, request)

    return router
