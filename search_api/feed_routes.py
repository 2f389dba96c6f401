"""`/tenders.atom` and `/tenders.rss`: every Query name works there; without `sort`, the newest change comes first."""

from __future__ import annotations

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
from search_api.feeds import ATOM, MEDIA_TYPES, NEVER, RSS, Entry, Feed, render
from search_api.languages import language_of
from search_api.parameters import ACCEPT_LANGUAGE, QUERY_PARAMETERS, errors, example
from search_api.wording import closing_text, cpv_text, describe_change, place_text, state_word
from tenders.model import Tender
from tenders.phrasing import money
from tenders.predictions import best_asserted, say_estimated, say_why
from tenders.query import Query, Sort
from tenders.query_url import to_url
from tenders.query_words import describe
from tenders.store.tenders import Dates
from tenders.translations import translator

FEED_SIZE = 50  # entries a page where `size` does not say
_MAX_AGE = 60  # seconds
_SECOND = timedelta(seconds=1)
_DESCRIPTION = 600  # characters


def make_entry(tender: Tender, dates: Dates, link: str, language: str) -> Entry:
    """Make the entry of one tender."""
    word = state_word(tender, dates.changed, language)
    return Entry(
        id=f"urn:tenderwatch:tender:{tender.id}",
        title=f"[{word}] {tender.merged.title}" if word else tender.merged.title,
        link=link,
        first_at=dates.first_at,
        updated=dates.changed_at,
        html=_write_html(tender, dates, link, language),
        categories=tuple((code, cpv_text(code, language)) for code in tender.merged.cpv),
        author=tender.merged.buyer.name,
    )


def _write_html(tender: Tender, dates: Dates, link: str, language: str) -> str:
    """Write an entry's content: escaped here once, as Atom's and RSS's HTML want it."""
    merged, _ = tender.merged, translator(language).gettext
    facts = [(_("Buyer"), merged.buyer.name or "")]
    facts.append((_("Deadline"), closing_text(tender, language)))
    facts.append((_("Place"), place_text(tender, language)))
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
        html += Markup("<p>{}{} {}</p>").format(what, colon, " → ".join(filter(None, (before, after))))
    if merged.description:
        text = merged.description
        html += Markup("<p>{}</p>").format(text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION] + " …")
    return str(html + Markup('<p><a href="{0}">{0}</a></p>').format(link))


def make_feed(desk: Desk, asked: Query, found: Answer, form: str, language: str) -> Feed:
    """Make one page of a query's feed; its links ask as the reader did."""
    path = f"/tenders.{form}"
    more = following(asked, found.page)
    named, _ = describe(asked, language), translator(language).gettext
    return Feed(
        id=f"urn:tenderwatch:feed:{sha256(to_url(asked.saved()).encode()).hexdigest()[:16]}",
        title=_("Tenderwatch: %(query)s") % {"query": named},
        about=_("Public tenders: %(query)s") % {"query": named},
        language=language,
        link=desk.address("/", asked.saved()),
        self_link=desk.address(path, asked),
        first_link=desk.address(path, replace(asked, after=None)),
        next_link=None if more is None else desk.address(path, more),
        entries=tuple(
            make_entry(t, found.dates[t.id], desk.address(f"/tenders/{t.id}"), language) for t in found.tenders
        ),
    )


def feed_routes(desk: Desk) -> APIRouter:
    """Return the routes of the two feeds."""
    router = APIRouter(tags=["feeds"])

    def serve(request: Request, form: str) -> Response:
        now = desk.clock()
        asked = desk.read_query(request, now)
        sized = any(name == "size" and value.strip() for name, value in read_pairs(request))
        query = replace(asked, sort=asked.sort or Sort.SEQ, size=asked.size if sized else FEED_SIZE)
        found = answer(desk, query, now, dated=True)
        language = language_of(request)
        body = render(make_feed(desk, asked, found, form, language), form)
        written = max((dates.written_at for dates in found.dates.values()), default=NEVER)
        # More may come within the second that Last-Modified counts in: then it is told one early.
        fresh = abs(now - written) <= _SECOND
        return answer_cached(
            request,
            body,
            MEDIA_TYPES[form],
            max_age=_MAX_AGE,
            modified=written - _SECOND if fresh else written,
            # Not when the passing of time alone moves the set, nor before the index knows all that the store does.
            trusted=found.settled and not query.relative and not fresh,
            headers={"Content-Language": language},
        )

    def describe_feed(form: str) -> dict[str, object]:
        media_type = MEDIA_TYPES[form].partition(";")[0]
        sample = "<feed xmlns='http://www.w3.org/2005/Atom'>…</feed>" if form == ATOM else "<rss version='2.0'>…</rss>"
        return {
            "responses": {
                200: example("A page of the feed", sample, media_type),
                304: {"description": "As you have it"},
                **errors(400),
            },
            "openapi_extra": {"parameters": [*QUERY_PARAMETERS, ACCEPT_LANGUAGE]},
            "response_class": Response,
        }

    @router.get("/tenders.atom", summary="A search as an Atom feed", **describe_feed(ATOM))  # type: ignore[arg-type]
    def atom(request: Request) -> Response:
        """Entry ids are stable, `updated` moves only on a material change, `next` leads to older entries."""
        return serve(request, ATOM)

    @router.get("/tenders.rss", summary="A search as an RSS 2.0 feed", **describe_feed(RSS))  # type: ignore[arg-type]
    def rss(request: Request) -> Response:
        """The entries of the Atom feed; `guid` is stable."""
        return serve(request, RSS)

    return router
