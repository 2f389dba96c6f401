"""A Query said back in plain words, French or English: what a page, a mail and a confirmation repeat to the person.

Of what a person typed only letters, digits and single marks inside words come back: no address, no markup and no line
break can be smuggled into somebody else's mail through a search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from tenders import vocabulary as words_of
from tenders.bodies import name_epci
from tenders.codes import Cpv, Nuts
from tenders.phrasing import day, euros
from tenders.query import FLAGS, Query, Within
from tenders.query_text import Either, Every, Node, Not, Phrase, Prefix
from tenders.vocabulary import cpv_name, department_name, nuts_name, source_name, spoken

_WORD: Final = re.compile(r"[^\W_](?:[^\W_\u0300-\u036f]|[\u0300-\u036f]|['’\-\u2010\u2011](?=[^\W_]))*")
_TITLE_LIMIT: Final = 90  # characters of a title's words
_HINT_LIMIT: Final = 60  # characters typed by a stranger
# A web or mail address; digits that are read as one number, whatever parts them.
_MESSAGE: Final = re.compile(
    r"\S*(?:://|@|www[.。．｡]|[^\W_][.。．｡][^\W\d_]{2})\S*|\d(?:[\s.,/()\-\u2010-\u2015]{0,3}\d){4,}", re.IGNORECASE
)
_PLACES: Final = 2  # places that a title names
_TEXTS: Final = {
    "fr": {
        "or": "ou",
        "and": "et",
        "without": "sans",
        "nor": "ni",
        "all": "tous les marchés",
        "some": "marchés {}",
        "others": "marchés\u00a0: {}",
        "estimated": "publié ou estimé",
        "buyer": "acheteur",
        "buyer_type": "acheteur de type",
        "buyer_category": "acheteur, selon son SIREN\u00a0:",
        "epci": "achetés par {} ou l’une de ses communes",
        "winner_dept": "siège d’un titulaire\u00a0:",
        "source": "publiés sur",
        "kind": "avis de type",
        "published_after": "publiés depuis le {}",
        "published_before": "publiés jusqu’au {}",
        "published_between": "publiés du {} au {}",
        "published_on": "publiés le {}",
        "deadline_after": "date limite à partir du {}",
        "deadline_before": "date limite jusqu’au {}",
        "deadline_between": "date limite du {} au {}",
        "deadline_on": "date limite le {}",
        "within": "date limite d’ici {}",
        "between": "de {} à {}",
        "at_least": "au moins {}",
        "at_most": "jusqu’à {}",
        "unknown_kept": "ou montant non publié",
        "unknown_dropped": "montant publié",
        "known": "information connue\u00a0:",
        "unknown": "information manquante\u00a0:",
        "lang": "mots cherchés",
        "in": "en {}",
        "more": "et {} autres",
    },
    "en": {
        "or": "or",
        "and": "and",
        "without": "without",
        "nor": "or",
        "all": "all tenders",
        "some": "{} tenders",
        "others": "tenders: {}",
        "estimated": "published or estimated",
        "buyer": "buyer",
        "buyer_type": "buyer of type",
        "buyer_category": "buyer, by its SIREN:",
        "epci": "bought by {} or one of its communes",
        "winner_dept": "seat of a winner:",
        "source": "published on",
        "kind": "notices of type",
        "published_after": "published since {}",
        "published_before": "published up to {}",
        "published_between": "published from {} to {}",
        "published_on": "published on {}",
        "deadline_after": "deadline from {}",
        "deadline_before": "deadline up to {}",
        "deadline_between": "deadline from {} to {}",
        "deadline_on": "deadline on {}",
        "within": "deadline within {}",
        "between": "from {} to {}",
        "at_least": "at least {}",
        "at_most": "up to {}",
        "unknown_kept": "or value not published",
        "unknown_dropped": "value published",
        "known": "known:",
        "unknown": "not known:",
        "lang": "words tried",
        "in": "in {}",
        "more": "and {} more",
    },
}

_SPANS: Final = {
    "fr": {"d": ("1\u00a0jour", "{}\u00a0jours"), "h": ("1\u00a0heure", "{}\u00a0heures")},
    "en": {"d": ("1\u00a0day", "{}\u00a0days"), "h": ("1\u00a0hour", "{}\u00a0hours")},
}


def plain(text: str) -> str:
    """Return only the words of a text: letters and digits, with hyphens and apostrophes inside."""
    return " ".join(_WORD.findall(text))


def quote(text: str, language: str) -> str:
    """Put a text in the quotation marks of a language."""
    return f"“{text}”" if spoken(language) == "en" else f"«\u00a0{text}\u00a0»"


def describe(query: Query, language: str) -> str:
    """Say the whole Query, ``« toiture » ou « couverture » ; CPV 45261 ... ; Côte-d’Or ; ouverts``.

    Parts that must all hold are parted by semicolons, alternatives by "ou". Order, size and page are not said.
    """
    language = spoken(language)
    mark = "; " if language == "en" else "\u00a0; "
    if query.status and query == Query(status=query.status):
        return _state(query, language)
    return mark.join(_parts(query, language)) or _TEXTS[language]["all"]


def hint(query: Query, language: str) -> str:
    """Say a Query to somebody who may not have asked for it, as :func:`describe` does where that can carry no message.

    Else of its words and buyers some 60 characters come back, without web addresses and numbers of 5 digits or more.
    """
    typed = " ".join((query.q, *query.buyer))
    if len(typed) <= _HINT_LIMIT and not _MESSAGE.search(typed):
        return describe(query, language)
    language = spoken(language)
    words = _cut(query.q, _HINT_LIMIT)
    buyers = _cut(", ".join(query.buyer), _HINT_LIMIT - len(words))
    said = [quote(words, language)] if words else []
    said += [f"{_TEXTS[language]['buyer']} {quote(buyers, language)}"] if buyers else []
    mark = "; " if language == "en" else "\u00a0; "
    return mark.join(said + _parts(replace(query, q="", buyer=()), language)) or "…"


def _cut(text: str, limit: int) -> str:
    """Return the words of a text up to a length, cut between two."""
    kept = plain(_MESSAGE.sub(" ", text))
    return kept if len(kept) <= limit else f"{kept[:limit].rpartition(' ')[0]}…".removeprefix("…")


def topic(query: Query, language: str) -> str:
    """Say in a few words what a Query is after: its words, else its first codes, else the rest but the place."""
    language = spoken(language)
    node = query.text
    if node is not None:
        return _shorten(_say(node, language, quoted=False))
    if query.cpv or query.cpv_any:
        codes = (*query.cpv, *query.cpv_any)
        named = [Cpv.of(code).label(language) or f"CPV {code}" for code in codes]
        return _shorten(_few(named, language, 1, "or").replace("'", "’"))
    if query.buyer:
        return _shorten(_few(list(map(plain, query.buyer)), language, 1, "or"))
    if query.nature:
        return _any_of((words_of.NATURES[language].get(n, n) for n in query.nature), language)
    rest = _parts(replace(query, dept=(), nuts=(), epci=(), status=()), language)
    if query.status:
        return _shorten(", ".join((_state(query, language), *rest)))
    return _shorten(_TEXTS[language]["others"].format(", ".join(rest))) if rest else _TEXTS[language]["all"]


def say_node(node: Node, language: str) -> str:
    """Say a part of a text in a few words, for a place that puts it in quotation marks itself."""
    language = spoken(language)
    return _shorten(plain(node.text) if isinstance(node, Phrase) else _say(node, language, quoted=False))


def place(query: Query, language: str) -> str:
    """Say where a Query looks, ``Côte-d’Or et Saône-et-Loire``; "" for anywhere."""
    language = spoken(language)
    names = [department_name(code) for code in query.dept]
    names += map(name_epci, query.epci)
    names += [(Nuts(code).label(language) or code).replace("'", "’") for code in query.nuts]
    return _few(names, language, _PLACES, "and")


def short_title(query: Query, language: str) -> str:
    """Say topic and place, for a subject or a page's title: ``toiture ou couverture, Côte-d’Or``."""
    return ", ".join(filter(None, (topic(query, language), place(query, language))))


