"""The part of Opendatasoft's query language (ODSQL, Explore API v2.1) that clients of BOAMP use, read and evaluated.

``where``: comparisons (``= : != <> < <= > >=``), ``in (...)``, ``like``, ``is null``, ``and or not``, parentheses,
``search / suggest / startswith``, ``date_format / year / month / day``, a bare string for full text. Everything else
raises ODSQLError, as the platform answers it with 400. A comparison with null is false; `=` on a list means "contains".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from tests.standins.boamp_fields import FIELDS, Record
from tests.standins.odsql_words import like, search, suggest, words

Value = Any  # str, date, aware datetime, int, list of str, None
Read = Callable[[Record], Value]
Test = Callable[[Record], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<date>date'[^']*'|date"[^"]*")
      |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      |(?P<number>\d+(?:\.\d+)?(?![\w]))
      |(?P<name>`\w+`|[A-Za-z_]\w*)
      |(?P<sign><=|>=|!=|<>|[=<>:(),*]))""",
    re.VERBOSE,
)
_FORMATS: Final = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DATE_PARTS: Final = ("year", "month", "day")


class ODSQLError(ValueError):
    """A clause that the platform would refuse; `clause` is the parameter it stands in."""

    def __init__(self, detail: str, clause: str = "where") -> None:
        super().__init__(f"ODSQL query is malformed: {detail} Clause(s) containing the error(s): {clause}.")


def read_moment(text: str) -> datetime | None:
    """Read ``2026-05-21``, ``2026/05/21``, ``2026-05`` or a full ISO moment as an aware one (UTC where unsaid)."""
    plain = text.strip().replace("/", "-")
    if re.fullmatch(r"\d{4}", plain):
        plain += "-01"
    if re.fullmatch(r"\d{4}-\d{2}", plain):
        plain += "-01"
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Literal:
    """A literal of a clause: its kind as it was written and its value."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text

    def moment(self) -> datetime:
        """Return the literal as a moment; raises ODSQLError for what is none."""
        found = read_moment(self.text)
        if found is None:
            raise ODSQLError(f"Invalid date literal: {self.text}.")
        return found


class _Operand:
    """The left side of a comparison: how to read it from a record, and whether it is a date."""

    def __init__(self, read: Read, type_: str) -> None:
        self.read = read
        self.type = type_

    def compare(self, literal: _Literal, holds: Callable[[Any, Any], bool]) -> Test:
        """Return the test `operand holds literal`; false on null, any element of a list may hold."""
        if self.type in ("date", "datetime"):
            moment = literal.moment()
            return lambda record: (value := self.read(record)) is not None and holds(value, moment)
        if literal.kind == "date":
            raise ODSQLError("A text cannot be compared with a date literal.")
        if self.type == "number":
            if not re.fullmatch(r"\d+", literal.text):
                raise ODSQLError(f"{literal.text} is no integer.")
            number = int(literal.text)
            return lambda record: (value := self.read(record)) is not None and holds(value, number)
        text = literal.text
        return lambda record: any(holds(str(item), text) for item in _items(self.read(record)))


def _items(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _field(name: str, clause: str = "where") -> _Operand:
    field = FIELDS.get(name)
    if field is None:
        raise ODSQLError(f"Unknown field: {name}.", clause)
    if field.type == "text":
        return _Operand(lambda record: record.get(name), "text")

    def read(record: Record) -> Value:
        value = record.get(name)
        return read_moment(value) if isinstance(value, str) else None

    return _Operand(read, field.type)


_HOLDS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    ":": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class _Parser:
    """A recursive descent over one `where` clause."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0

    def parse(self) -> Test:
        """Return the test of the whole clause."""
        test = self.any_of()
        if self.at < len(self.tokens):
            raise ODSQLError(f"Unexpected {self.tokens[self.at][1]!r}.")
        return test

    def peek(self) -> tuple[str, str]:
        """Return the next token's kind and text, ("end", "") at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        """Return the next token and step over it."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *words: str) -> str | None:
        """Step over the next token if it is one of these words or signs."""
        kind, text = self.peek()
        if kind in ("name", "sign") and text.lower() in words:
            self.at += 1
            return text.lower()
        return None

    def expect(self, word: str) -> None:
        """Step over this word or sign; raises ODSQLError if another comes."""
        if not self.accept(word):
            raise ODSQLError(f"Expected {word!r}, found {self.peek()[1]!r}.")

    def any_of(self) -> Test:
        """Read ``a or b``."""
        tests = [self.all_of()]
        while self.accept("or"):
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def all_of(self) -> Test:
        """Read ``a and b``."""
        tests = [self.negated()]
        while self.accept("and"):
            tests.append(self.negated())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def negated(self) -> Test:
        """Read ``not a``, a parenthesis or a predicate."""
        if self.accept("not"):
            test = self.negated()
            return lambda record: not test(record)
        if self.accept("("):
            inner = self.any_of()
            self.expect(")")
            return inner
        return self.predicate()

    def predicate(self) -> Test:
        """Read a full-text string, a filter function or a comparison."""
        kind, text = self.peek()
        if kind == "string":
            self.take()
            wanted = set(words(text))
            return lambda record: wanted <= {word for value in record.values() for word in words(value)}
        if kind == "name" and text.lower() in ("search", "suggest", "startswith"):
            return self.function(self.take()[1].lower())
        return self.comparison(self.operand())

    def function(self, name: str) -> Test:
        """Read ``search(field, ..., "words")``, ``suggest(...)`` or ``startswith(...)``."""
        self.expect("(")
        fields: list[str] = []
        while self.peek()[0] != "string":
            kind, text = self.take()
            if text == "*":
                fields += FIELDS
            elif kind == "name":
                _field(text)
                fields.append(text)
            else:
                raise ODSQLError(f"{name}() wants fields and a string.")
            self.expect(",")
        text = self.take()[1]
        self.expect(")")
        fields = fields or list(FIELDS)
        if name == "startswith":
            return lambda record: any(str(i).startswith(text) for f in fields for i in _items(record.get(f)))
        holds = search if name == "search" else suggest
        return lambda record: holds([word for field in fields for word in words(record.get(field))], words(text))

    def operand(self) -> _Operand:
        """Read a field or a function of one."""
        kind, text = self.take()
        if kind != "name":
            raise ODSQLError(f"Unexpected {text!r}." if text else "Unexpected end of the clause.")
        name = text.lower()
        if self.peek()[1] != "(" or text.startswith("`"):
            return _field(text.strip("`"))
        self.expect("(")
        if name not in (*_DATE_PARTS, "date_format", "lower", "upper"):
            raise ODSQLError(f"Unknown function: {text}.")
        inner = _field(self.take()[1])
        if name in ("lower", "upper"):
            self.expect(")")
            return _Operand(lambda record: [getattr(str(i), name)() for i in _items(inner.read(record))], "text")
        if inner.type == "text":
            raise ODSQLError(f"{name}() wants a date.")
        if name == "date_format":
            self.expect(",")
            pattern = _pattern(self.take()[1])
            self.expect(")")
            return _Operand(lambda record: (v := inner.read(record)) and v.strftime(pattern), "text")
        self.expect(")")
        return _Operand(lambda record: (v := inner.read(record)) and getattr(v, name), "number")

    def literal(self) -> _Literal:
        """Read a string, a number or a date literal."""
        kind, text = self.take()
        if kind not in ("string", "number", "date"):
            raise ODSQLError(f"Expected a literal, found {text!r}." if text else "Unexpected end of the clause.")
        return _Literal(kind, text)

    def comparison(self, operand: _Operand) -> Test:
        """Read what follows an operand: a sign and a literal, ``in``, ``like``, ``is null``."""
        if self.accept("is"):
            unwanted = bool(self.accept("not"))
            self.expect("null")
            return lambda record: (not _items(operand.read(record))) != unwanted
        negative = bool(self.accept("not"))
        if self.accept("like"):
            pattern = self.literal().text
            test: Test = lambda record: like(words(operand.read(record)), pattern)  # noqa: E731
        elif self.accept("in"):
            self.expect("(")
            tests = [operand.compare(self.literal(), _HOLDS["="])]
            while self.accept(","):
                tests.append(operand.compare(self.literal(), _HOLDS["="]))
            self.expect(")")
            test = lambda record: any(one(record) for one in tests)  # noqa: E731
        elif negative:
            raise ODSQLError(f"Unexpected {self.peek()[1]!r} after not.")
        else:
            return self.signed(operand)
        return (lambda record: not test(record)) if negative else test

    def signed(self, operand: _Operand) -> Test:
        """Read ``>= literal``."""
        kind, sign = self.take()
        if kind != "sign" or sign not in (*_HOLDS, "!=", "<>"):
            raise ODSQLError(f"Expected a comparison, found {sign!r}." if sign else "Unexpected end of the clause.")
        literal = self.literal()
        if sign in _HOLDS:
            return operand.compare(literal, _HOLDS[sign])
        equal = operand.compare(literal, _HOLDS["="])
        return lambda record: bool(_items(operand.read(record))) and not equal(record)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            raise ODSQLError(f"Unexpected character at {at}: {text[at:].strip()[:10]!r}.")
        kind, value = str(found.lastgroup), found[str(found.lastgroup)]
        if kind == "string":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        tokens.append((kind, value[5:-1] if kind == "date" else value))
        at = found.end()
    return tokens


