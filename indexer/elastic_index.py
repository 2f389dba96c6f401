"""The indexes behind one name in Elasticsearch: written in bulk, made anew beside the one that answers, put in place.

``NAME.000007`` is an index; the alias ``NAME`` and ``NAME.format-…`` stand on the one that answers, and we go through
the second only, so that no process reads or writes an index of another format. An index that is still being written
answers to an alias of its own. How far an index has come stands in its mapping (``_meta``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from elasticsearch import BadRequestError, NotFoundError
from elasticsearch.helpers import streaming_bulk

from indexer.elastic_door import Door
from indexer.elastic_mapping import DIGEST, document, mapping, meta
from tenders.errors import EngineBroken, EngineRefused, MissingIndex, StaleIndex, TendersError, Unavailable
from tenders.model import Tender

_LONG_SECONDS = 600  # for what the server may take its time over
_CHUNK, _CHUNK_BYTES = 1000, 8_000_000
_RETRIES, _FIRST_WAIT, _LONGEST_WAIT = 6, 0.5, 20  # of what was too much at once: about a minute in all
_BUSY = (429, 503)
_WHILE_WRITTEN = {
    "number_of_shards": 1,  # one shard: scores and counts are those of the whole
    "number_of_replicas": 0,
    "refresh_interval": "-1",
    "translog.durability": "async",
}
# What answers is refreshed by our commits only; a second node gets a copy by itself.
_WHILE_ANSWERING = {"auto_expand_replicas": "0-1", "translog.durability": "request"}


class Index:
    """What stands behind an alias: the index that answers, or one that is being written."""

    def __init__(self, door: Door, alias: str | None = None) -> None:
        self.door = door
        self.alias = alias or f"{door.name}.format-{DIGEST}"

    def state(self) -> dict[str, Any]:
        """Return the index's own word on itself. Raises MissingIndex, StaleIndex when it has another format."""
        try:
            with self.door.asking():
                answer = self.door.client.indices.get_mapping(index=self.alias)
        except MissingIndex:
            raise self.absent() from None
        found: dict[str, Any] = next(iter(answer.values()))["mappings"].get("_meta", {})
        return found

    def absent(self) -> MissingIndex | StaleIndex:
        """Say why nothing stands behind the alias: there is no index, or one of another format, or it was removed."""
        if self._is_draft:
            return MissingIndex(f"the new index at {self.door.shown} was removed by another rebuild; wait for that one")
        with self.door.asking():
            if self.door.client.indices.exists_alias(name=self.door.name):
                return StaleIndex(
                    f"the index at {self.door.shown} was written in another format: run `tenders index --rebuild`"
                )
        return MissingIndex(f"there is no index at {self.door.shown}: `tenders index` makes it")

    def put(self, tenders: Iterable[Tender]) -> dict[str, str]:
        """Write tenders under their versions; returns those that are refused for good, with the reason."""
        actions = (
            {"_op_type": "index", "_id": t.id, "version": t.version, "version_type": "external", "_source": document(t)}
            for t in tenders
        )
        return self._send(actions)

    def drop(self, versions: Mapping[str, int]) -> None:
        """Remove tenders."""
        self._send(
            {"_op_type": "delete", "_id": id_, "version": version, "version_type": "external"}
            for id_, version in versions.items()
        )

    def _send(self, actions: Iterable[dict[str, Any]]) -> dict[str, str]:
        refused: dict[str, str] = {}
        for id_, status, reason in self._answers(actions):
            if status in (200, 201, 409):  # 409: a newer version is there
                continue
            if status == 404:
                if reason:  # the alias is gone, not the document
                    raise self.absent()
            elif status in (400, 413):
                refused[id_] = reason
            elif status in (401, 403):
                raise EngineRefused(f"Elasticsearch at {self.door.shown} takes no writes from this user ({reason})")
            elif status in _BUSY:
                raise Unavailable(f"Elasticsearch at {self.door.shown} takes no more now ({reason}); try again")
            else:
                raise EngineBroken(f"Elasticsearch at {self.door.shown} answered {status} to a write: {reason}")
        return refused

    def _answers(self, actions: Iterable[dict[str, Any]]) -> Iterator[tuple[str, int, str]]:
        """Send in bulk; what was too much at once is tried again, item by item, at growing intervals."""
        with self.door.asking():
            answers = streaming_bulk(
                self.door.client.options(request_timeout=_LONG_SECONDS),
                actions,
                chunk_size=_CHUNK,
                max_chunk_bytes=_CHUNK_BYTES,
                raise_on_error=False,
                max_retries=_RETRIES,
                initial_backoff=_FIRST_WAIT,
                max_backoff=_LONGEST_WAIT,
                retry_on_status=_BUSY,
                index=self.alias,
                require_alias=True,  # else a write to an index that is gone would make one without a mapping
            )
            for _, answer in answers:
                item = next(iter(answer.values()))
                error = item.get("error") or {}
                yield item["_id"], item["status"], f"{error.get('type')}: {error.get('reason')}"[:300] if error else ""

    def settle(self) -> None:
        """Have the server write to disk what it keeps in its log of an index that is not in place yet."""
        if self._is_draft:
            with self.door.asking():
                self.door.client.options(request_timeout=_LONG_SECONDS).indices.flush(index=self.alias)

    @property
    def _is_draft(self) -> bool:
        return self.alias.startswith(f"{self.door.name}.draft-")

    def commit(self, mark: int) -> None:
        """Make what was written visible; it is durable since each write was answered. Then move the mark."""
        client = self.door.client.options(request_timeout=_LONG_SECONDS)
        try:
            with self.door.asking():
                client.indices.refresh(index=self.alias)
                client.indices.put_mapping(index=self.alias, meta=meta(mark))
        except MissingIndex:
            raise self.absent() from None


