"""A local folder of artifacts that were fetched: verified on every use, and bounded.

Many processes of one machine may share it. What was handed out within the last hour stays, so that
a path is good for as long as a job needs it; only what is older makes room.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from generation.artifacts import (
    INCOMING,
    ArtifactError,
    ArtifactFolder,
    ArtifactsUnavailableError,
)
from schemas.drafts import OWNER_ONLY, draft

CACHE_BYTES_MAX: Final = 8 << 30
"""What a cache keeps, unless LINERNOTES_CACHE_MIB says otherwise: some hundred recordings."""

KEEP_S: Final = 3600.0
"""How long what was handed out stays: as long as an authorization lives."""


class ArtifactCache:
    """Verified local copies, the least recently used of which go first."""

    def __init__(
        self,
        folder: Path,
        *,
        bytes_max: int = CACHE_BYTES_MAX,
        keep_s: float = KEEP_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._files = ArtifactFolder(folder)
        self._bytes_max = bytes_max
        self._keep_s = keep_s
        self._now = now

    def put(self, source: Path | bytes) -> tuple[str, Path]:
        """Copy something in; return its SHA-256 and the copy's path."""
        sha256 = self._files.put(source)
        path = self.find(sha256)
        if path is None:
            raise ArtifactsUnavailableError(f"The copy of {sha256} went away; was the disk full?")
        self._trim()
        return sha256, path

    def find(self, sha256: str) -> Path | None:
        """Return the verified copy, marked as used; None if there is none that can be trusted."""
        with suppress(ArtifactError, FileNotFoundError):
            path = self._folder / sha256[:2] / sha256
            # Marked before it is looked at: from here on no other process takes it away.
            os.utime(path, (self._now(), self._now()))
            return self._files.path(sha256)
        return None

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Lend a file to write to, on the same disk; gone when the block ends."""
        with draft(self._folder, INCOMING, mode=OWNER_ONLY) as incoming:
            yield incoming.path

    def _trim(self) -> None:
        """Let the least recently used go until the rest fits."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):  # another process trims too
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        for used_at, size, path in sorted(found):
            if total <= self._bytes_max or used_at > self._now() - self._keep_s:
                return
            path.unlink(missing_ok=True)
            total -= size
