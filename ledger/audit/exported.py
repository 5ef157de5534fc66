"""Reading audit exports, as `export` writes them: line by line, or in parts by other processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ledger.audit.beside_lines import BESIDE, NOTHING, Beside, parse_line, read_beside
from ledger.audit.log import AuditedEntry
from ledger.evidence.errors import EvidenceError
from ledger.evidence.tiles import TILE_HASHES, bundle_path, decode_bundle, tile_width

FORMAT: Final = "linernotes-audit/1"
"""What an export calls itself."""

_SHORT: Final = 64
_SHORT_BUNDLES: Final = 2

# Lines have some kilobytes: with the usual buffer each would be put together out of several reads.
_BUFFER_BYTES: Final = 262_144

_TELLS_KEYS: Final = b'"type":"Key'


class ExportLog:
    """Implements `AuditLog` on an exported folder. Raises `EvidenceError` where it is none.

    `vkey` is what the folder says of itself: an auditor trusts one that came by another way.
    """

    statements: Final = "public"
    lookups: Final = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        facts = parse_line((folder / "audit.json").read_bytes(), "audit.json")
        size, texts = facts.get("size"), (facts.get("origin"), facts.get("vkey"))
        if facts.get("format") != FORMAT or type(size) is not int:
            raise EvidenceError(f"{folder} is no audit export of this kind [{FORMAT}]")
        if not all(isinstance(text, str) for text in texts):
            raise EvidenceError("audit.json does not say which log it is of")
        self.size = size
        self.origin, self.vkey = map(str, texts)

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry in the order of positions. Raises `EvidenceError` where one is lost."""
        for part in self.parts(TILE_HASHES):
            yield from part.rows()

    def parts(self, limit: int) -> Iterator[ExportPart]:
        """Yield the log in stretches of at most `limit` entries, none across two bundles.

        The first and the last ones are shorter: so all who read them begin early, and end at about
        the same time.
        """
        notes, beside = _Notes(self._folder), _Spans(self._folder)
        bundles = -(-self.size // TILE_HASHES)
        for index in range(bundles):
            is_short = index == 0 or index >= bundles - _SHORT_BUNDLES
            step = min(limit, _SHORT) if is_short else limit
            width, before = tile_width(0, index, self.size), index * TILE_HASHES
            raw = _bytes(self._folder, bundle_path(index, width))
            tells_keys = index == 0 or _TELLS_KEYS in raw  # the log's opening is its first entry
            for start in range(0, width, step):
                stop = min(start + step, width)
                yield ExportPart(
                    folder=self._folder,
                    index=index,
                    width=width,
                    places=range(before + start + 1, before + stop + 1),
                    beside=beside.until(before + stop),
                    notes=notes.until(before + stop),
                    tells_keys=tells_keys,
                )
        # A log that is cut off shows less than what was kept of it, and must not pass as whole.
        notes.end()
        beside.end()
        if _bytes(self._folder, "checkpoint") != notes.newest.encode():
            raise EvidenceError("checkpoint is not the newest of notes.jsonl")

    def tile(self, level: int, index: int, width: int) -> bytes | None:  # noqa: ARG002 - the protocol asks for it
        """Return None: an export holds no tiles of hashes, the audit makes its own."""
        return None


@dataclass(frozen=True, slots=True)
class ExportPart:
    """Implements `Part` on some entries of one bundle. `beside`: from which byte to which.

    `tells_keys`: the bundle may tell of keys; a hint, which nothing rests on.
    """

    folder: Path
    index: int
    width: int
    places: range
    beside: tuple[int, int]
    notes: dict[int, str]
    tells_keys: bool

    def rows(self) -> list[AuditedEntry]:
        """Read the entries. Raises `EvidenceError` where something of them is not there."""
        seen = self._beside()
        entries = decode_bundle(
            _bytes(self.folder, bundle_path(self.index, self.width)), self.width
        )
        before = self.index * TILE_HASHES + 1
        found = []
        for position in self.places:
            statement, openings = seen.get(position, NOTHING)
            found.append(
                AuditedEntry(
                    position,
                    entries[position - before],
                    None,
                    statement,
                    openings,
                    self.notes.get(position),
                )
            )
        return found

    def _beside(self) -> dict[int, Beside]:
        begin, end = self.beside
        with (self.folder / BESIDE).open("rb") as file:
            file.seek(begin)
            return read_beside(file.read(end - begin))


class _Spans:
    """Where in the file the lines of positions lie, in whose order they stand and are asked for.

    One of them is in memory at a time: a log may have millions. Of each only the position is read.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = _lines(folder / BESIDE, _POSITION)
        self._end = 0
        self._waiting = next(self._lines, None)

    def until(self, last: int) -> tuple[int, int]:
        """Return from which byte to which the next lines lie, up to the one of position `last`."""
        begin = self._end
        while self._waiting is not None and self._waiting[0] <= last:
            self._end += len(self._waiting[1])
            self._waiting = next(self._lines, None)
        return begin, self._end

    def end(self) -> None:
        """Require that no line is left: it would be of an entry that the folder does not hold."""
        _nothing_left(self._waiting, BESIDE)


class _Notes:
    """Signed checkpoints by their sizes, in whose order they stand and are asked for."""

    def __init__(self, folder: Path) -> None:
        self.newest = ""
        self._lines = _lines(folder / _NOTES, _SIZE)
        self._waiting = next(self._lines, None)

    def until(self, last: int) -> dict[int, str]:
        """Return the next notes, up to the one of size `last`."""
        found = {}
        while self._waiting is not None and self._waiting[0] <= last:
            size, line = self._waiting
            found[size] = str(parse_line(line, _NOTES).get("note"))
            self.newest = found[size] or self.newest
            self._waiting = next(self._lines, None)
        return found

    def end(self) -> None:
        """Require that no note is left: it would be of a size that the folder does not hold."""
        _nothing_left(self._waiting, _NOTES)


class _Position(msgspec.Struct):
    position: int

    @property
    def place(self) -> int:
        return self.position


class _Size(msgspec.Struct):
    size: int

    @property
    def place(self) -> int:
        return self.size


_NOTES: Final = "notes.jsonl"
_POSITION: Final = msgspec.json.Decoder(_Position)
_SIZE: Final = msgspec.json.Decoder(_Size)


def _lines(
    path: Path, decoder: msgspec.json.Decoder[_Position] | msgspec.json.Decoder[_Size]
) -> Iterator[tuple[int, bytes]]:
    """Yield each line with the position that it names."""
    last = 0
    with path.open("rb", buffering=_BUFFER_BYTES) as file:
        for line in file:
            try:
                place = decoder.decode(line).place
            except ValueError:
                parse_line(line, path.name)  # says where it is no JSON
                place = 0
            if place <= last:
                raise EvidenceError(f"{path.name} is not in the order of positions")
            last = place
            yield place, line


def _nothing_left(waiting: tuple[int, bytes] | None, name: str) -> None:
    if waiting is not None:
        raise EvidenceError(f"{name} has lines beyond the last entry")


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise EvidenceError(f"the export lacks {name}") from error
