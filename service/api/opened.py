"""Who may see what stands behind a commitment, and which statements are whose to read.

The log's entries go to every enrolled party; their openings only to those whom they concern
(contracts, section 1). An auditor sees all of them, everybody else its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from ledger.decoding import open_payload
from ledger.storage.contract import Reader
from ledger.storage.records import StoredEntry
from schemas.commitments import Opening
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import Statement, read_statement
from schemas.registry import COMMANDS
from service.api.problems import DoorError
from service.identity import ROLES, Identity, Role

OFFICES: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "PartyRegistered": frozenset(ROLES),  # a natural person's name is public until erased
        "PartyScreened": frozenset({"registrar", "finance"}),
        "PayeeDetailsReplaced": frozenset({"finance"}),
        "PayoutInstructed": frozenset({"finance"}),
        "PayoutSettled": frozenset({"finance"}),
    }
)
"""Whose office it is to see the openings of an event, by its type."""

_WHOSE: Final = ("party", "creator", "payer")
"""Fields that say whom an event is about in private."""


def show(reader: Reader, stored: StoredEntry, who: Identity) -> dict[str, Any]:
    """Return an entry as this reader may see it: its payload, with its position in front."""
    entry = read_entry(stored.data)
    openings = reader.openings(entry.id)
    payload = open_payload(entry, openings)
    if not (openings and may_open(entry, payload, who)):
        payload = entry.payload
    return {
        "position": stored.position,
        "id": entry.id,
        "type": entry.type,
        "version": entry.version,
        "recorded_at": payload["recorded_at"],
        "actor": payload["actor"],
        "command": entry.command,
        "correlation": payload["correlation"],
        "index": entry.index,
        "of": entry.of,
        "rules": entry.rules,
        "statement_sha256": entry.statement_sha256,
        "data": payload["data"],
    }


def may_open(entry: Entry, opened: Mapping[str, Any], who: Identity) -> bool:
    """Tell whether the openings of an entry concern this reader. `opened` is its whole payload."""
    if who.has("auditor", *OFFICES.get(entry.type, ())):
        return True
    data = opened["data"]
    return who.party in {opened["actor"], *(_text(data.get(name)) for name in _WHOSE)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def openings_for(reader: Reader, position: int, who: Identity) -> tuple[Opening, ...]:
    """Return the openings of an entry, with their salts, if they concern this reader."""
    stored = _entry(reader, position)
    entry = read_entry(stored.data)
    openings: Sequence[Opening] = reader.openings(entry.id)
    if openings and may_open(entry, open_payload(entry, openings), who):
        return tuple(openings)
    return ()


def statement_for(reader: Reader, position: int, who: Identity) -> bytes:
    """Return the statement behind an entry; `not_yours` where it is private and of others."""
    entry = read_entry(_entry(reader, position).data)
    raw = reader.statement(bytes.fromhex(entry.statement_sha256), position)
    if raw is None:
        raise DoorError("not_found", "the statement is not here")
    statement = read_statement(raw)
    if not _is_public(statement) and not _concerns(statement, who):
        raise DoorError("not_yours", "this statement has private fields of another party")
    return raw


def _is_public(statement: Statement) -> bool:
    found = COMMANDS.get((statement.command, statement.version))
    return found is not None and found.PUBLIC


def _concerns(statement: Statement, who: Identity) -> bool:
    whose = {statement.actor, _text(statement.data.get("party"))}
    return who.party in whose or who.has("auditor")


def _entry(reader: Reader, position: int) -> StoredEntry:
    stored = reader.entry(position)
    if stored is None or position < 1:
        raise DoorError("position_unknown")
    return stored