class Shelf:
    """The indexes of one name, each with its number."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._number = re.compile(re.escape(door.name) + r"\.(\d{6,})")

    def standing(self) -> dict[str, bool]:
        """Return index -> whether it answers, oldest first."""
        with self.door.asking():
            found = self.door.client.indices.get_alias(index=f"{self.door.name}.*", allow_no_indices=True)
        ours = {index: about["aliases"] for index, about in found.items() if self._number.fullmatch(index)}
        return {index: self.door.name in ours[index] for index in sorted(ours)}

    def begin(self) -> tuple[str, Index]:
        """Remove what died unfinished, and make a new empty index; returns its name and the way to write it."""
        standing = self.standing()
        self.remove([index for index, answers in standing.items() if not answers])
        last = max((int(index.rpartition(".")[2]) for index in standing), default=0)
        name, alias = f"{self.door.name}.{last + 1:06}", f"{self.door.name}.draft-{secrets.token_hex(6)}"
        try:
            with self.door.asking():
                self.door.client.options(request_timeout=_LONG_SECONDS).indices.create(
                    index=name, mappings=mapping(0), settings={"index": _WHILE_WRITTEN}, aliases={alias: {}}
                )
        except EngineBroken as problem:
            if isinstance(problem.__cause__, BadRequestError) and "already_exists" in problem.__cause__.error:
                raise Unavailable(f"another rebuild has just begun at {self.door.shown}; wait for it") from None
            raise
        return name, Index(self.door, alias)

    def publish(self, name: str, draft: Index) -> None:
        """Put a whole index in the place of the one that answers, in one call, and remove that one."""
        client = self.door.client.options(request_timeout=_LONG_SECONDS)
        old = [index for index, answers in self.standing().items() if answers and index != name]
        actions: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": draft.alias, "must_exist": True}},
            {"add": {"index": name, "alias": self.door.name}},
            {"add": {"index": name, "alias": f"{self.door.name}.format-{DIGEST}"}},
        ]
        with self.door.asking():
            client.indices.put_settings(index=draft.alias, settings={"index": _WHILE_ANSWERING})
            client.indices.flush(index=draft.alias)
        try:
            with self.door.asking():
                once = client.options(max_retries=0).indices  # a second try would find the draft's alias gone
                once.update_aliases(actions=[*actions, *({"remove_index": {"index": index}} for index in old)])
        except TendersError:
            if not self.standing().get(name):  # else it was done, and only the answer was lost
                raise

    def give_up(self, name: str) -> None:
        """Remove an index that was being written; not when it has come to answer, whatever was said."""
        if not self.standing().get(name):
            self.remove([name])

    def remove(self, names: Iterable[str]) -> None:
        """Remove indexes; those that are gone already are ignored."""
        for name in names:
            try:
                with self.door.asking():
                    self.door.client.options(request_timeout=_LONG_SECONDS).indices.delete(index=name)
            except MissingIndex as problem:
                if not isinstance(problem.__cause__, NotFoundError):
                    raise
