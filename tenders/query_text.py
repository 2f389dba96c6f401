"""The text a person types into the search box, as a small tree.

``toiture OU couverture école -amiante`` means (toiture or couverture) and école and not amiante: as in web search
engines *or* binds tighter than *and*. Operators are words in capitals (OU OR, ET AND, SAUF NOT), ``|``, and a dash
that stands at the start, after a space or ``(``, and touches what it negates. Length, nesting and number of terms are
capped here, before anything reaches an engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tenders.errors import BadQuery

MAX_LENGTH = 500  # characters
MAX_NESTING = 20  # parentheses, and negations of negations
MAX_TERMS = 64  # words, phrases and prefixes


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed; the analyser may find several tokens in it (``gros-œuvre``), which then are a phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow one another within one value."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word: ``électr*``."""

    text: str


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node = Word | Phrase | Prefix | Every | Either | Not

# A word is letters and digits of any script, with single hyphens and apostrophes inside: l'eau, gros-œuvre, 2021-045.
_LETTER = r"[^\W_]"
_LETTERS = rf"(?:{_LETTER}[\u0300-\u036f]*)+"
_TOKEN = re.compile(
    rf"""
    (?P<quote>"(?P<phrase>[^"]*)(?P<close>"?))
  | (?P<open>\()
  | (?P<shut>\))
  | (?P<or>\|)
  | (?P<dash>(?:(?<=[\s(])|^)[-\u2010\u2011\u2012\u2013\u2212](?=["(]|{_LETTER}))
  | (?P<word>{_LETTERS}(?:['’\-\u2010\u2011]{_LETTERS})*)(?P<star>\*(?!{_LETTER}))?
    """,
    re.VERBOSE,
)
_WORD = re.compile(rf"{_LETTER}")
OPERATORS = {"OU": "or", "OR": "or", "ET": "and", "AND": "and", "SAUF": "not", "NOT": "not"}
_CURLY = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word, prefix, phrase, open, shut, or, and, not
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            at += 1
            continue
        at = found.end()
        start = found.start()
        if found["quote"] is not None:
            if not found["close"]:
                raise BadQuery(f'the quote opened at character {start + 1} is never closed: add a closing "', at=start)
            yield _Token("phrase", found["phrase"], start)
        elif found["word"] is not None:
            word = found["word"]
            if word in OPERATORS and not found["star"]:
                yield _Token(OPERATORS[word], word, start)
            else:
                yield _Token("prefix" if found["star"] else "word", word, start)
        elif found["dash"]:
            yield _Token("not", "-", start)
        else:
            yield _Token("open" if found["open"] else "shut" if found["shut"] else "or", found[0], start)


class _Reader:
    """Recursive descent over the tokens; depth is capped, so the recursion is too."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.end = len(text)
        self.place = 0
        self.depth = 0
        terms = sum(token.kind in ("word", "prefix", "phrase") for token in self.tokens)
        if terms > MAX_TERMS:
            raise BadQuery(f"the text has {terms} terms, the limit is {MAX_TERMS}: keep the ones that matter most")

    def peek(self) -> str | None:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else None

    def take(self) -> _Token:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def read_all(self) -> Node | None:
        node = self.read_every()
        if self.peek() == "shut":
            at = self.tokens[self.place].at
            raise BadQuery(f"the parenthesis closed at character {at + 1} was never opened: remove it", at=at)
        return node

    def read_every(self) -> Node | None:
        parts: list[Node] = []
        operator: _Token | None = None
        first = True
        while self.peek() not in (None, "shut"):
            if self.peek() == "and":
                if operator or first:
                    raise _no_operand(self.take())
                operator = self.take()
                continue
            part = self.read_either()
            if part is not None:
                parts.append(part)
            elif operator:
                raise _no_operand(operator)
            operator = None
            first = False
        if operator:
            raise _no_operand(operator)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def read_either(self) -> Node | None:
        if self.peek() == "or":
            raise _no_operand(self.take())
        first = self.read_part()
        parts = [first]
        while self.peek() == "or":
            operator = self.take()
            if self.peek() in (None, "shut", "or", "and"):
                raise _no_operand(operator)
            part = self.read_part()
            if part is None or first is None:
                raise _no_operand(operator)
            parts.append(part)
        if len(parts) == 1:
            return first
        return Either(tuple(part for part in parts if part is not None))

    def read_part(self) -> Node | None:
        token = self.take()
        if token.kind == "word":
            return Word(token.text)
        if token.kind == "prefix":
            return Prefix(token.text)
        if token.kind == "phrase":
            return Phrase(token.text.strip()) if _WORD.search(token.text) else None
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise BadQuery(f"parentheses are nested more than {MAX_NESTING} deep: simplify the text", at=token.at)
        node = self.read_negated(token) if token.kind == "not" else self.read_group(token)
        self.depth -= 1
        return node

    def read_negated(self, sign: _Token) -> Node:
        if self.peek() in (None, "shut", "or", "and"):
            raise _no_operand(sign)
        part = self.read_part()
        if part is None:
            raise _no_operand(sign)
        return Not(part)

    def read_group(self, opened: _Token) -> Node | None:
        node = self.read_every()
        if self.peek() != "shut":
            raise BadQuery(
                f"the parenthesis opened at character {opened.at + 1} is never closed: add a closing )", at=opened.at
            )
        self.take()
        return node


def _no_operand(operator: _Token) -> BadQuery:
    return BadQuery(
        f"the operator {operator.text} at character {operator.at + 1} lacks a word beside it: complete or remove it, "
        "or write it in small letters to search for the word itself",
        at=operator.at,
    )


@lru_cache(maxsize=4096)
def parse_text(text: str) -> Node | None:
    """Parse the text of a query; None is the empty text, which every tender satisfies.

    Raises BadQuery, which shows where, for an unclosed quote or parenthesis, an operator without operand, and a text
    past the caps.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"the text has {len(text)} characters, the limit is {MAX_LENGTH}: shorten it")
    return _Reader(text.translate(_CURLY)).read_all()


def reads(text: str) -> bool:
    """Whether a text can be searched, and says something."""
    try:
        return parse_text(text) is not None
    except BadQuery:
        return False