def _pattern(text: str) -> str:
    return re.sub("|".join(_FORMATS), lambda found: _FORMATS[found[0]], text)


def read_where(clauses: Iterable[str]) -> Test:
    """Return the test of one or several `where` clauses, which hold together; raises ODSQLError."""
    tests = [_Parser(clause).parse() for clause in clauses if clause.strip()]
    return lambda record: all(test(record) for test in tests)


def order(records: list[Record], clause: str) -> list[Record]:
    """Return the records sorted by ``field [asc|desc], ...``: nulls last either way; raises ODSQLError."""
    for part in reversed([part.split() for part in clause.split(",") if part.strip()]):
        name, way = part[0], (part[1].lower() if len(part) == 2 else "asc")
        if len(part) > 2 or way not in ("asc", "desc"):
            raise ODSQLError(f"Unexpected {' '.join(part)!r}.", "order_by")
        read = _field(name.strip("`"), "order_by").read
        known = [record for record in records if _items(read(record))]
        known.sort(key=lambda record: _key(read(record)), reverse=way == "desc")
        records = known + [record for record in records if not _items(read(record))]
    return records


def _key(value: Value) -> Any:
    return value if isinstance(value, date) else ",".join(map(str, _items(value)))


def read_select(clause: str) -> Callable[[Record], Record]:
    """Return what keeps the selected fields (``*``, names, ``name as label``); raises ODSQLError."""
    if clause.strip() in ("", "*"):
        return dict
    chosen: dict[str, str] = {}
    for part in clause.split(","):
        found = re.fullmatch(r"\s*`?(\*|\w+)`?(?:\s+as\s+`?(\w+)`?)?\s*", part, re.IGNORECASE)
        if not found:
            raise ODSQLError(f"Unexpected {part.strip()!r}.", "select")
        if found[1] == "*":
            chosen |= {name: name for name in FIELDS}
        else:
            _field(found[1], "select")
            chosen[found[2] or found[1]] = found[1]
    return lambda record: {label: record.get(name) for label, name in chosen.items()}
