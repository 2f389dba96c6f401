"""Raw bodies by content hash, compressed, so that everything can be parsed again without crawling again."""

from __future__ import annotations

import gzip
from contextlib import suppress
from hashlib import sha256
from secrets import token_hex

import fsspec
from fsspec.core import url_to_fs

from tenders.errors import BadSettings, Unavailable


class RawBodies:
    """A folder of bodies on any fsspec file system; writing the same body twice keeps one."""

    def __init__(self, url: str) -> None:
        self._files: fsspec.AbstractFileSystem
        try:
            self._files, self._root = url_to_fs(url)
        except (ImportError, ValueError, OSError) as problem:
            raise BadSettings(f"TENDERS_RAW_URL cannot be used: {problem}") from None

    def _path(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}.gz"

    def put(self, body: bytes) -> str:
        """Keep a body and return its name, the SHA-256 of its bytes; a crash leaves no half body under that name.

        Raises Unavailable where it cannot be kept: a full disk, a folder that is not ours, a store that is down.
        """
        name = sha256(body).hexdigest()
        path = self._path(name)
        try:
            if not self._files.exists(path):
                draft = f"{path}.{token_hex(4)}"
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._write(draft, path, gzip.compress(body, compresslevel=6, mtime=0))
        except OSError as problem:
            raise Unavailable(f"a raw body cannot be kept: {problem}; make room or check TENDERS_RAW_URL") from problem
        return name

    def _write(self, draft: str, path: str, content: bytes) -> None:
        try:
            with self._files.open(draft, "wb") as file:
                file.write(content)
            self._files.mv(draft, path)
        except OSError:
            with suppress(OSError):  # half a draft would only fill a full disk further
                self._files.rm(draft)
            raise

    def get(self, name: str) -> bytes:
        """Return a body by its name; raises FileNotFoundError when it was never kept."""
        with self._files.open(self._path(name), "rb") as file:
            return gzip.decompress(file.read())
