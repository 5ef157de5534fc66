"""Step 6: the tree that the leaves give, beside every checkpoint and every tile of the bearer."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.audit.log import AuditLog
from ledger.audit.report import Report
from ledger.audit.signers import Signers
from ledger.audit.tiles import differing, edge_tiles, full_tiles
from ledger.evidence.errors import EvidenceError
from ledger.evidence.tree import Tree, grow

_STEP = "(6) tree"


class Growing:
    """Takes in leaves in order; what is wrong under a checkpoint or in a tile is reported."""

    def __init__(self, log: AuditLog, signers: Signers, report: Report) -> None:
        self._log = log
        self._signers = signers
        self._report = report
        self._tree = Tree()
        self._leaves: list[bytes] = []
        self._covered = 0

    def take(self, position: int, leaf: bytes, note: str | None) -> None:
        """Take in a leaf; under a checkpoint (`note`) the root must be ours."""
        self._leaves.append(leaf)
        if note is not None:
            self._close(position, note)

    def end(self) -> None:
        """Look at the end: a checkpoint covers it, and the bearer's partial tiles are ours."""
        if not 1 <= self._log.size == self._covered:
            self._wrong(max(1, self._log.size), "no checkpoint covers the last entry")
        self._report.root = self._tree.root.hex()
        self._all_wrong(differing(self._log, edge_tiles(self._tree)))
        self._all_wrong(self._signers.unvouched())

    def _close(self, position: int, note: str) -> None:
        self._covered = position
        growth = grow(self._tree, self._leaves)
        self._tree, self._leaves = growth.tree, []
        self._all_wrong(differing(self._log, full_tiles(growth)))
        try:
            checkpoint = self._signers.open(note, position)
        except EvidenceError as error:
            self._wrong(position, str(error))
            return
        self._report.checkpoints += 1
        self._report.signatures += 1
        if (checkpoint.origin, checkpoint.size) != (self._log.origin, position):
            self._wrong(position, "the checkpoint is of another log or size")
        if checkpoint.root != growth.root:
            self._wrong(position, "the entries do not give the checkpoint's root")

    def _all_wrong(self, found: Iterable[tuple[int, str]]) -> None:
        for position, told in found:
            self._wrong(position, told)

    def _wrong(self, position: int, message: str) -> None:
        self._report.wrong(position, _STEP, message)
