"""The French catalogue: all that the tree says and nothing else, translated, with the same places to fill in."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message

from infra import catalogues
from tenders.translations import translator

HELD = [message for message in catalogues.read() if message.id]
_PLACE = re.compile(r"%\((\w+)\)[sd]|%%")
_SPACED = re.compile(r"(?<![\u00a0\u202f])([:;?!»%]|(?<=[^\w(])»)|«(?![\u00a0\u202f])")
_NOT_PROSE = re.compile(r"https?://\S*|%\(\w+\)[sd]|\d\d:\d\d|^[;:]\s?$")


def both(message: Message) -> tuple[list[str], list[str]]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    return ids, strings


def test_the_catalogue_holds_what_the_tree_says() -> None:
    said = {message.id for message in catalogues.extract() if message.id}
    held = {message.id for message in HELD}
    assert said - held == set(), "run `make catalogues`, then write the French"
    assert held - said == set(), "run `make catalogues`: nobody says these any more"


@pytest.mark.parametrize("message", HELD, ids=lambda m: str(m.id)[:40])
def test_each_message_has_its_french(message: Message) -> None:
    ids, strings = both(message)
    assert all(strings) and not message.fuzzy
    places = {tuple(sorted(_PLACE.findall(text))) for text in (*ids, *strings)}
    assert len(places) == 1, "the same places on both sides"


@pytest.mark.parametrize("message", HELD, ids=lambda m: str(m.id)[:40])
def test_french_has_its_spaces_and_its_apostrophe(message: Message) -> None:
    for text in both(message)[1]:
        prose = _NOT_PROSE.sub("", text)
        assert not _SPACED.search(prose), f"a no-break space is missing: {text!r}"
        assert "'" not in prose


def test_each_language_says_its_own_and_counts_as_it_does() -> None:
    assert (translator("fr").gettext("Search"), translator("en").gettext("Search")) == ("Rechercher", "Search")
    for count, french, english in ((0, "marché", "tenders"), (1, "marché", "tender"), (2, "marchés", "tenders")):
        assert translator("fr").ngettext("tender", "tenders", count) == french
        assert translator("en").ngettext("tender", "tenders", count) == english
