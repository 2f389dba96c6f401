"""Raw bodies by content hash, compressed, so that everything can be parsed again without crawling again."""

from __future__ import annotations

import gzip
from hashlib import sha256
from secrets import token_hex

import fsspec
from fsspec.core import url_to_fs


class RawBodies:
    """A folder of bodies on any fsspec file system; writing the same body twice keeps one."""

    def __init__(self, url: str) -> None:
        self._files: fsspec.AbstractFileSystem
        self._files, self._root = url_to_fs(url)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}.gz"

    def put(self, body: bytes) -> str:
        """Keep a body and return its name, the SHA-256 of its bytes; a crash leaves no half body under that name."""
        name = sha256(body).hexdigest()
        path = self._path(name)
        if not self._files.exists(path):
            draft = f"{path}.{token_hex(4)}"
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._files.open(draft, "wb") as file:
                file.write(gzip.compress(body, compresslevel=6, mtime=0))
            self._files.mv(draft, path)
        return name

    def get(self, name: str) -> bytes:
        """Return a body by its name; raises FileNotFoundError when it was never kept."""
        with self._files.open(self._path(name), "rb") as file:
            return gzip.decompress(file.read())
