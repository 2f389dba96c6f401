"""`/tenders/{id}/cpv`: the page on which somebody says that a CPV code of a tender is wrong.

A GET only shows. A POST keeps a correction for the operator; its answer is the same whoever says it, as often as it is
said. The link of a mail or of an agency says who speaks; everybody else is a visitor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_api.allowance import MARKS, Allowance, address_of
from search_api.bodies import read_form
from search_api.desk import read_fields
from search_api.languages import language_of
from search_api.pages.layout import HTML, Pages
from search_api.problems import not_found
from search_api.wording import cpv_text, lot_name
from tenders.codes import Cpv
from tenders.errors import Refused
from tenders.marking import read_form as read_token
from tenders.marking import read_link, sign_form
from tenders.model import Tender
from tenders.store.corrections import MOST_PROPOSED, VISITOR, Correction, mark_wrong
from tenders.store.tenders import find_tender, load_tenders
from tenders.translations import N_, translator

MOST_BYTES = 16 * 1024
_OLD = N_("This form is no longer valid. Check your choice, then send it again.")
_CHOOSE = N_("Choose the code that is wrong.")
_UNREAD = N_("A code has 2 to 8 digits and stands in the CPV vocabulary, such as 45421. Three codes at most.")
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Accept-Language"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that stands at a tender or a lot of it."""

    code: Cpv
    official: bool
    lot: str | None

    @property
    def key(self) -> str:
        """Its value in the form."""
        return f"{self.code}.{'official' if self.official else 'predicted'}.{self.lot or ''}"


def shown_codes(tender: Tender) -> list[Shown]:
    """Return the codes of a tender, the buyer's own first, those of the whole before those of its lots."""
    merged = tender.merged
    official = [Shown(code, True, None) for code in merged.cpv]
    of_lots = [Shown(code, True, lot.id) for lot in merged.lots for code in lot.cpv]
    predicted = [Shown(one.code, False, one.lot) for one in tender.cpv_predicted]
    return list(dict.fromkeys((*official, *of_lots, *predicted)))


def read_proposed(text: str) -> tuple[Cpv, ...]:
    """Read the codes that somebody proposes; raises Refused for what is no CPV 2008 code, and for too many."""
    words = text.replace(",", " ").replace(";", " ").split()
    codes = tuple(dict.fromkeys(Cpv.of(Cpv.under(word)) for word in words[: MOST_PROPOSED + 1]))
    if len(words) > MOST_PROPOSED:
        raise Refused(f"{len(words)} codes are too many: propose up to {MOST_PROPOSED}")
    if not all(code.known for code in codes):
        raise Refused("a level of CPV 2008 that has no code of its own: propose one above or below it")
    return codes


class Marking:
    """Shows the page of one tender and keeps what is posted to it."""

    def __init__(self, pages: Pages, allowance: Allowance, secret: str) -> None:
        self.pages, self.allowance, self.secret = pages, allowance, secret

    def find(self, tender_id: str) -> Tender | None:
        """Return the tender of an id, or the one that absorbed it."""
        with self.pages.desk.store.reading() as connection:
            standing = find_tender(connection, tender_id)
            return None if standing is None else load_tenders(connection, [standing])[standing]

    def show(self, request: Request, tender: Tender, by: str, *, chosen: str = "", typed: str = "", problem: str = "",
             done: bool = False) -> Response:  # fmt: skip
        """Show the form, or thanks; `problem` says what is wrong with what was sent."""
        language = language_of(request)
        _ = translator(language).gettext
        desk = self.pages.desk
        codes = [
            {
                "key": one.key,
                "name": cpv_text(one.code, language),
                "lot": lot_name(one.lot) if one.lot else "",
                "origin": _("published by the buyer") if one.official else _("estimated"),
            }
            for one in shown_codes(tender)
        ]
        body = self.pages.write(
            request,
            "mark.jinja",
            tender=tender,
            codes=codes,
            chosen=chosen or (codes[0]["key"] if len(codes) == 1 else ""),
            typed=typed,
            problem=_(problem) if problem else "",
            done=done,
            token=sign_form(self.secret, tender.id, by, desk.clock()),
        )
        return Response(body, 400 if problem else 200, _HEADERS, HTML)

    def take(self, request: Request, tender: Tender, by: str, sent: dict[str, str]) -> Response:
        """Keep what a form says, or show it again with what is wrong."""
        chosen, typed, now = sent.get("shown", ""), sent.get("proposed", "")[:200], self.pages.desk.clock()
        said: dict[str, Any] = {"chosen": chosen, "typed": typed}
        if read_token(sent.get("token", ""), self.secret, tender.id, now) != by:
            return self.show(request, tender, by, **said, problem=_OLD)
        shown = next((one for one in shown_codes(tender) if one.key == chosen), None)
        if shown is None:
            return self.show(request, tender, by, **said, problem=_CHOOSE)
        try:
            proposed = read_proposed(typed)
        except Refused:
            return self.show(request, tender, by, **said, problem=_UNREAD)
        self.allowance.spend(MARKS, address_of(request))
        if by != VISITOR:
            self.allowance.spend(MARKS, by)
        correction = Correction(
            tender_id=tender.id,
            shown=shown.code,
            official=shown.official,
            lot=shown.lot,
            proposed=proposed,
            by=by,
            marked=now,
        )
        with self.pages.desk.store.writing() as connection:
            mark_wrong(connection, correction)
        return self.show(request, tender, by, done=True)


def mark_routes(pages: Pages, allowance: Allowance, secret: str) -> APIRouter:
    """Return the routes of the page; `secret` reads links and signs forms."""
    router = APIRouter(include_in_schema=False)
    marking = Marking(pages, allowance, secret)

    @router.api_route("/tenders/{tender_id}/cpv", methods=["GET", "POST"])
    async def mark(request: Request, tender_id: str) -> Response:
        link = read_fields(request, ("by",)).get("by", "")
        by = (read_link(link, secret) or VISITOR) if link else VISITOR
        sent = await read_form(request, MOST_BYTES) if request.method == "POST" else None

        def answer() -> Response:
            tender = marking.find(tender_id)
            if tender is None:
                return pages.show_problem(request, not_found("there is no tender of this id"))
            if sent is not None:
                return marking.take(request, tender, by, sent)
            if tender.id != tender_id:
                path = pages.link(request)(f"/tenders/{tender.id}/cpv", urlencode({"by": link}) if link else "")
                return RedirectResponse(path, status_code=301)
            return marking.show(request, tender, by)

        return await run_in_threadpool(answer)

    return router
