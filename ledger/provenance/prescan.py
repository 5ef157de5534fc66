"""Look at a file's outside before a library parses its inside.

An 8 MB WAV of a million empty chunks keeps c2pa busy for many seconds. Honest files have fewer than
twenty chunks, so counting to 64 tells them apart in microseconds.

Source: RIFF (Microsoft and IBM 1991): four bytes name, four bytes little-endian length, content,
one byte of padding after an odd length. Only the outer chunks count: c2pa does not open lists.
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from ledger.provenance.states import State
from schemas.containers import MEDIA_TYPES, Container, container_of

CHUNKS_MAX: Final = 64
"""Outer chunks of a WAV: broadcast files carry about a dozen kinds."""

_CHUNK: Final = struct.Struct("<4sI")
_FIRST_CHUNK: Final = 12  # behind "RIFF", the length, and "WAVE"
_COUNTED: Final = 8  # the RIFF length counts neither the name nor itself


class PrescanError(Exception):
    """The file goes no further; `state` says why (one of `STATES`)."""

    def __init__(self, state: State, detail: str) -> None:
        super().__init__(f"{state}: {detail}")
        self.state: State = state
        self.detail = detail


@dataclass(frozen=True)
class Outside:
    """What the outside of a file shows: container, length in bytes, and notes (see `model`)."""

    container: Container
    file_bytes: int
    notes: tuple[str, ...] = ()

    @property
    def media_type(self) -> str | None:
        """The media type under which c2pa reads it; None if it cannot carry a manifest."""
        return MEDIA_TYPES.get(self.container)


def prescan(file: BinaryIO, *, file_bytes_max: int) -> Outside:
    """Say what an open file is and refuse what must not be parsed: raises `PrescanError`.

    Takes at most `CHUNKS_MAX` + 3 short reads, however large the file is.
    """
    file_bytes = file.seek(0, os.SEEK_END)
    if file_bytes == 0:
        raise PrescanError("file_empty", "the file has no bytes")
    if file_bytes > file_bytes_max:
        raise PrescanError("file_too_large", f"{file_bytes} bytes; {file_bytes_max} are read")
    container = container_of(file)
    if container is None:
        raise PrescanError("file_unknown", "not WAV, FLAC, MP3, MP4, Ogg or AIFF")
    notes = _scan_riff(file, file_bytes) if container == "wav" else ()
    file.seek(0)
    return Outside(container, file_bytes, notes)


def _scan_riff(file: BinaryIO, file_bytes: int) -> tuple[str, ...]:
    """Walk the outer chunks to the end that the header names, or the file has, if that is nearer.

    A wrong length in the header alone is a note and no refusal: what follows is still whole, and in
    a signed file every byte counts anyway. A chunk beyond the file's end is one cut off.
    """
    file.seek(4)
    end = int.from_bytes(file.read(4), "little") + _COUNTED
    notes = ("riff_size_mismatch",) if end != file_bytes else ()
    at = _FIRST_CHUNK
    for _ in range(CHUNKS_MAX + 1):
        if at + _CHUNK.size > min(end, file_bytes):
            return notes
        file.seek(at)
        length: int = _CHUNK.unpack(file.read(_CHUNK.size))[1]
        at += _CHUNK.size + length
        if at > file_bytes:
            raise PrescanError("file_malformed", f"a chunk ends at {at}, the file at {file_bytes}")
        at += length % 2
    raise PrescanError("chunks_too_many", f"more than {CHUNKS_MAX} chunks")
