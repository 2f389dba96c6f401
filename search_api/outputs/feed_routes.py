"""`/tenders.atom`, `.rss` and `.feed.json`: every Query name works; without `sort`, newest change first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from search_api.answers import Answer, answer, following
from search_api.caching import answer_cached
from search_api.desk import Desk, read_pairs
from search_api.languages import language_of, prefix_of
from search_api.outputs.feeds import NEVER, Entry, Feed, render
from search_api.outputs.table import ATOM, FEEDS, JSON_FEED, RSS, Output
from search_api.parameters import ACCEPT_LANGUAGE, QUERY_PARAMETERS, errors, example
from search_api.wording import closing_text, cpv_text, describe_change, place_text, state_word
from tenders.model import Tender
from tenders.phrasing import money
from tenders.plain import one_line
from tenders.predictions import best_asserted, say_estimated, say_why
from tenders.query import Query, Sort
from tenders.query_url import to_url
from tenders.query_words import describe
from tenders.store.tenders import Dates
from tenders.translations import translator

FEED_SIZE = 50  # entries a page where `size` does not say
_MAX_AGE = 60  # seconds
_SECOND = timedelta(seconds=1)
_DESCRIPTION, _TITLE, _AUTHOR = 600, 300, 200  # characters


def make_entry(tender: Tender, dates: Dates, link: str, language: str) -> Entry:
    """Make the entry of one tender."""
    word = state_word(tender, dates.changed, language)
    title = one_line(tender.merged.title, _TITLE)
    return Entry(
        id=f"urn:tenderwatch:tender:{tender.id}",
        title=f"[{word}] {title}" if word else title,
        link=link,
        first_at=dates.first_at,
        updated=dates.changed_at,
        html=_write_html(tender, dates, link, language),
        categories=tuple((code, cpv_text(code, language)) for code in tender.merged.cpv),
        author=one_line(tender.merged.buyer.name, _AUTHOR) or None,
    )


def _write_html(tender: Tender, dates: Dates, link: str, language: str) -> str:
    """Write an entry's content: escaped here once, as Atom's and RSS's HTML want it."""
    merged, _ = tender.merged, translator(language).gettext
    facts = [(_("Buyer"), one_line(merged.buyer.name, _AUTHOR))]
    facts.append((_("Deadline"), closing_text(tender, language)))
    facts.append((_("Place"), one_line(place_text(tender, language), _AUTHOR)))
    facts.append((_("Value"), money(merged.value, language) if merged.value else ""))
    codes = tender.cpv_published
    facts += [("CPV", ", ".join(cpv_text(code, language) for code in codes[:3]))]
    if not codes and (guess := best_asserted(tender.cpv_predicted)):
        facts.append((say_estimated(guess, language), say_why(guess, language)))
    colon = _(":")
    html = Markup("<p>") + Markup("<br>").join(
        Markup("<b>{}{}</b> {}").format(name, colon, value) for name, value in facts if value
    )
    html += Markup("</p>")
    for name, (old, new) in dates.changed.items():
        what, before, after = describe_change(name, old, new, tender, language, dates.changed_at)
        html += Markup("<p>{}{} {}</p>").format(
            what, colon, " → ".join(filter(None, (before[:_DESCRIPTION], after[:_DESCRIPTION])))
        )
    if merged.description:
        text = merged.description
        html += Markup("<p>{}</p>").format(text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION] + " …")
    return str(html + Markup('<p><a href="{0}">{0}</a></p>').format(link))


def make_feed(desk: Desk, asked: Query, found: Answer, form: Output, language: str, prefix: str = "") -> Feed:
    """Make one page of a query's feed; its links ask as the reader did, under the `prefix` of a language, too."""
    more = following(asked, found.page)
    named, _ = describe(asked, language), translator(language).gettext
    return Feed(
        id=f"urn:tenderwatch:feed:{sha256(to_url(asked.saved()).encode()).hexdigest()[:16]}",
        title=_("Tenderwatch: %(query)s") % {"query": named},
        about=_("Public tenders: %(query)s") % {"query": named},
        language=language,
        link=desk.address(f"{prefix}/", asked.saved()),
        self_link=desk.address(prefix + form.path, asked),
        first_link=desk.address(prefix + form.path, replace(asked, after=None)),
        next_link=None if more is None else desk.address(prefix + form.path, more),
        entries=tuple(
            make_entry(t, found.dates[t.id], desk.address(f"{prefix}/tenders/{t.id}"), language) for t in found.tenders
        ),
    )


_SAMPLES = {
    ATOM: "<feed xmlns='http://www.w3.org/2005/Atom'>…</feed>",
    RSS: "<rss version='2.0'>…</rss>",
    JSON_FEED: {"version": "https://jsonfeed.org/version/1.1", "title": "Tenderwatch: roofing", "items": []},
}


def feed_routes(desk: Desk) -> APIRouter:
    """Return the routes of the feeds."""
    router = APIRouter(tags=["outputs"])
    for form in FEEDS:
        router.add_api_route(
            form.path,
            _serving(desk, form),
            summary=f"A search as {form.name('en')}",
            description="Entry ids are stable, dates move only on a material change, `next` leads to older entries.",
            response_class=Response,
            responses={
                200: example("A page of the feed", _SAMPLES[form], form.media_type),
                304: {"description": "As you have it"},
                **errors(400),
            },
            openapi_extra={"parameters": [*QUERY_PARAMETERS, ACCEPT_LANGUAGE]},
        )
    return router


def _serving(desk: Desk, form: Output) -> Callable[[Request], Response]:
    def serve(request: Request) -> Response:
        now = desk.clock()
        asked = desk.read_query(request, now)
        sized = any(name == "size" and value.strip() for name, value in read_pairs(request))
        query = replace(asked, sort=asked.sort or Sort.SEQ, size=asked.size if sized else FEED_SIZE)
        found = answer(desk, query, now, dated=True)
        language = language_of(request)
        body = render(make_feed(desk, asked, found, form, language, prefix_of(request)), form)
        written = max((dates.written_at for dates in found.dates.values()), default=NEVER)
        # More may come within the second that Last-Modified counts in: then it is told one early.
        fresh = abs(now - written) <= _SECOND
        return answer_cached(
            request,
            body,
            form.content_type,
            max_age=_MAX_AGE,
            modified=written - _SECOND if fresh else written,
            # Not when the passing of time alone moves the set, nor before the index knows all that the store does.
            trusted=found.settled and not query.relative and not fresh,
            headers={"Content-Language": language},
        )

    return serve
