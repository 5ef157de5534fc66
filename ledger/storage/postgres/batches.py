"""What goes to the server for a batch, and what it says of the ground that a batch stands on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

from psycopg import errors

from ledger.storage.errors import Clash
from ledger.storage.postgres.arrays import bigint, bigints, blobs, instant, integers, texts
from ledger.storage.postgres.connection import meaning
from ledger.storage.postgres.overlapping import Asked
from ledger.storage.postgres.statements import APPEND, APPEND_UNSEALED
from ledger.storage.records import (
    BatchRows,
    CommandRecord,
    Expected,
    Ground,
    Head,
    Probe,
)
from ledger.storage.rows import COMMAND, OPENING, STATEMENT, TILE
from ledger.storage.vault import Vault
from schemas.refusals import Conflict


def asked(probe: Probe) -> dict[str, bytes | None]:
    """Return a probe as parameters."""
    return {
        "commands": texts(probe.commands),
        "scopes": texts(probe.scopes),
        "subjects": texts(probe.subjects),
    }


def written(rows: BatchRows, expected: Expected, vault: Vault, clock: datetime | None) -> Asked:
    """Return what writes a batch if all that it takes for granted is so.

    Rows are parallel arrays. `clock` stands for the database's own.
    """
    values = {**_rows(rows), **_presumed(rows, expected, clock)}
    if rows.openings or rows.keys:
        return APPEND, {**values, **_sealed(rows, vault)}
    return APPEND_UNSEALED, values


def _rows(rows: BatchRows) -> dict[str, bytes | None]:
    positions, types, datas, tag_lists, event_ids, times = _columns(rows.entries, 6)
    tags, tag_positions = _columns(rows.tags, 2)
    hashes, places, statements = _columns(map(STATEMENT, rows.statements), 3)
    ids, digests, firsts, lasts, command_hashes = _columns(map(COMMAND, rows.commands), 5)
    levels, numbers, tiles = _columns(map(TILE, rows.tiles), 3)
    return {
        "size": bigint(rows.new.size),
        "root": rows.new.root,
        "time_us": bigint(rows.new.time_us),
        "positions": bigints(positions),
        "types": texts(types),
        "datas": blobs(datas),
        "tag_lists": texts(_tag_lists(tag_lists)),
        "ids": texts(event_ids),
        "times": bigints(times),
        "tags": texts(tags),
        "tag_positions": bigints(tag_positions),
        "scope_tags": texts(rows.scopes.keys()),
        "scope_positions": bigints(rows.scopes.values()),
        "statement_hashes": blobs(hashes),
        "statement_positions": bigints(places),
        "statements": blobs(statements),
        "command_ids": texts(ids),
        "digests": blobs(digests),
        "firsts": bigints(firsts),
        "lasts": bigints(lasts),
        "command_hashes": blobs(command_hashes),
        "levels": integers(levels),
        "numbers": bigints(numbers),
        "hashes": blobs(tiles),
    }


def _sealed(rows: BatchRows, vault: Vault) -> dict[str, bytes | None]:
    fresh, sealed = vault.seal_all(rows.openings, rows.keys)
    opened, pointers, positions, subjects, boxes = _columns(map(OPENING, sealed), 5)
    asked = {*subjects, *rows.keys}
    return {
        "key_subjects": texts(fresh.keys()),
        "keys": blobs(fresh.values()),
        "opened": texts(opened),
        "pointers": texts(pointers),
        "opening_positions": bigints(positions),
        "subjects": texts(subjects),
        "sealed": blobs(boxes),
        "asked_subjects": texts(asked),
        "asked_keys": blobs(rows.keys.get(subject) for subject in asked),
    }


def _presumed(
    rows: BatchRows, expected: Expected, clock: datetime | None
) -> dict[str, bytes | None]:
    return {
        "old_size": bigint(rows.old.size),
        "old_root": rows.old.root,
        "old_time_us": bigint(rows.old.time_us),
        "asked_commands": texts(expected.commands),
        "guard_tags": texts(expected.scopes.keys()),
        "guard_positions": bigints(expected.scopes.values()),
        "earliest": instant(expected.earliest),
        "latest": instant(expected.latest),
        "clock": None if clock is None else instant(clock),
    }


def ground_of(
    row: Sequence[Any], scopes: Collection[str], clock: Callable[[], datetime] | None
) -> Ground:
    """Return what `look` has found; after it, where it was asked for, the edge of the tree."""
    size, root, time_us, visible, now, *found = row
    ids, digests, firsts, lasts, hashes, tags, positions, subjects, wrapped, *edge = (
        one or () for one in found
    )
    records = map(CommandRecord, ids, digests, firsts, lasts, hashes)
    return Ground(
        head=Head(size, root, time_us, visible),
        now=now if clock is None else clock(),
        commands={one.id: one for one in records},
        scopes={**dict.fromkeys(scopes, 0), **dict(zip(tags, positions, strict=True))},
        keys=dict(zip(subjects, wrapped, strict=True)),
        edge={n: tile for n, tile in zip(*edge, strict=True) if tile is not None} if edge else None,
    )


def clash(error: errors.UniqueViolation) -> Clash | Conflict | Exception:
    """Return what it means that something is there already: an event's id, if nothing worse."""
    if error.diag.constraint_name == "events_event":
        return Clash(f"an event's id is in the log already [{error}]")
    return meaning(error)


def _tag_lists(found: Sequence[Sequence[str]]) -> list[str]:
    """Return what `json.dumps` writes of the tags of each entry."""
    if _PLAIN.fullmatch("".join(chain.from_iterable(found))) is None or () in found:
        return [json.dumps(tags) for tags in found]
    return [f'["{_BETWEEN.join(tags)}"]' for tags in found]


_PLAIN: Final = re.compile(r"[ !#-\[\]-~]*")  # what JSON writes as it is
_BETWEEN: Final = '", "'


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    """Return rows as columns."""
    return list(zip(*rows, strict=True)) or [()] * width
