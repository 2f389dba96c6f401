"""What one decides by on the page of a tender, in words ready for the templates; nothing here is HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from indexer.outcome import has_winner
from search_api.wording import buyer_place, closing_text, cpv_text, file_size, lot_name, place_text
from tenders.labels import DECLARED, STATES, headed
from tenders.model import Notice, PredictedCpv, Tender
from tenders.phrasing import day, days_left, is_soon, long_moment, money, short_moment
from tenders.plain import shorten, web_link
from tenders.predictions import say_code, say_estimated, say_probability, say_why
from tenders.query import Status
from tenders.status import closing, paris_day, status
from tenders.translations import translator
from tenders.vocabulary import source_name

LINE = 300  # characters of what stands in a line
_TITLE = 1_000
_LISTED = 200  # lots, awards, documents, buyers of one tender
_ASKED_MOST = ("social", "green", "reserved", "innovation")
_TONE = {Status.OPEN: "open", Status.CANCELLED: "stopped", Status.CLOSED: "", Status.AWARDED: "", Status.PLANNED: ""}


Origins = dict[str, dict[str, str | None]]  # by field, the notice that states it: its name and address


@dataclass(frozen=True, slots=True)
class Due:
    """The state of a tender: word and tone of its mark, the large figure, the line under it."""

    word: str
    tone: str
    figure: str
    line: str
    iso: str | None
    soon: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with its name, and the notice that states it."""

    name: str
    value: str
    origin: dict[str, str | None] | None = None


def show_due(tender: Tender, now: datetime, language: str) -> Due:
    """Say whether, and how long, one may still bid."""
    _ = translator(language).gettext
    state = status(tender, now.replace(microsecond=0))
    word = _(STATES[state])
    closes, deadline = closing(tender), tender.merged.deadline
    line = closing_text(tender, language)
    figure, soon = word, False
    if state in (Status.OPEN, Status.PLANNED):
        if closes is None:
            line = _("no deadline known")
        elif deadline is None:
            line = _("Deadline %(line)s") % {"line": line}
        else:
            figure = days_left(paris_day(closes), language, now=now)
            soon = is_soon(paris_day(closes), now)
            when = long_moment(deadline, language)
            line = _("to bid, before %(when)s") % {"when": when}
    elif state is Status.CLOSED and deadline is not None:
        when = long_moment(deadline, language)
        line = _("since %(when)s") % {"when": when}
    elif closes is not None:
        line = _("Deadline: %(line)s") % {"line": line}
    else:
        line = ""
    return Due(word, _TONE[state], figure, line, deadline.isoformat() if deadline else None, soon)


def name_notice(key: str) -> str:
    """``BOAMP 26-47580``."""
    source, _, source_id = key.partition(":")
    return f"{source_name(source)} {source_id}"


def _origins(tender: Tender) -> Origins:
    """Return for each merged field the notice that states it: its name and address."""
    links = {notice.key: web_link(notice.url) for notice in tender.notices}
    return {field: {"name": name_notice(key), "url": links.get(key)} for field, key in tender.provenance.items()}


def _facts(tender: Tender, origins: Origins, language: str) -> list[Fact]:
    """Return the facts one decides by, each with its origin."""
    merged, say = tender.merged, translator(language)
    _ = say.gettext
    facts = [
        Fact(_("Estimated value"), money(merged.value, language), origins.get("value"))
        if merged.value
        else Fact(_("Estimated value"), _("Value not published"))
    ]
    if merged.nature:
        facts.append(Fact(_("Nature"), headed("nature", merged.nature, language), origins.get("nature")))
    if merged.procedure:
        facts.append(Fact(_("Procedure"), headed("procedure", merged.procedure, language), origins.get("procedure")))
    if place := place_text(tender, language):
        facts.append(Fact(_("Place"), place, origins.get("departments") or origins.get("places")))
    if merged.lots:
        facts.append(Fact(_("Lots"), str(len(merged.lots)), origins.get("lots")))
    elif merged.lot_count:
        facts.append(
            Fact(
                _("Lots"),
                say.ngettext("%(num)d stated, not detailed", "%(num)d stated, not detailed", merged.lot_count)
                % {"num": merged.lot_count},
                origins.get("lot_count"),
            )
        )
    if merged.published:
        facts.append(Fact(_("Published on"), day(merged.published, language), origins.get("published")))
    return facts


@dataclass(frozen=True, slots=True)
class Estimate:
    """A predicted code: its name as one, ``CPV estimé, 83 %``, the words for it, the code with its label, and both."""

    name: str
    terms: tuple[str, ...]
    code: str
    why: str


def show_estimate(guess: PredictedCpv | None, language: str) -> Estimate | None:
    """Return what is shown of a predicted code."""
    if guess is None:
        return None
    return Estimate(say_estimated(guess, language), guess.terms, say_code(guess, language), say_why(guess, language))


