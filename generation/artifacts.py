"""Artifacts by their hash: audio, prompts, whatever is too large for a message.

`Artifacts` is the protocol that a worker, a finisher and a door share; `ArtifactFolder` keeps the
bytes in a directory, one file each under its SHA-256; `generation.artifact_bucket` in an S3 bucket.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from schemas.drafts import OWNER_ONLY, draft, sync

BLOCK_BYTES: Final = 1 << 20
SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
READ_ONLY: Final = 0o444
"""How much is read at once, in bytes; how an artifact is named; the mode of its file: who is handed
one out may not change it."""

INCOMING: Final = "incoming"
"""What drafts are called, for an artifact's name is known when it is written."""

LEFT_S: Final = 86_400.0
"""How long nobody has written to a draft that is swept away: whoever did was killed."""


class ArtifactError(Exception):
    """An artifact cannot be handed out; `code` says why.

    `artifact_missing`: never stored here. `artifact_corrupt`: the bytes are not the ones that were
    stored. `artifact_name_invalid`: not the hexadecimal form of a SHA-256.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message


class ArtifactsUnavailableError(OSError):
    """The store does not answer, or does not let us in: whatever is asked may come again.

    An `OSError`, as a full disk is one for a folder: who retries one retries the other, and an
    artifact that cannot be had *now* never ends a generation as one that is missing does.
    """

    code: Final = "artifact_unavailable"

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} [{self.code}]")
        self.message = message


class Artifacts(Protocol):
    """A content-addressed store: the same bytes always have the same name.

    Both ways in raise `OSError` where the disk or the network fails (`ArtifactsUnavailableError`):
    nothing is half-written then, and the same call may come again.
    """

    def put(self, source: Path | bytes) -> str:
        """Store bytes or a file's content durably; return the SHA-256 in hexadecimal."""
        ...

    def path(self, sha256: str) -> Path:
        """Return a readable local file of exactly these bytes; raise `ArtifactError`."""
        ...


class ArtifactFolder:
    """Artifacts in a directory, in 256 subdirectories by the first byte of the hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)

    def put(self, source: Path | bytes) -> str:
        """Store bytes or a file's content durably; return the SHA-256 in hexadecimal.

        Storing what is already there changes nothing, unless the stored copy is corrupt: then it is
        replaced.
        """
        with draft(self._folder, INCOMING, mode=OWNER_ONLY) as incoming:
            sha256 = _copy(source, incoming.file)
            target = self._target(sha256)
            target.parent.mkdir(exist_ok=True)
            if target.is_file() and hash_file(target) == sha256:
                # Who put it there may have been killed before it was on disk: we are asked now.
                sync(target)
                sync(target.parent)
            else:
                os.fchmod(incoming.file.fileno(), READ_ONLY)
                incoming.name(target)
        # If we stop before this line, a loss of power may take the new subfolder, and the file with
        # it: whoever stores it has not been answered, and stores it again.
        sync(self._folder)
        return sha256

    def path(self, sha256: str) -> Path:
        """Return the file of exactly these bytes, read and verified; raise `ArtifactError`."""
        check_name(sha256)
        target = self._target(sha256)
        if not target.is_file():
            raise ArtifactError("artifact_missing", f"No artifact {sha256} is stored here.")
        if hash_file(target) != sha256:
            raise ArtifactError("artifact_corrupt", f"The stored bytes are not {sha256}.")
        return target

    def _target(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def check_name(sha256: str) -> None:
    """Raise `ArtifactError` unless this is a name that an artifact can have."""
    if not SHA256_HEX.fullmatch(sha256):
        raise ArtifactError("artifact_name_invalid", "An artifact is named by its SHA-256.")


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what a kill has left; other processes may be writing theirs, and sweep too."""
    for path in folder.glob(f".{INCOMING}.*.part"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFT_S:
                path.unlink()


def _copy(source: Path | bytes, file: BinaryIO) -> str:
    """Copy to the open file and hash what was *written*, whatever the source becomes later."""
    if isinstance(source, bytes):
        file.write(source)
        return hashlib.sha256(source).hexdigest()
    digest = hashlib.sha256()
    with source.open("rb") as incoming:
        while block := incoming.read(BLOCK_BYTES):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
