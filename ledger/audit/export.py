"""Audit exports: a log as a folder of plain files, with what its reader may see beside it.

    audit.json            format, origin, size, verifier key
    checkpoint            the newest signed checkpoint (C2SP tlog-checkpoint)
    tile/entries/…        every entry, in bundles (C2SP tlog-tiles)
    notes.jsonl           every signed checkpoint by its size
    beside.jsonl          position, statement, openings; a line only where there is one

Lines stand in the order of positions. Bundles and checkpoint are what any tool for such logs reads;
the rest is JSON, bytes in base64url.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from ledger.audit.log import AuditedEntry, AuditLog
from ledger.evidence.errors import EvidenceError
from ledger.evidence.tiles import TILE_HASHES, bundle_path, decode_bundle, encode_bundle, tile_width
from schemas import canonical
from schemas.commitments import Opening
from schemas.envelope.statement import read_statement
from schemas.refusals import Malformed
from schemas.registry import COMMANDS

FORMAT: Final = "linernotes-audit/1"
"""What an export calls itself."""

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


@dataclass(frozen=True, slots=True)
class _Beside:
    statement: bytes | None
    openings: tuple[Opening, ...]


_NOTHING: Final = _Beside(None, ())


def export(
    log: AuditLog,
    folder: Path,
    *,
    vkey: str,
    public_only: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> int:
    """Write a log into a new folder; return how many entries. `FileExistsError` if it is there.

    `public_only` leaves out openings, and statements that have private fields: what every reader
    of the log may see. If we stop half-way, there is no `audit.json`, and nobody takes the rest.
    """
    folder.mkdir(parents=True)
    bundle: list[bytes] = []
    newest = ""
    with (
        (folder / "notes.jsonl").open("w", encoding="utf-8") as notes,
        (folder / "beside.jsonl").open("w", encoding="utf-8") as beside,
    ):
        for row in log.entries():
            bundle.append(row.raw)
            if len(bundle) == TILE_HASHES or row.position == log.size:
                _write_bundle(folder, row.position, bundle)
                bundle = []
            if row.note is not None:
                newest = row.note
                notes.write(_line({"size": row.position, "note": row.note}))
            if (shown := _shown(row, public_only=public_only)) is not None:
                beside.write(_line(shown))
            progress(row.position, log.size)
    (folder / "checkpoint").write_text(newest, encoding="utf-8")
    facts = {"format": FORMAT, "origin": log.origin, "size": log.size, "vkey": vkey}
    (folder / "audit.json").write_text(_line(facts), encoding="utf-8")
    return log.size


def _write_bundle(folder: Path, last: int, entries: list[bytes]) -> None:
    path = folder / bundle_path((last - 1) // TILE_HASHES, len(entries))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_bundle(entries))


def _shown(row: AuditedEntry, *, public_only: bool) -> dict[str, Any] | None:
    statement = row.statement
    if public_only and statement is not None and not _is_public(statement):
        statement = None
    openings = () if public_only else row.openings
    if statement is None and not openings:
        return None
    return {
        "position": row.position,
        "statement": None if statement is None else canonical.b64u(statement),
        "openings": [
            {"pointer": each.pointer, "salt": canonical.b64u(each.salt), "value": each.value}
            for each in openings
        ],
    }


def _is_public(raw: bytes) -> bool:
    """Tell whether every field of a statement is public, so that it is served to every reader."""
    try:
        statement = read_statement(raw)
    except Malformed:
        return False
    command = COMMANDS.get((statement.command, statement.version))
    return command is not None and command.PUBLIC


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"


class ExportLog:
    """Implements `AuditLog` on an exported folder. Raises `EvidenceError` where it is none.

    `vkey` is what the folder says of itself: an auditor trusts one that came by another way.
    """

    statements: Final = "public"
    lookups: Final = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        facts = _read_json(folder / "audit.json")
        size, texts = facts.get("size"), (facts.get("origin"), facts.get("vkey"))
        if facts.get("format") != FORMAT or type(size) is not int:
            raise EvidenceError(f"{folder} is no audit export of this kind [{FORMAT}]")
        if not all(isinstance(text, str) for text in texts):
            raise EvidenceError("audit.json does not say which log it is of")
        self.size = size
        self.origin, self.vkey = map(str, texts)

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry in the order of positions. Raises `EvidenceError` where one is lost."""
        notes = _Lines(self._folder / "notes.jsonl", "size")
        beside = _Lines(self._folder / "beside.jsonl", "position")
        position, newest = 0, ""
        for index in range(-(-self.size // TILE_HASHES)):
            for raw in self._bundle(index):
                position += 1
                seen, row = _beside(beside.at(position)), notes.at(position)
                note = None if row is None else str(row.get("note"))
                newest = note or newest
                yield AuditedEntry(
                    position=position,
                    raw=raw,
                    tags=None,
                    statement=seen.statement,
                    openings=seen.openings,
                    note=note,
                )
        # A log that is cut off shows less than what was kept of it, and must not pass as whole.
        notes.end()
        beside.end()
        if self._bytes("checkpoint") != newest.encode():
            raise EvidenceError("checkpoint is not the newest of notes.jsonl")

    def tile(self, level: int, index: int, width: int) -> bytes | None:  # noqa: ARG002 - the protocol asks for it
        """Return None: an export holds no tiles of hashes, the audit makes its own."""
        return None

    def _bundle(self, index: int) -> list[bytes]:
        width = tile_width(0, index, self.size)
        return decode_bundle(self._bytes(bundle_path(index, width)), width)

    def _bytes(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError as error:
            raise EvidenceError(f"the export lacks {name}") from error


class _Lines:
    """Lines of a file by the positions that they name, in whose order they stand and are asked for.

    One of them is in memory at a time: a log may have millions, and is read while it is audited.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self._rows = self._read()
        self._waiting = next(self._rows, None)

    def at(self, position: int) -> dict[str, Any] | None:
        """Return the line of a position, if there is one."""
        if self._waiting is None or self._waiting[self._key] != position:
            return None
        found, self._waiting = self._waiting, next(self._rows, None)
        return found

    def end(self) -> None:
        """Require that no line is left: it would be of an entry that the folder does not hold."""
        if self._waiting is not None:
            raise EvidenceError(f"{self._path.name} has lines beyond the last entry")

    def _read(self) -> Iterator[dict[str, Any]]:
        last = 0
        with self._path.open("rb") as file:
            for line in file:
                row = _parse(line, self._path.name)
                place = row.get(self._key)
                if type(place) is not int or place <= last:
                    raise EvidenceError(f"{self._path.name} is not in the order of positions")
                last = place
                yield row


def _read_json(path: Path) -> dict[str, Any]:
    return _parse(path.read_bytes(), path.name)


def _parse(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except ValueError as error:
        raise EvidenceError(f"{name} holds no JSON where it must") from error
    if not isinstance(found, dict):
        raise EvidenceError(f"{name} holds no JSON object where it must")
    return found


def _beside(row: dict[str, Any] | None) -> _Beside:
    if row is None:
        return _NOTHING
    try:
        held = row["statement"]
        return _Beside(
            statement=None if held is None else canonical.unb64u(held),
            openings=tuple(
                Opening(str(each["pointer"]), canonical.unb64u(each["salt"]), each["value"])
                for each in row["openings"]
            ),
        )
    except (KeyError, TypeError, AttributeError, Malformed) as error:
        raise EvidenceError("beside.jsonl holds what is neither statement nor opening") from error
