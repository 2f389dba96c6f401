"""Why notices stand together, and why others do not: what was found, in plain words."""

from __future__ import annotations

from typing import Final

import orjson
from sqlalchemy import Connection

from indexer.linking.deciding import notices_of
from indexer.linking.facts import Facts, read_facts
from indexer.linking.pairs import are_apart, near_buyer, same_buyer
from indexer.linking.reasons import explain, explain_difference
from indexer.linking.rules import find_links
from indexer.linking.titles import Likeness, compare
from tenders.errors import BadQuery
from tenders.store.decisions import Act, load_decisions
from tenders.store.links import PossibleLink, find_notices, past_of, possible_links
from tenders.store.notices import load_notices
from tenders.store.tenders import find_tender, load_merges
from tenders.vocabulary import spoken

_SAID: Final = {
    "one": ("ces avis sont déjà réunis", "these notices are one tender already"),
    "person": ("une personne les tient séparés : {reason}", "a person keeps them apart: {reason}"),
    "procedures": ("ils déclarent deux procédures différentes", "they declare two procedures"),
    "buyer": ("les acheteurs ne sont pas les mêmes : {one} / {other}", "the buyers are not the same: {one} / {other}"),
    "possible": ("rapprochement possible, trop faible pour réunir : {why}", "possible, too weak to merge by: {why}"),
    "better": (
        "la règle les réunirait ({why}), mais une autre consultation convient mieux",
        "the rule would put them together ({why}), but another call fits better",
    ),
    "dates": (
        "même titre, mais les dates ou l’échéance désignent une autre consultation ({one} / {other})",
        "the same title, but their dates or ends point to another call ({one} / {other})",
    ),
    "rules": ("aucune règle ne les réunit : {differs}", "no rule puts them together: {differs}"),
}


def _say(name: str, language: str, **seen: str) -> str:
    return _SAID[name][0 if spoken(language) == "fr" else 1].format(**seen)


def describe(link: PossibleLink, language: str) -> dict[str, str]:
    """Write a possible link as JSON values, with why the two may be one in plain words."""
    why = explain(link.rule, _evidence(link), language)
    return {
        "notice": link.notice,
        "other": link.other,
        "tenders": f"{link.tender} {link.other_tender}",
        "rule": link.rule,
        "why": why,
    }


def _evidence(link: PossibleLink) -> str:
    return orjson.dumps({"with": link.other, **orjson.loads(link.saw)}).decode()


def why_merged(connection: Connection, tender: str, language: str) -> list[dict[str, str]]:
    """Say why each notice of a tender stands there; then those that stood there once, and those that may belong to it.

    Each has its notice, state (merged, moved, possible), rule, why and at. Raises BadQuery for an id that is none.
    """
    notices_of(connection, tender)
    standing = find_tender(connection, tender) or tender
    told = [("merged", r.key, r.rule, r.evidence, r.merged_at) for r in load_merges(connection, standing)]
    told += [("moved", r.key, r.rule, r.evidence, r.until) for r in past_of(connection, standing)]
    told += [("possible", p.notice, p.rule, _evidence(p), p.found_at) for p in possible_links(connection, standing)]
    return [
        {"notice": key, "state": state, "rule": rule, "why": explain(rule, evidence, language), "at": at.isoformat()}
        for state, key, rule, evidence, at in told
    ]


def why_not(connection: Connection, one: str, other: str, language: str) -> list[str]:
    """Say what keeps two tenders, or two notices, apart; raises BadQuery for a name that is none."""
    mine, theirs = _facts(connection, one), _facts(connection, other)
    if mine.keys() & theirs.keys():
        return [_say("one", language)]
    said = [
        _say("person", language, reason=d.reason)
        for d in load_decisions(connection, list(mine))
        if d.act is Act.SPLIT and {d.one, d.other} & theirs.keys()
    ]
    # The pair that comes nearest to being one says most.
    pairs = [(a, b) if a.place > b.place else (b, a) for a in mine.values() for b in theirs.values()]
    told = [_between(later, earlier, language) for later, earlier in pairs]
    _, nearest = min(told, key=lambda pair: pair[0])
    return list(dict.fromkeys([*said, nearest]))


def _between(later: Facts, earlier: Facts, language: str) -> tuple[int, str]:
    """Return what keeps two notices apart, and its rank: the lower, the nearer they are to being one."""
    like, differs = compare(later.title, earlier.title)
    for link in find_links(2, later, [(1, earlier)]):
        evidence = orjson.dumps({"with": earlier.key, **link.saw}).decode()
        return 0, _say("better" if link.sure else "possible", language, why=explain(link.rule, evidence, language))
    if are_apart(later, earlier):
        return 1, _say("procedures", language)
    if not same_buyer(later, earlier) and not near_buyer(later, earlier):
        return 4, _say("buyer", language, one=earlier.buyer or "-", other=later.buyer or "-")
    if like is not Likeness.OTHER:
        return 2, _say("dates", language, one=_dates(earlier), other=_dates(later))
    return 3, _say("rules", language, differs=explain_difference(differs, language))


def _dates(facts: Facts) -> str:
    return f"{facts.day or '?'} - {facts.ends or '?'}"


def _facts(connection: Connection, name: str) -> dict[str, Facts]:
    keys = [name] if ":" in name else notices_of(connection, name)
    known = find_notices(connection, keys)
    if not known:
        raise BadQuery(f"there is no notice {name}: it is named by its source and id, as boamp:26-1", name="notice")
    return {n.key: read_facts(n) for n in load_notices(connection, known.values()).values()}
