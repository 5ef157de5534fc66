"""The shapes of what is checked: completeness, differences between two points, assurance."""

from __future__ import annotations

from typing import Any, Literal

from service.api.shapes import Event, Shape
from service.api.shapes_rights import Amount


class IndexSide(Shape):
    """A published root with its proof, and the way in its tree to the subject (hex)."""

    position: int
    entry: str
    proof: str
    siblings: list[str]
    leaf: str | None


class Completeness(Shape):
    """Exactly these positions touched the subject; `before` is null where the log begins."""

    format: Literal["linernotes-complete/1"]
    ledger: str
    subject: str
    positions: list[int]
    before: IndexSide | None
    after: IndexSide


class LogGrowth(Shape):
    """The newest checkpoint, and the hashes (base64) by which it continues an older one."""

    checkpoint: str
    path: list[str]


class PermissionChange(Shape):
    """What a consent permitted about a subject then and later, and the entries in between."""

    subject: str
    consent: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    positions: list[int]


class BalanceChange(Shape):
    """What stood on an account then and later, and the entries that moved it."""

    account: str
    currency: str
    before: Amount
    after: Amount
    positions: list[int]


class AuditDiff(Shape):
    """What differs between two positions, at one instant of the law's time.

    `checkpoint` is signed and commits to both; `entries` are those that made the differences.
    """

    older: int
    newer: int
    valid_at: str
    permissions: list[PermissionChange]
    balances: list[BalanceChange]
    checkpoint: str
    entries: list[Event]


class Mismatch(Shape):
    """An output whose references authorized, read back and paid are not one set."""

    generation: str
    output: str
    position: int
    message: str


class ThreeWayMatch(Shape):
    """How many completed outputs match, as of a position."""

    position: int
    completed: int
    matched: int
    mismatches: list[Mismatch]


class AuditFinding(Shape):
    """What is wrong, where, and at which step of the audit."""

    position: int
    step: str
    message: str


class AuditReport(Shape):
    """What an audit recomputed. `line` says it in one sentence; `first` is the first finding."""

    origin: str
    size: int
    root: str
    entries: int
    statements: int
    signatures: int
    checkpoints: int
    index_roots: int
    decided: int
    not_open: int
    differ: int
    sound: bool
    first: AuditFinding | None
    findings: list[AuditFinding]
    line: str


class AssuranceReport(Shape):
    """The newest report: the three-way match, and every command decided again."""

    at: str
    sound: bool
    line: str
    match: ThreeWayMatch
    audit: AuditReport