def _shorten(text: str) -> str:
    return text if len(text) <= _TITLE_LIMIT else text[: _TITLE_LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _few(names: list[str], language: str, most: int, word: str) -> str:
    """Name all, but of those that are too many by more than one only the first."""
    texts = _TEXTS[language]
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} {texts['more'].format(len(names) - most)}"
    *first, last = names or [""]
    return f" {texts[word]} ".join(filter(None, (", ".join(first), last)))


def _state(query: Query, language: str) -> str:
    said = _any_of((words_of.STATUSES[language].get(code, code) for code in query.status), language)
    return _TEXTS[language]["some"].format(said)


def _any_of(names: Iterable[str], language: str) -> str:
    return f" {_TEXTS[language]['or']} ".join(names)


def _parts(query: Query, language: str) -> list[str]:
    texts = _TEXTS[language]
    node = query.text
    parts = [_say(node, language)] if node is not None else []
    parts += _code_parts(query, language)
    parts += _day_parts(query, language)
    parts += _value_parts(query, language)
    for name in FLAGS:
        wanted = getattr(query, name)
        if wanted is not None:
            parts.append(words_of.FLAGS[language][name][0 if wanted else 1])
    if query.local is not None:
        parts.append(words_of.LOCAL[language][0 if query.local else 1])
    if query.relaunch is not None:
        parts.append(words_of.RELAUNCHES[language][0 if query.relaunch else 1])
    for name in ("known", "unknown"):
        asked = getattr(query, name)
        if asked:
            parts.append(f"{texts[name]} {_any_of((words_of.STATED[language][code] for code in asked), language)}")
    if query.lang:
        names = (texts["in"].format(words_of.LANGUAGES[language].get(code, code)) for code in query.lang)
        parts.append(f"{texts['lang']} {_any_of(names, language)}")
    return parts


