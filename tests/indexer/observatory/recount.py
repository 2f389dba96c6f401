"""The observatory's figures once more, from tenders as the store writes them; shares nothing with the figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from indexer.analysis import words
from indexer.reference import status
from tenders.canonical import to_json
from tenders.codes import Department, Nuts
from tenders.model import Tender

# The numbers of the random world, told by hand: 9 digits of France, or 14 where no country is stated.
KINDS = {
    "212102313": "municipality",
    "243300316": "intermunicipal",
    "222100018": "department",
    "267500452": "health",
    "200053726": "region",
    "552032534": None,
}
LOT_KEYS = {"1": "1", "LOT-0001": "1", "Lot n° 1": "1", "02": "2", "LOT-0002": "2"}  # of the random world, told by hand
FLAGS = ("green", "social", "reserved", "innovation", "sme", "framework", "eu_funded")
RELAUNCHED = re.compile(r"\brelance|infructu|sans suite", re.IGNORECASE)


def recount(tenders: Iterable[Tender], now: datetime) -> dict[str, Any]:
    """Count everything by name, ``natures works`` -> 12."""
    found: Counter[str] = Counter()
    days: list[int] = []
    offers: list[int] = []
    lots: list[int] = []
    for tender in tenders:
        written = {"merged": to_json(tender.merged), "notices": [to_json(notice) for notice in tender.notices]}
        record = orjson.loads(orjson.dumps(written, default=str))
        found["total"] += 1
        _count_record(found, tender, record, now)
        answer = _answer(record["merged"])
        if answer is not None:
            days.append(min(answer, 999))
        bids = [award["bids"] for award in record["merged"]["awards"] if award["bids"] is not None]
        if bids:
            offers.append(min(median_low(bids), 999))
        merged = record["merged"]
        if merged["lots"] or merged["lot_count"] is not None:
            lots.append(max(len(merged["lots"]), merged["lot_count"] or 0))
    return {
        **found,
        "answer median": median_low(days) if days else None,
        "offers median": median_low(offers) if offers else None,
        "lots median": median_low(lots) if lots else None,
        "lots sum": sum(lots),
        "answer known": len(days),
        "answer unknown": found["total"] - len(days),
        "offers known": len(offers),
        "offers unknown": found["total"] - len(offers),
    }


def _answer(merged: dict[str, Any]) -> int | None:
    if not merged["published"] or not merged["deadline"]:
        return None
    last = datetime.fromisoformat(merged["deadline"]).astimezone(ZoneInfo("Europe/Paris")).date()
    days = (last - date.fromisoformat(merged["published"])).days
    return days if days >= 0 else None


def _each(found: Counter[str], name: str, values: Iterable[str]) -> None:
    held = set(values)
    for value in held:
        found[f"{name} {value}"] += 1
    found[f"{name} {'known' if held else 'unknown'}"] += 1


def number_of(id_: str | None, country: str | None) -> str | None:
    """The SIREN that a buyer's number states, of those of the random world."""
    known = id_ and id_[:9] in KINDS and (country in ("FR", "RE") or (country is None and len(id_) == 14))
    return id_[:9] if id_ and known else None


