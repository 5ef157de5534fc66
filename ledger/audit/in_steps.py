"""Rows are looked at: each step of all of them before the next.

Verifying a signature pushes what reading needs out of the processor's nearest memory, and reading
what verifying needs; row after row, in turns, both take longer (0035).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ledger.audit.log import AnyRow
from ledger.audit.one_row import Content, Keys, Look, Told, tell
from ledger.decoding import SeenByRules, check_openings_of, seen_by_rules
from ledger.evidence.hashing import leaf_hash
from ledger.rights.authority import own_key
from schemas.envelope.entry import Entry, read_entry_but_data
from schemas.envelope.statement import Statement, read_statement_but_data
from schemas.refusals import Malformed
from schemas.registry import read_command_bytes


class _Opened(NamedTuple):
    """Actor and data, opened as far as the rules see them; or, in `content`, why that cannot be."""

    actor: Any
    seen: SeenByRules | None
    content: Content | None


class _Said(NamedTuple):
    """A statement as it was read, and the key that it brings itself."""

    statement: Statement
    own: bytes | None


def look(row: AnyRow, keys: Keys, origin: str) -> Look:
    """Look at one row: see `look_at`."""
    return look_at([row], keys, origin)[0]


def look_at(rows: Sequence[AnyRow], keys: Keys, origin: str) -> list[Look]:
    """Look at rows with the keys that are known by now; the content is left to `read_content`."""
    read = [_read(row.raw) for row in rows]
    both = list(zip(rows, read, strict=True))
    pairs = [(row, entry) for row, entry in both if isinstance(entry, Entry)]
    looks = iter(_look_at_entries(pairs, keys, origin))
    return [
        next(looks) if isinstance(entry, Entry) else Look(leaf_hash(row.raw), str(entry))
        for row, entry in both
    ]


def _look_at_entries(
    pairs: Sequence[tuple[AnyRow, Entry]], keys: Keys, origin: str
) -> Iterator[Look]:
    opened = [_opened(row, entry) for row, entry in pairs]
    said = [_said(row, entry) for row, entry in pairs]
    signers = [_signer(entry, keys.get(entry.kid)) for _, entry in pairs]
    speakers = [_speaker(each, keys) for each in said]
    heard = map(partial(_told, origin), pairs, opened, said, speakers)
    return map(_look, pairs, opened, signers, heard)


def _read(raw: bytes) -> Entry | str:
    """Return an entry, or why it is none."""
    try:
        return read_entry_but_data(raw)
    except Malformed as error:
        return str(error)


def _opened(row: AnyRow, entry: Entry) -> _Opened:
    """Open what is open of an entry, and check that it is."""
    try:
        check_openings_of(entry, row.openings)
        seen = seen_by_rules(entry, row.openings, are_checked=True)
    except Malformed as error:
        return _Opened(_actor(row, entry), None, Content(wrong=str(error)))
    return _Opened(seen.actor, seen, None)


def _actor(row: AnyRow, entry: Entry) -> Any:
    """Return who acted where some opening opens nothing: perhaps it was not this one."""
    try:
        return seen_by_rules(entry, row.openings).actor
    except Malformed:
        return entry.actor


def _said(row: AnyRow, entry: Entry) -> _Said | None:
    """Return the statement that came with a command's first entry.

    None where it is not open, or nothing that can be read.
    """
    if entry.index != 0 or row.statement is None:
        return None
    try:
        statement = read_statement_but_data(row.statement)
        command = read_command_bytes(statement.command, statement.version, statement.data_bytes)
        return _Said(statement, own_key(command, statement.kid))
    except Malformed:
        return None


def _speaker(said: _Said | None, keys: Keys) -> bytes | None:
    """Return the key by which a statement is signed, as far as that is known by now."""
    if said is None:
        return None
    own = said.own
    return _signer(said.statement, own if own is not None else keys.get(said.statement.kid))


def _signer(signed: Entry | Statement, public: bytes | None) -> bytes | None:
    """Return the key if it signed, else None: then the audit looks for itself."""
    try:
        if public is not None:
            signed.verify(public)
    except Malformed:
        return None
    return public


def _told(
    origin: str,
    pair: tuple[AnyRow, Entry],
    opened: _Opened,
    said: _Said | None,
    signed_by: bytes | None,
) -> Told | None:
    if said is None:
        return None
    by = (said.own, signed_by)
    return tell(said.statement, pair[1], actor=opened.actor, origin=origin, by=by)


def _look(
    pair: tuple[AnyRow, Entry], opened: _Opened, signed_by: bytes | None, told: Told | None
) -> Look:
    row, entry = pair
    head = entry.head
    # In the order of its members: by their names it takes twice as long, of every entry.
    return Look(
        leaf_hash(row.raw),
        None,
        head.ledger,
        entry.kid,
        head.type,
        head.version,
        head.id,
        head.command,
        head.index,
        head.of,
        entry.recorded_at,
        head.statement_sha256,
        head.rules,
        signed_by,
        opened.actor,
        opened.seen,
        opened.content,
        row.statement is not None,
        told,
    )
