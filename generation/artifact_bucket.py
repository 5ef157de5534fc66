"""Artifacts in an S3-compatible store: the same contract as a folder's, for many machines.

Named by content, so written once: the server itself refuses a second object under a name. Whatever
comes back is hashed before anybody sees it; verified copies are kept in a bounded local cache.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from generation.artifact_cache import ArtifactCache
from generation.artifacts import ArtifactError, ArtifactsUnavailableError, check_name
from generation.object_store import Bucket

MEND_TRIES: Final = 3
"""How often a store is tried whose stored copy keeps changing under us."""


class ArtifactBucket:
    """Artifacts in a bucket, with verified copies on this machine."""

    def __init__(self, bucket: Bucket, cache: ArtifactCache) -> None:
        self._bucket = bucket
        self._cache = cache

    def put(self, source: Path | bytes) -> str:
        """Store bytes or a file's content durably; return the SHA-256 in hexadecimal.

        Storing what is already there changes nothing, unless the stored copy is corrupt: then it is
        replaced. The source is read once, into the cache, so that it may be a pipe.
        """
        sha256, path = self._cache.put(source)
        for _ in range(MEND_TRIES):
            # If we stop anywhere here, the name holds all bytes or nothing: storing again is safe.
            if self._bucket.create(sha256, path) or self._is_sound(sha256, path):
                return sha256
        raise ArtifactsUnavailableError(f"The stored copy of {sha256} is not sound, nor replaced.")

    def path(self, sha256: str) -> Path:
        """Return a local file of exactly these bytes, verified; raise `ArtifactError`."""
        check_name(sha256)
        found = self._cache.find(sha256)
        return found if found is not None else self._fetch(sha256)

    def _fetch(self, sha256: str) -> Path:
        with self._cache.incoming() as incoming:
            with incoming.open("wb") as file:
                digest = hashlib.sha256()

                def take(block: bytes) -> None:
                    digest.update(block)
                    file.write(block)

                try:
                    self._bucket.read(sha256, take)
                except KeyError:
                    raise ArtifactError(
                        "artifact_missing", f"No artifact {sha256} is stored here."
                    ) from None
            if digest.hexdigest() != sha256:
                raise ArtifactError("artifact_corrupt", f"The stored bytes are not {sha256}.")
            return self._cache.put(incoming)[1]

    def _is_sound(self, sha256: str, path: Path) -> bool:
        """Tell whether the stored copy is good, or was replaced by us because it is not."""
        digest = hashlib.sha256()
        try:
            tag = self._bucket.read(sha256, digest.update)
        except KeyError:
            return False  # somebody is storing it right now, or it went away: try once more
        return digest.hexdigest() == sha256 or self._bucket.replace(sha256, path, tag=tag)