def _code_parts(query: Query, language: str) -> list[str]:
    texts = _TEXTS[language]

    def say(values: Iterable[str], name: Callable[[str], str], before: str = "", after: str = "") -> list[str]:
        said = _any_of(map(name, values), language)
        return [" ".join(filter(None, (before, said))) + after] if said else []

    def words(table: str) -> Callable[[str], str]:
        known = getattr(words_of, table)[language]
        return lambda code: known.get(code, code)

    def buyer(name: str) -> str:
        return quote(plain(name), language)

    return [
        *say(query.cpv, lambda code: f"CPV\u00a0{cpv_name(code, language)}"),
        *say(query.cpv_any, lambda code: f"CPV\u00a0{cpv_name(code, language)}", after=f" ({texts['estimated']})"),
        *say(query.dept, department_name),
        *say(query.nuts, lambda code: nuts_name(code, language)),
        *say(query.epci, lambda siren: texts["epci"].format(name_epci(siren))),
        *say(query.buyer, buyer, texts["buyer"]),
        *say(query.buyer_type, words("BUYER_TYPES"), texts["buyer_type"]),
        *say(query.buyer_category, words("BUYER_CATEGORIES"), texts["buyer_category"]),
        *say(query.nature, words("NATURES")),
        *say(query.procedure, words("PROCEDURES")),
        *say(query.status, words("STATUSES")),
        *say(query.source, source_name, texts["source"]),
        *say(query.kind, words("KINDS"), texts["kind"]),
        *say(query.winner, words("WINNERS")),
        *say(query.winner_dept, department_name, texts["winner_dept"]),
    ]


def _day_parts(query: Query, language: str) -> list[str]:
    texts = _TEXTS[language]
    parts = []
    for name in ("published", "deadline"):
        first, last = getattr(query, f"{name}_after"), getattr(query, f"{name}_before")
        said = [day(value, language) for value in (first, last) if value is not None]
        if len(said) == 2:
            parts.append(texts[f"{name}_on" if first == last else f"{name}_between"].format(*said))
        elif said:
            parts.append(texts[f"{name}_before" if first is None else f"{name}_after"].format(*said))
    if query.deadline_within:
        parts.append(texts["within"].format(span(query.deadline_within, language)))
    return parts


def span(within: Within, language: str) -> str:
    """Say a span: ``7 jours``, ``1 hour``."""
    one, many = _SPANS[spoken(language)][within.unit]
    return one if within.count == 1 else many.format(within.count)


def _value_parts(query: Query, language: str) -> list[str]:
    texts = _TEXTS[language]
    low, high = query.value_min, query.value_max
    if low is None and high is None:
        return [texts["unknown_dropped"]] if query.value_unknown == "drop" else []
    if low is not None and high is not None:
        said = euros(low, language)
        if low != high:
            said = texts["between"].format(said, euros(high, language))
    elif low is not None:
        said = texts["at_least"].format(euros(low, language))
    else:
        assert high is not None
        said = texts["at_most"].format(euros(high, language))
    return [said if query.value_unknown == "drop" else f"{said} {texts['unknown_kept']}"]


def _say(node: Node, language: str, *, quoted: bool = True, inside: bool = False) -> str:
    """Say a tree of words; `inside` another operator, a part of several words gets parentheses."""
    texts = _TEXTS[language]

    def part(child: Node) -> str:
        return _say(child, language, quoted=quoted, inside=True)

    if isinstance(node, Not):
        said = _say_without([node], part, texts)
        return f"({said})" if inside else said
    if isinstance(node, Either):
        said = _any_of(map(part, node.parts), language)
        return f"({said})" if inside else said
    if isinstance(node, Every):
        wanted = [child for child in node.parts if not isinstance(child, Not)]
        unwanted = [child for child in node.parts if isinstance(child, Not)]
        alone = len(wanted) == 1
        said = f" {texts['and']} ".join(_say(child, language, quoted=quoted, inside=not alone) for child in wanted)
        said = ", ".join(filter(None, (said, _say_without(unwanted, part, texts) if unwanted else "")))
        return f"({said})" if inside else said
    text = plain(node.text) + ("…" if isinstance(node, Prefix) else "")
    return quote(text, language) if quoted or " " in text else text


def _say_without(unwanted: Iterable[Not], part: Callable[[Node], str], texts: Mapping[str, str]) -> str:
    """Say what must not stand: not this and not that is without this or that."""
    each = (one.part.parts if isinstance(one.part, Either) else (one.part,) for one in unwanted)
    return f"{texts['without']} " + f" {texts['nor']} ".join(map(part, chain.from_iterable(each)))
