"""Logs as anyone may read them: a checkpoint and bundles, in a folder or at a service's address.

A service is not taken at its word: it only hands over bytes, and the audit trusts a key that came
by another way. Statements and openings come along as far as the service shows them to the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.audit import AuditedEntry, Statements
from ledger.evidence.errors import EvidenceError
from ledger.evidence.note import parse_checkpoint, read_note
from ledger.evidence.tiles import (
    TILE_HASHES,
    bundle_path,
    decode_bundle,
    tile_path,
    tile_width,
)
from schemas import canonical
from schemas.commitments import Opening
from service.cli.ends import EndError

if TYPE_CHECKING:
    from service.cli.door import Door

Beside = Callable[[int, bytes], tuple[bytes | None, tuple[Opening, ...]]]
"""Returns a position's statement and openings, as far as they are open to the reader."""


class TiledLog:
    """Implements `AuditLog` on a checkpoint and entry bundles (C2SP tlog-tiles).

    `fetch` returns the bytes at a path. Without `beside` no command can be decided again; without
    `tiles` the tiles of hashes are not compared, since a bearer of bundles need not keep them.
    """

    lookups: Final = None

    def __init__(
        self, fetch: Callable[[str], bytes], beside: Beside | None = None, *, tiles: bool = False
    ) -> None:
        self._fetch = fetch
        self._beside = beside
        self._tiles = tiles
        self._note = fetch("checkpoint").decode("utf-8", "replace")
        said = parse_checkpoint(read_note(self._note).body)
        self.origin, self.size = said.origin, said.size
        self.statements: Statements = "none" if beside is None else "public"

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry in the order of positions. Raises `EvidenceError` where one is lost."""
        position = 0
        for index in range(-(-self.size // TILE_HASHES)):
            width = tile_width(0, index, self.size)
            for raw in decode_bundle(self._fetch(bundle_path(index, width)), width):
                position += 1
                statement, openings = self._beside(position, raw) if self._beside else (None, ())
                yield AuditedEntry(
                    position=position,
                    raw=raw,
                    tags=None,
                    statement=statement,
                    openings=openings,
                    note=self._note if position == self.size else None,
                )

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return a tile of hashes as it is handed over to anyone."""
        return self._fetch(tile_path(level, index, width)) if self._tiles else None


def of_folder(folder: Path) -> TiledLog:
    """Return the log of a folder that holds a checkpoint and bundles, and nothing else of ours."""

    def fetch(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except FileNotFoundError as error:
            raise EvidenceError(f"the folder lacks {path}") from error

    return TiledLog(fetch, tiles=(folder / "tile" / "0").is_dir())


def of_service(door: Door) -> TiledLog:
    """Return the log that a service hands over, with what it shows beside it to this reader."""
    held: dict[bytes, bytes | None] = {}

    def beside(position: int, raw: bytes) -> tuple[bytes | None, tuple[Opening, ...]]:
        digest = _binds(raw)
        if digest not in held:
            held.clear()  # one command's entries follow each other
            held[digest] = _statement(door, position)
        openings: tuple[Opening, ...] = ()
        if b'{"commit":' in raw:
            rows = door.get(f"/v1/events/{position}/openings")["items"]
            openings = tuple(map(_opening, rows))
        return held[digest], openings

    return TiledLog(lambda path: door.get_raw(f"/{path}"), beside, tiles=True)


def _binds(raw: bytes) -> bytes:
    """Return the text that names the statement in an entry; whatever is no entry is its own."""
    _, found, after = raw.partition(b'"statement_sha256":"')
    return after[:64] if found else raw


def _statement(door: Door, position: int) -> bytes | None:
    try:
        return door.get_raw(f"/v1/entries/{position}/statement")
    except EndError as error:
        if error.code not in {"not_yours", "not_found"}:
            raise
        return None


def _opening(row: dict[str, Any]) -> Opening:
    return Opening(str(row["pointer"]), canonical.unb64u(row["salt"]), row["value"])