def _estimates(tender: Tender, language: str, lot: str | None) -> list[Estimate]:
    asserted = (guess for guess in tender.cpv_predicted if guess.asserted and guess.lot == lot)
    return [shown for guess in asserted if (shown := show_estimate(guess, language))]


def _suggestions(tender: Tender, language: str) -> list[str]:
    """Codes that are only possible, each with its probability."""
    return [
        f"{say_code(guess, language)}, {say_probability(guess)}"
        for guess in tender.cpv_predicted
        if not guess.asserted and guess.lot is None
    ]


def _lots(tender: Tender, now: datetime, language: str) -> list[dict[str, Any]]:
    merged = tender.merged
    return [
        {
            "name": lot_name(lot.id),
            "title": shorten(lot.title or "", LINE),
            "description": shorten(lot.description or "", LINE) if lot.description != lot.title else "",
            "cpv": ", ".join(cpv_text(code, language) for code in lot.cpv),
            "estimates": _estimates(tender, language, lot.id),
            "value": money(lot.value, language) if lot.value else "",
            "deadline": short_moment(lot.deadline, language, now=now)
            if lot.deadline and lot.deadline != merged.deadline
            else "",
        }
        for lot in merged.lots[:_LISTED]
    ]


def _awards(merged: Notice, language: str) -> list[dict[str, str]]:
    _ = translator(language).gettext
    return [
        {
            "lot": lot_name(award.lot) if award.lot else _("Whole"),
            "winners": shorten(", ".join(filter(None, (s.name or s.id for s in award.suppliers))), LINE)
            or ("" if has_winner(award) else _("Nobody won")),
            "value": money(award.value, language) if award.value else "",
            "bids": "" if award.bids is None else str(award.bids),
            "date": day(award.date, language) if award.date else "",
        }
        for award in merged.awards[:_LISTED]
    ]


def _documents(merged: Notice, language: str) -> list[dict[str, str | None]]:
    return [
        {
            "title": shorten(document.title or document.url or "", LINE),
            "url": web_link(document.url),
            "size": file_size(document.size, language) if document.size else "",
        }
        for document in merged.documents[:_LISTED]
    ]


def _responsible(tender: Tender, origins: Origins, language: str) -> list[Fact]:
    """Return what the buyer declares of responsible buying; of what is asked most, also that nothing is said."""
    _ = translator(language).gettext
    facts = []
    for name, title in DECLARED.items():
        said = getattr(tender.merged.strategic, name)
        if said is None and name not in _ASKED_MOST:
            continue
        value = _("Not stated") if said is None else _("Yes, declared") if said else _("No, declared")
        facts.append(Fact(_(title), value, origins.get(f"strategic.{name}") if said is not None else None))
    return facts


def show_decision(tender: Tender, now: datetime, language: str) -> dict[str, Any]:
    """Return what one decides by: state, facts, lots, documents, object, codes, responsible buying."""
    merged, origins = tender.merged, _origins(tender)
    sizes = [document.size or 0 for document in merged.documents]
    return {
        "title": shorten(merged.title, _TITLE),
        "content_language": merged.language,
        "due": show_due(tender, now, language),
        "due_origin": origins.get("deadline" if merged.deadline else "display_until"),
        "sources": ", ".join(dict.fromkeys(source_name(n.source) for n in tender.notices)),
        "reference": shorten(merged.reference or "", LINE),
        "buyer": replace(merged.buyer, name=shorten(merged.buyer.name or "", LINE)),
        "buyer_place": buyer_place(merged.buyer),
        "buyer_type": headed("buyer_type", merged.buyer.type, language) if merged.buyer.type else "",
        "co_buyers": [shorten(b.name, LINE) for b in merged.co_buyers[:_LISTED] if b.name],
        "place": place_text(tender, language),
        "facts": _facts(tender, origins, language),
        "answer_url": web_link(merged.url),
        "answer_source": source_name(tender.provenance.get("url", merged.source).partition(":")[0]),
        "lots": _lots(tender, now, language),
        "lots_origin": origins.get("lots"),
        "awards": _awards(merged, language),
        "documents": _documents(merged, language),
        "documents_size": file_size(sum(sizes), language) if all(sizes) and sizes else "",
        "description": merged.description,
        "cpv": [cpv_text(code, language) for code in merged.cpv],
        "cpv_origin": origins.get("cpv"),
        "estimates": _estimates(tender, language, None),
        "suggestions": _suggestions(tender, language),
        "coded": bool(merged.cpv or tender.cpv_predicted or any(lot.cpv for lot in merged.lots)),
        "responsible": _responsible(tender, origins, language),
    }
