"""Tiles: the log as static files that anyone can cache (C2SP tlog-tiles).

A tile holds up to 256 hashes of one level: tile level t holds tree level 8t. Only full tiles are
hashed into the level above. An entry bundle holds the entries under one tile of level 0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.evidence.errors import EvidenceError
from ledger.evidence.merkle import SIZE_MAX
from schemas.envelope.entry import ENTRY_BYTES_MAX

TILE_HEIGHT: Final = 8
"""Levels of the tree within a tile."""

TILE_HASHES: Final = 256
"""Hashes of a full tile, entries of a full bundle."""

TILE_LEVELS_MAX: Final = 8
"""Tile levels of a tree of `SIZE_MAX` leaves."""

_LENGTH_BYTES: Final = 2  # uint16, big-endian, before each entry of a bundle
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9]\d?)/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


class TileReader(Protocol):
    """Where tiles come from: a database, a folder, a server."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes (32 bytes each) of the tile; 256 is the whole."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path names: `level` is None for an entry bundle; `width` 256 for a full tile."""

    level: int | None
    index: int
    width: int = TILE_HASHES


def edge_widths(size: int) -> list[int]:
    """Return the width of the partial tile of each tile level, 0 where the last tile is full."""
    widths = []
    while size:
        widths.append(size % TILE_HASHES)
        size >>= TILE_HEIGHT
    return widths


def tile_width(level: int, index: int, size: int) -> int:
    """Return the hashes that tile (level, index) has in a tree of `size`; 0 beyond its end."""
    hashes = size >> TILE_HEIGHT * level
    return max(0, min(TILE_HASHES, hashes - index * TILE_HASHES))


def tile_path(level: int, index: int, width: int = TILE_HASHES) -> str:
    """Return the path of a tile: `tile/<level>/<index>[.p/<width>]`."""
    return f"tile/{level}/{_index_path(index)}{_width_path(width)}"


def bundle_path(index: int, width: int = TILE_HASHES) -> str:
    """Return the path of an entry bundle: `tile/entries/<index>[.p/<width>]`."""
    return f"tile/entries/{_index_path(index)}{_width_path(width)}"


def parse_path(path: str) -> TilePath:
    """Return what `path` names, if it is written in the only way there is, else raise."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise EvidenceError(f"not the path of a tile [{path[:80]}]")
    level = None if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("x", "").replace("/", ""))
    width = TILE_HASHES if found["width"] is None else int(found["width"])
    is_partial = found["width"] is not None
    written = bundle_path(index, width) if level is None else tile_path(level, index, width)
    if (is_partial and width >= TILE_HASHES) or written != path or index > SIZE_MAX:
        raise EvidenceError(f"not the path of a tile [{path[:80]}]")
    if level is not None and level >= TILE_LEVELS_MAX:
        raise EvidenceError(f"no tile has level {level}")
    return TilePath(level, index, width)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of 1 to 256 entries, each behind its big-endian uint16 length."""
    if not 1 <= len(entries) <= TILE_HASHES:
        raise EvidenceError(f"a bundle has 1 to {TILE_HASHES} entries [{len(entries)}]")
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise EvidenceError(f"an entry has at most {ENTRY_BYTES_MAX} bytes [{len(entry)}]")
        parts.append(len(entry).to_bytes(_LENGTH_BYTES, "big"))
        parts.append(entry)
    return b"".join(parts)


def decode_bundle(raw: bytes, width: int) -> list[bytes]:
    """Return the exactly `width` entries of which `raw` is the bundle, else raise."""
    if not 1 <= width <= TILE_HASHES:
        raise EvidenceError(f"a bundle has 1 to {TILE_HASHES} entries [{width}]")
    entries = []
    at = 0
    for _ in range(width):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start], "big")
        if at > len(raw):  # so is `start` then, if not even the length was there
            raise EvidenceError("the bundle ends early")
        entries.append(raw[start:at])
    if at != len(raw):
        raise EvidenceError(f"the bundle has {len(raw) - at} bytes too many")
    return entries


def _index_path(index: int) -> str:
    """Return `index` in groups of three digits, all but the last with an x: x001/x234/067."""
    if not 0 <= index <= SIZE_MAX:
        raise EvidenceError(f"no tile has index {index}")
    groups = f"{index:,}".split(",")
    *heads, tail = (group.zfill(3) for group in groups)
    return "/".join([*(f"x{head}" for head in heads), tail])


def _width_path(width: int) -> str:
    if not 1 <= width <= TILE_HASHES:
        raise EvidenceError(f"a tile has 1 to {TILE_HASHES} hashes [{width}]")
    return "" if width == TILE_HASHES else f".p/{width}"
