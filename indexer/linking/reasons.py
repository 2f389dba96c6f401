"""Why a notice stands in a tender, in plain words, French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from indexer.linking.pairs import VETOES, Link, Rule
from tenders.model import Notice
from tenders.vocabulary import spoken

_LONGEST: Final = 500  # characters of evidence kept
_RULES: Final = {
    Rule.FIRST: ("premier avis vu de cette procédure", "first notice seen of this procedure"),
    Rule.PERSON: ("réuni à {with} par une personne : {reason}", "put with {with} by a person: {reason}"),
    Rule.DECLARED: ("partage avec {with} l’identifiant déclaré {id}", "shares the declared id {id} with {with}"),
    Rule.REFERENCE: (
        "même acheteur et même référence {reference} que {with}",
        "same buyer and reference {reference} as {with}",
    ),
    Rule.TITLE: ("même acheteur et même titre que {with}", "same buyer and same title as {with}"),
    Rule.TYPO: (
        "même acheteur et même titre que {with}, à une faute près",
        "same buyer and same title as {with}, but for a slip",
    ),
    Rule.EXTRA: (
        "même acheteur que {with} et même titre, avec des mots de plus",
        "same buyer as {with} and the same title with words more",
    ),
    Rule.SUBJECT: (
        "seule consultation ouverte de l’acheteur sur les mêmes sujets ({subjects}) : {with}",
        "the buyer’s only open call on the same subjects ({subjects}): {with}",
    ),
    Rule.PLATFORM: (
        "même consultation que {with} sur une autre plateforme",
        "the same call as {with} on another platform",
    ),
    Rule.ELSEWHERE: (
        "même titre et même échéance que {with} d’un autre acheteur",
        "same title and end as {with} of another buyer",
    ),
}
_NAMES: Final = ("se réfère à l’avis {with}", "refers to the notice {with}")  # the id they share is that notice's own
_MORE: Final = (
    ("days", "{days} jours après", "{days} days after"),
    ("end", "même échéance {end}", "same end {end}"),
    ("differs", "différence : {differs}", "difference: {differs}"),
    ("open", "paru avant sa clôture", "published before it had closed"),
)
_VETOES: Final = {
    "numbers": ("un numéro, un lot ou une année diffère", "a number, a lot or a year differs"),
    "opposites": ("un mot qui exclut ou oppose diffère", "a word that excludes or opposes differs"),
    "services": ("la mission n’est pas la même", "the kind of service differs"),
    "relaunch": ("l’un est une relance", "one of them is a relaunch"),
}


def write_evidence(link: Link | None, notices: Mapping[int, Notice]) -> tuple[str, str]:
    """Return the rule and the evidence to be stored of the link by which a notice stands, None for the first of all."""
    if link is None:
        return Rule.FIRST.value, ""
    pair = {"notice": notices[link.notice].key, "with": notices[link.other].key}
    evidence = orjson.dumps({**pair, **link.saw}).decode()
    return link.rule.value, evidence if len(evidence) <= _LONGEST else ""


def explain(rule: str, evidence: str, language: str) -> str:
    """Say why a notice stands where it stands; `evidence` is as it was stored."""
    saw: dict[str, Any] = orjson.loads(evidence) if evidence.startswith("{") else {}
    which = 0 if spoken(language) == "fr" else 1
    known = {"with": "?", "id": "?", "reference": "?", "subjects": "?", "reason": "?", **saw}
    names = known["id"] == known["with"] and rule == Rule.DECLARED.value
    said = [(_NAMES if names else _RULES[Rule(rule)])[which].format_map(known)]
    said += [texts[which].format_map(saw) for name, *texts in _MORE if name in saw]
    return ", ".join(said)


def explain_difference(differs: str, language: str) -> str:
    """Say what keeps two titles apart, as `titles.compare` found it."""
    which = 0 if spoken(language) == "fr" else 1
    for name in VETOES:
        if differs.startswith(name):
            seen = differs.partition(": ")[2]
            return f"{_VETOES[name][which]} ({seen})" if seen else _VETOES[name][which]
    return f"{('les titres diffèrent', 'the titles differ')[which]} ({differs})"
