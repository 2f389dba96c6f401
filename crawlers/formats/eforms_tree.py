"""One neutral tree of a UBL notice, made from its XML or from the JSON that BOAMP makes of it.

Names are local names (``cbc:ID`` -> ``ID``): BOAMP's prefixes, and the national namespaces some senders use, vary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crawlers.formats.text import clean_line
from crawlers.formats.untrusted_xml import parse_xml
from tenders.errors import Refused

LARGEST_BODY: Final = 30_000_000  # bytes; the largest notice of the SDK (100 lots) has 1.7 million
DEEPEST: Final = 64  # levels; the deepest real notices have 22
EXTENSION: Final = ("UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension")
_MASKED: Final = "unpublished"  # what eForms writes where a text is withheld from publication


@dataclass(frozen=True, slots=True)
class Node:
    """An element: local name, own text, attributes, children in order. The empty name stands for "not there"."""

    name: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Node, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name)

    def every(self, *path: str) -> list[Node]:
        """Return all elements at a path of local names, in the order of the document."""
        nodes = [self]
        for name in path:
            nodes = [child for node in nodes for child in node.children if child.name == name]
        return nodes

    def first(self, *path: str) -> Node:
        """Return the first element at a path, or the empty node."""
        nodes = self.every(*path)
        return nodes[0] if nodes else NOTHING

    def value(self, *path: str) -> str | None:
        """Return the text of the first element at a path as one clean line; None if missing, empty or withheld."""
        line = clean_line(self.first(*path).text)
        return None if line == _MASKED else line

    def code(self, path: tuple[str, ...], list_name: str) -> str | None:
        """Return the first code at a path that belongs to a code list (``@listName``)."""
        return next(iter(self.codes(path, list_name)), None)

    def codes(self, path: tuple[str, ...], list_name: str) -> list[str]:
        """Return all codes at a path that belong to a code list; national tailorings are prefixed (``eforms-``)."""
        found = []
        for node in self.every(*path):
            if node.attributes.get("listName", "").removeprefix("eforms-") == list_name:
                line = node.value()
                if line:
                    found.append(line)
        return found

    @property
    def extension(self) -> Node:
        """The eForms extension of this element, or the empty node."""
        return self.first(*EXTENSION)


NOTHING: Final = Node("")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _from_element(element: Any, depth: int) -> Node:
    if depth > DEEPEST:
        raise Refused(f"nested deeper than {DEEPEST} levels")
    children = tuple([_from_element(child, depth + 1) for child in element if isinstance(child.tag, str)])
    attributes = {_local(name): value for name, value in element.attrib.items()} if element.attrib else {}
    return Node(_local(element.tag), element.text or "", attributes, children)


def from_xml(body: bytes) -> Node:
    """Parse XML that nobody trusts; raises Refused for bad XML, a DOCTYPE (entity bombs), and beyond the caps."""
    if len(body) > LARGEST_BODY:
        raise Refused(f"{len(body):,} bytes: at most {LARGEST_BODY:,} are read of one notice")
    root = parse_xml(body, "it has a DOCTYPE: no eForms notice has one, and entities are not read")
    return _from_element(root, 1)


def from_json(name: str, value: Any, depth: int = 1) -> list[Node]:
    """Read BOAMP's JSON of an element: one child an object, several a list, no attribute a plain string."""
    if depth > DEEPEST:
        raise Refused(f"nested deeper than {DEEPEST} levels")
    if isinstance(value, list):
        return [node for item in value for node in from_json(name, item, depth + 1)]
    local = name.rpartition(":")[2]
    if not isinstance(value, dict):
        return [Node(local, "" if value is None else str(value))]
    attributes = {key[1:]: str(item) for key, item in value.items() if key.startswith("@")}
    children = [
        node
        for key, item in value.items()
        if not key.startswith(("@", "#"))
        for node in from_json(key, item, depth + 1)
    ]
    text = value.get("#text")
    return [Node(local, "" if text is None else str(text), attributes, tuple(children))]
