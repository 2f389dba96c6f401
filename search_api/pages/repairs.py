"""A text that cannot be searched: what is wrong with it in words, where, and what it may have meant, each runnable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tenders.errors import BadQuery
from tenders.query_text import MAX_LENGTH, MAX_TERMS, OPERATORS, parse_text, reads
from tenders.translations import translator

_ROUNDS = 30  # faults of one text that are mended one after another
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_QUOTES = '"“”„«»'
_SIGNS = (*OPERATORS, "|", "-")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in words, and the text around the place: before, the faulty part, after."""

    said: str
    before: str
    part: str
    after: str


def explain_fault(text: str, error: BadQuery, language: str) -> Fault:
    """Say what is wrong with a text; `error` is what reading it raised."""
    _ = translator(language).gettext
    at = error.at
    if at is None or at >= len(text):
        if len(text) > MAX_LENGTH:
            said = _("This search is longer than %(most)d characters") % {"most": MAX_LENGTH}
        else:
            said = _("This search has more than %(most)d words") % {"most": MAX_TERMS}
        return Fault(said, text[:MAX_LENGTH], "", "")
    sign = text[at]
    if sign in _QUOTES:
        return Fault(_("A closing quotation mark is missing"), text[:at], text[at:], "")
    if sign == ")":
        return Fault(_("This parenthesis was never opened"), text[:at], sign, text[at + 1 :])
    if sign == "(" and "nested" not in str(error):
        return Fault(_("A closing parenthesis is missing"), text[:at], text[at:], "")
    operator = next((one for one in _SIGNS if text.startswith(one, at)), sign)
    said = _("%(operator)s lacks a word beside it") % {"operator": operator}
    if "nested" in str(error):
        said = _("There are too many parentheses within one another")
    return Fault(said, text[:at], operator, text[at + len(operator) :])


def repair(text: str) -> list[str]:
    """Return texts that can be searched and may be what was meant, the nearest first, two or more."""
    words = _WORD.findall(text[:MAX_LENGTH])[:MAX_TERMS]
    words = [word.lower() if word in OPERATORS else word for word in words]
    candidates = [_mend(text, complete=True), _mend(text, complete=False), " ".join(words), " OR ".join(words)]
    found = [one for one in dict.fromkeys(" ".join(c.split()) for c in candidates) if one != text and reads(one)]
    return found if len(found) > 1 else [*found, *(word for word in words[:2] if word not in found)]


def _mend(text: str, *, complete: bool) -> str:
    """Mend one fault after another, by completing what is begun or by taking it out."""
    for _ in range(_ROUNDS):
        try:
            parse_text(text)
        except BadQuery as error:
            if error.at is None or error.at >= len(text) or "nested" in str(error):
                return text
            text = next(_mended(text, error.at, complete))
        else:
            return text
    return text


def _mended(text: str, at: int, complete: bool) -> Iterator[str]:
    sign = text[at]
    if sign in _QUOTES and complete:
        stop = re.search(r"\s+(?:[-|(]|(?:OU|OR|ET|AND|SAUF|NOT)\b)", text[at + 1 :])
        end = at + 1 + stop.start() if stop else len(text)
        yield f'{text[:end].rstrip()}"{text[end:]}'
    if sign == "(" and complete:
        yield text + ")"
    if sign == ")" and complete:
        yield "(" + text
    operator = next((one for one in _SIGNS if text.startswith(one, at)), sign)
    word = operator.lower() if complete and operator.isalpha() else " "
    yield text[:at] + word + text[at + len(operator) :]