def _count_record(found: Counter[str], tender: Tender, record: dict[str, Any], now: datetime) -> None:
    merged, notices = record["merged"], record["notices"]
    lots = merged["lots"]
    codes = merged["cpv"] + [code for lot in lots for code in lot["cpv"]]
    guessed = [guess.code for guess in tender.cpv_predicted if guess.asserted]
    places = merged["places"] + [place for lot in lots for place in lot["places"]]
    departments = merged["departments"] + [str(d) for place in places for d in Nuts(place).departments()]
    sizes = {supplier["size"] for award in merged["awards"] for supplier in award["suppliers"]} - {None}
    winners = {"large" if size == "large" else "sme" for size in sizes}
    value = merged["value"] if merged["value"] and merged["value"]["currency"] == "EUR" else None
    _each(found, "natures", filter(None, [merged["nature"]]))
    _each(found, "procedures", filter(None, [merged["procedure"]]))
    _each(found, "divisions", [code[:2] for code in codes or guessed])
    _each(found, "places", [Department(code) for code in departments])
    _each(found, "buyer_types", filter(None, [merged["buyer"]["type"]]))
    _each(found, "winners", winners)
    _count_won(found, "", merged, departments)
    if value and winners:
        for name in ("known", *winners):
            found[f"sized values {name} {_class(float(value['amount']))}"] += 1
    if merged["nature"]:
        _each(found, f"winners of {merged['nature']}", winners)
        _count_won(found, f" of {merged['nature']}", merged, departments)
        if merged["published"]:
            found[f"months of {merged['nature']} {merged['published'][:7]}"] += 1
    _count_notices(found, notices, merged["published"])
    found[f"months {merged['published'][:7] if merged['published'] else 'unknown'}"] += 1
    _each(found, "values", [_class(float(value["amount"]))] if value else [])
    awarded = [award["value"] for award in merged["awards"] if award["value"]]
    _each(found, "award_values", ["stated" for amount in awarded if amount["currency"] == "EUR"])
    _each(found, "lots", ["stated"] if lots or merged["lot_count"] is not None else [])
    for source in {notice["source"] for notice in notices}:
        found[f"sources {source}"] += 1
    state = status(tender, now)
    found[f"states {state}"] += 1
    if not codes and guessed:
        found["estimated"] += 1
    if any(RELAUNCHED.search(notice["title"]) for notice in notices):
        found["relaunches"] += 1
    published = merged["published"] and date.fromisoformat(merged["published"])
    if state == "closed" and published and published <= now.date() - timedelta(days=180):
        found["unannounced"] += 1
    for name in FLAGS:
        found[f"clauses {name} {merged['strategic'][name] or 'unknown'}"] += 1


def _count_notices(found: Counter[str], notices: list[dict[str, Any]], published: str | None) -> None:
    """Count what the notices say of themselves: a call, and the buyers of all of them."""
    called = any(notice["kind"] in ("competition", "change") for notice in notices)
    found[f"calls {'known' if called else 'unknown'}"] += 1
    if called and published:
        found[f"months with a call {published[:7]}"] += 1
    buyers = [buyer for notice in notices for buyer in (notice["buyer"], *notice["co_buyers"])]
    _each(found, "buyers", filter(None, (" ".join(words(buyer["name"] or "")) for buyer in buyers)))
    numbers = [number for buyer in buyers if (number := number_of(buyer["id"], buyer["country"]))]
    _each(found, "buyer_ids", ["stated"] if numbers else [])
    _each(found, "buyer_categories", filter(None, map(KINDS.get, numbers)))


def _count_won(found: Counter[str], of: str, merged: dict[str, Any], departments: list[str]) -> None:
    """Count seats, who is local, and lots: a place is a département where NUTS-3 or an island names one alone."""
    sized: dict[str | None, set[str]] = {}
    seats: list[str | None] = []
    for award in merged["awards"]:
        for supplier in award["suppliers"]:
            if supplier["size"]:
                sized.setdefault(LOT_KEYS.get(award["lot"], award["lot"]), set()).add(supplier["size"])
            inside = Nuts(supplier["place"] or "").departments()
            abroad = supplier["place"] is not None and not supplier["place"].startswith("FR")
            seats.append("99" if abroad else str(inside[0]) if len(inside) == 1 else None)
        if not award["suppliers"] and (award["lot"] is None or award["value"] or award["date"]):
            seats.append(None)  # won by nobody knows whom
    if not of:
        _each(found, "seats", (seat for seat in seats if seat))
    if set(seats) & set(departments) - {"99"}:
        found[f"local{of} yes"] += 1
    elif seats and None not in seats and departments and not set(seats) & set(departments):
        found[f"local{of} no"] += 1
    else:
        found[f"local{of} unknown"] += 1
    for name, won in (("sized", [*sized]), ("sme", [lot for lot, sizes in sized.items() if sizes - {"large"}])):
        found[f"{name} lots{of} sum"] += len(won)
        found[f"{name} lots{of} tenders"] += bool(won)


def _class(amount: float) -> str:
    bounds = ((25e3, "0"), (90e3, "25000"), (250e3, "90000"), (1e6, "250000"), (5e6, "1000000"), (1e99, "5000000"))
    return next(name for bound, name in bounds if max(0.0, amount) < bound)
