"""From a statement's bytes to a typed command: read and checked, its signature not yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas import commitments
from schemas.commands.base import Command
from schemas.commitments import Opening
from schemas.envelope.statement import Statement, read_statement_but_data
from schemas.refusals import Malformed
from schemas.registry import read_command_bytes

AHEAD_MAX: Final = timedelta(seconds=60)
"""How far `issued_at` may lie ahead of us (contracts, section 1)."""

_NUL_WRITTEN: Final = rb"\u0000"
"""U+0000 as canonical JSON writes it. A backslash before such digits looks alike."""

_ESCAPE: Final = b"\\"
"""Looked for first: one byte is found, or not, much faster than six."""


@dataclass(slots=True, eq=False)
class Taken:
    """A statement whose form was checked, with its typed command and openings.

    `verified_by` is the public key by which its signature was verified, empty before.
    """

    statement: Statement
    command: Command
    openings: tuple[Opening, ...]
    correlation: str | None
    verified_by: bytes = b""


def take(
    raw: bytes, openings: Iterable[Opening], *, origin: str, correlation: str | None = None
) -> Taken:
    """Read a statement to the ledger `origin`; `Malformed` says what is wrong with it."""
    statement = read_statement_but_data(raw)
    if statement.ledger != origin:
        raise Malformed("wrong_ledger", f"this ledger is {origin}", pointer="/ledger")
    command = read_command_bytes(statement.command, statement.version, statement.data_bytes)
    beside = tuple(openings)
    if beside:
        commitments.check_openings(statement.data, beside)
    _check_texts(statement, beside)
    return Taken(statement, command, beside, correlation)


def check_times(statement: Statement, at: datetime) -> None:
    """Raise `Malformed` unless a statement may be decided at this instant."""
    if statement.expires_at <= at:
        raise Malformed("expired", "the statement has expired", pointer="/expires_at")
    if statement.issued_at > at + AHEAD_MAX:
        raise Malformed("instant_mismatch", "issued in our future", pointer="/issued_at")


def _check_texts(statement: Statement, openings: Iterable[Opening]) -> None:
    """Refuse U+0000: PostgreSQL keeps no text with it, and an entry stops its readers for ever."""
    texts = [one.value for one in openings]
    if _ESCAPE in statement.raw and _NUL_WRITTEN in statement.raw:
        texts.append(statement.data)
    if any(map(_has_nul, texts)):
        raise Malformed("value_unknown", "no text has U+0000")


def _has_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_nul, value.values()))
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
