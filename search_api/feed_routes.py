"""`/tenders.atom` and `/tenders.rss`: every Query name works there; without `sort`, the newest change comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from search_api.answers import Answer, Dated, answer, following
from search_api.caching import answer_cached
from search_api.desk import Desk, language_of, read_pairs
from search_api.feeds import ATOM, MEDIA_TYPES, RSS, Entry, Feed, render
from search_api.labels import name_of
from search_api.parameters import ACCEPT_LANGUAGE, QUERY_PARAMETERS, errors, example
from search_api.wording import closing_text, describe_change, money, pick, place_text, title_word
from tenders.query import Query, Sort
from tenders.query_url import to_pairs, to_url

FEED_SIZE = 50  # entries a page where `size` does not say
_MAX_AGE = 60  # seconds
_DESCRIPTION = 600  # characters


def make_entry(dated: Dated, link: str, language: str) -> Entry:
    """Make the entry of one tender."""
    tender = dated.tender
    word = title_word(tender, dated.changed, language)
    return Entry(
        id=f"urn:tenderwatch:tender:{tender.id}",
        title=f"[{word}] {tender.merged.title}" if word else tender.merged.title,
        link=link,
        first_at=dated.first_at,
        updated=dated.changed_at,
        html=_write_html(dated, link, language),
        categories=tuple((code, f"{code} {code.label(language) or ''}".strip()) for code in tender.merged.cpv),
        author=tender.merged.buyer.name,
    )


def _write_html(dated: Dated, link: str, language: str) -> str:
    """Write an entry's content: escaped here once, as Atom's and RSS's HTML want it."""
    tender, merged = dated.tender, dated.tender.merged
    facts = [(pick(language, "Acheteur", "Buyer"), merged.buyer.name or "")]
    facts.append((pick(language, "Date limite", "Deadline"), closing_text(tender, language)))
    facts.append((pick(language, "Lieu", "Place"), place_text(tender, language)))
    facts.append((pick(language, "Montant", "Value"), money(merged.value, language) if merged.value else ""))
    facts += [("CPV", ", ".join(f"{code} {code.label(language) or ''}".strip() for code in merged.cpv[:3]))]
    colon = pick(language, "\u00a0:", ":")
    html = Markup("<p>") + Markup("<br>").join(
        Markup("<b>{}{}</b> {}").format(name, colon, value) for name, value in facts if value
    )
    html += Markup("</p>")
    for name, (old, new) in dated.changed.items():
        what, before, after = describe_change(name, old, new, language)
        html += Markup("<p>{}{} {} → {}</p>").format(what, colon, before, after)
    if merged.description:
        text = merged.description
        html += Markup("<p>{}</p>").format(text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION] + " …")
    return str(html + Markup('<p><a href="{0}">{0}</a></p>').format(link))


def _name_query(query: Query, language: str) -> str:
    parts = [
        f"« {value} »" if name == "q" else f"{name} {name_of(name, value, language)}"
        for name, value in to_pairs(query.saved())
        if name != "lang"
    ]
    return ", ".join(parts) or pick(language, "tous les marchés", "every tender")


def make_feed(desk: Desk, query: Query, found: Answer, form: str, language: str) -> Feed:
    """Make one page of a query's feed."""
    path = f"/tenders.{form}"
    more = following(query, found.page)
    named = _name_query(query, language)
    return Feed(
        id=f"urn:tenderwatch:feed:{sha256(to_url(query.saved()).encode()).hexdigest()[:16]}",
        title=f"Tenderwatch{pick(language, ' : ', ': ')}{named}",
        about=pick(language, f"Marchés publics : {named}", f"Public tenders: {named}"),
        language=language,
        link=desk.address("/", query.saved()),
        self_link=desk.address(path, query),
        first_link=desk.address(path, replace(query, after=None)),
        next_link=None if more is None else desk.address(path, more),
        entries=tuple(make_entry(d, desk.address(f"/tenders/{d.tender.id}"), language) for d in found.dated),
    )


def feed_routes(desk: Desk) -> APIRouter:
    """Return the routes of the two feeds."""
    router = APIRouter(tags=["feeds"])

    def serve(request: Request, form: str) -> Response:
        now = desk.clock()
        query = desk.read_query(request, now)
        if not any(name == "size" and value.strip() for name, value in read_pairs(request)):
            query = replace(query, size=FEED_SIZE)
        query = replace(query, sort=query.sort or Sort.SEQ)
        found = answer(desk, query, now, dated=True)
        language = language_of(request)
        body = render(make_feed(desk, query, found, form, language), form)
        headers = {"Content-Language": language}
        # A time of change is told only where it is certain: not when the passing of time alone moves the set, not
        # before the index knows all that the store does, and not within the second in which more may come.
        written = max((dated.written_at for dated in found.dated), default=None)
        certain = found.settled and not query.relative and written and abs(now - written) > timedelta(seconds=1)
        return answer_cached(
            request,
            body,
            MEDIA_TYPES[form],
            max_age=_MAX_AGE,
            modified=written if certain else None,
            headers=headers,
        )

    def describe(form: str) -> dict[str, object]:
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

    @router.get("/tenders.atom", summary="A search as an Atom feed", **describe(ATOM))  # type: ignore[arg-type]
    def atom(request: Request) -> Response:
        """Entry ids are stable; `updated` moves only when a tender changed materially. `next` leads to older entries."""
        return serve(request, ATOM)

    @router.get("/tenders.rss", summary="A search as an RSS 2.0 feed", **describe(RSS))  # type: ignore[arg-type]
    def rss(request: Request) -> Response:
        """The entries of the Atom feed; `guid` is stable."""
        return serve(request, RSS)

    return router

