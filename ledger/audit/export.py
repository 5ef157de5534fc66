"""Writing audit exports: a log as a folder of plain files, with what its reader may see beside it.

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.audit.exported import FORMAT
from ledger.audit.log import AuditedEntry, AuditLog
from ledger.evidence.tiles import TILE_HASHES, bundle_path, encode_bundle
from schemas import canonical
from schemas.envelope.statement import read_statement
from schemas.refusals import Malformed
from schemas.registry import COMMANDS

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


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
