"""One tantivy index in a folder: its schema, its writer, the state of its last commit, what a reader sees of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import tantivy as tv

from indexer.document import FORMAT, read_document
from indexer.fields import FIELDS, Kind
from tenders.errors import MissingIndex, StaleIndex, Unavailable
from tenders.model import Tender

_WRITER_BYTES = 128_000_000
_STATE = "tenderwatch.json"


def _make_schema() -> tv.Schema:
    build = tv.SchemaBuilder()
    for field_ in FIELDS:
        if field_.kind is Kind.TEXT:
            build.add_text_field(f"{field_.name}_stem", tokenizer_name="whitespace", index_option="position")
            build.add_text_field(f"{field_.name}_word", tokenizer_name="whitespace", index_option="freq")
        elif field_.kind is Kind.CODE:
            build.add_text_field(
                field_.name,
                stored=field_.name == "id",
                tokenizer_name="raw",
                fast=(field_.facet is not None or field_.counted) and not field_.many,
                index_option="basic",
            )
            if field_.many:
                build.add_unsigned_field(f"{field_.name}_number", fast=True)
        else:
            build.add_unsigned_field(field_.name, indexed=True, fast=True)
    return build.build()


SCHEMA = _make_schema()
_MANY = tuple(field_.name for field_ in FIELDS if field_.many)


def number_of(code: str) -> int:
    """Return the number by which a value of many is counted: counting words would resolve each of them first."""
    return int.from_bytes(blake2b(code.encode(), digest_size=8).digest()) >> 1


@dataclass(slots=True)
class Seen:
    """What a reader sees between two commits, and what it has worked out of it."""

    searcher: tv.Searcher
    remembered: dict[Any, Any] = field(default_factory=dict)


class Generation:
    """An index in a folder of its own. A second writing process is told Unavailable at once."""

    def __init__(self, folder: Path, *, new: bool = False) -> None:
        self.folder = folder
        self._writer: tv.IndexWriter | None = None
        self._lock = threading.Lock()
        self._seen: tuple[object, Seen] | None = None
        if new:
            folder.mkdir(parents=True)
        elif self._state()["format"] != FORMAT:
            raise StaleIndex(f"the index in {folder} was written in another format: run `tenders index --rebuild`")
        with self.answering():
            self._index = tv.Index(SCHEMA, str(folder))

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Tantivy's own errors end here: an index that was taken away under a reader is not ready."""
        try:
            yield
        except (ValueError, OSError) as problem:
            raise Unavailable(
                f"the index in {self.folder} cannot answer: {problem}; `tenders index --rebuild` makes it anew"
            ) from None

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = orjson.loads((self.folder / _STATE).read_bytes())
        except FileNotFoundError:
            raise MissingIndex(f"there is no index in {self.folder}: `tenders index` makes it") from None
        except ValueError:
            raise Unavailable(f"the index in {self.folder} is broken: run `tenders index --rebuild`") from None
        return state

    def mark(self) -> int:
        """The version of the last commit; 0 before the first."""
        return int(self._state()["mark"]) if (self.folder / _STATE).exists() else 0

    def _writing(self) -> tv.IndexWriter:
        if self._writer is None:
            try:
                self._index.reload()
                self._writer = self._index.writer(_WRITER_BYTES, 1)
            except ValueError as problem:
                if "lock" not in str(problem).lower():
                    raise
                raise Unavailable(f"another process writes the index in {self.folder}; wait for it") from problem
        return self._writer

    def put(self, tenders: Iterable[Tender]) -> None:
        """Add tenders, each in place of what stood under its id."""
        with self.answering():
            writer = self._writing()
            for tender in tenders:
                writer.delete_documents_by_term("id", tender.id)
                writer.add_document(_document(tender))

    def drop(self, ids: Iterable[str]) -> None:
        """Remove tenders."""
        with self.answering():
            writer = self._writing()
            for id_ in ids:
                writer.delete_documents_by_term("id", id_)

    def commit(self, mark: int) -> None:
        """Commit; the mark is written after it: a crash between puts the same tenders again."""
        with self.answering():
            if self._writer is not None:
                self._writer.commit()
            replace_file(self.folder / _STATE, orjson.dumps({"mark": mark, "format": FORMAT}))

    def close(self) -> None:
        """End the writer; what was not committed is forgotten."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with self.answering():
                writer.rollback()
                writer.wait_merging_threads()

    def seen(self) -> Seen:
        """What the last commit made visible."""
        with self.answering():
            try:
                about = (self.folder / _STATE).stat()
                stamp = (about.st_ino, about.st_mtime_ns)
            except FileNotFoundError:
                stamp = None
            with self._lock:
                if self._seen is None or self._seen[0] != stamp:
                    self._index.reload()
                    self._seen = (stamp, Seen(self._index.searcher()))
                return self._seen[1]


def replace_file(path: Path, content: bytes) -> None:
    """Put a whole file in place of another, so that a crash leaves one of the two."""
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _document(tender: Tender) -> tv.Document:
    document, read = tv.Document(), read_document(tender)
    for name, streams in (("stem", read.stems), ("word", read.words)):
        for field_, values in streams.items():
            for tokens in values:
                document.add_text(f"{field_}_{name}", " ".join(tokens))
    for field_, codes in read.codes.items():
        for code in codes:
            document.add_text(field_, code)
    for field_ in _MANY:
        for code in read.codes[field_]:
            document.add_unsigned(f"{field_}_number", number_of(code))
    for numbers in (read.numbers, read.orders):
        for field_, number in numbers.items():
            document.add_unsigned(field_, number)
    return document
