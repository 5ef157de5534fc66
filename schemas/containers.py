"""Which audio container a file is, by its own first bytes and never by its name.

Sources: RIFF/WAVE (Microsoft and IBM 1991), EBU Tech 3306 (RF64), RFC 9639 section 8 (FLAC),
ID3v2.4 section 3.1, ISO/IEC 11172-3 section 2.4.2.3 (MPEG audio), RFC 3533 section 6 (Ogg), AIFF
1.3, ISO/IEC 14496-12 section 4.3 (MP4).
"""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, Final, Literal

Container = Literal["wav", "rf64", "flac", "mp3", "mp4", "ogg", "aiff"]
"""The containers that we tell apart."""

MEDIA_TYPES: Final[Mapping[Container, str]] = MappingProxyType(
    {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "mp4": "audio/mp4"}
)
"""Those that can carry a C2PA manifest (tried), with their media types. The others cannot."""

_ID3: Final = b"ID3"
_ID3_HEADER: Final = 10
_SYNC: Final = 0xFFE0  # eleven set bits begin a frame
_LAYERS: Final = 0x0006  # 00 is reserved, so that AAC in ADTS is not taken for MP3


def container_of(file: BinaryIO) -> Container | None:
    """Return the container of an open file, or None; leaves the file at its beginning.

    An ID3 tag is skipped, since a signed FLAC begins with one: its manifest lies there.
    """
    file.seek(0)
    head = file.read(12)
    if head[:3] == _ID3:
        file.seek(_ID3_HEADER + _id3_size(head))
        head = file.read(12)
        # Behind a tag whose size is wrong there may be anything; MP3 players go on searching.
        found: Container | None = "flac" if head[:4] == b"fLaC" else "mp3"
    else:
        found = _by_magic(head)
    file.seek(0, os.SEEK_SET)
    return found


def _by_magic(head: bytes) -> Container | None:
    form = head[8:12]
    if head[:4] in {b"RIFF", b"RF64", b"BW64"} and form == b"WAVE":
        return "wav" if head[:4] == b"RIFF" else "rf64"
    if head[:4] == b"FORM" and form in {b"AIFF", b"AIFC"}:
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] in {b"fLaC", b"OggS"}:
        return "flac" if head[:1] == b"f" else "ogg"
    frame = int.from_bytes(head[:2])
    return "mp3" if frame & _SYNC == _SYNC and frame & _LAYERS else None


def _id3_size(head: bytes) -> int:
    """Four bytes of seven bits each (ID3v2.4, section 6.2), without the header's ten."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size
