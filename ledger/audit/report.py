"""What an audit found: the line that a person reads, and the record that a machine reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: where, at which step, and what."""

    position: int
    step: str
    message: str

    def data(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {"position": self.position, "step": self.step, "message": self.message}


@dataclass(slots=True)
class Report:
    """An audit's result. `first` names the first position that is wrong, if any."""

    origin: str
    size: int = 0
    root: str = ""
    entries: int = 0
    statements: int = 0
    signatures: int = 0
    checkpoints: int = 0
    index_roots: int = 0
    decided: int = 0
    not_open: int = 0
    differ: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong and no command differs."""
        return not self.findings and not self.differ

    @property
    def first(self) -> Finding | None:
        """The finding at the smallest position."""
        return min(self.findings, key=lambda found: found.position, default=None)

    @property
    def line(self) -> str:
        """The audit's line (contracts, section 1)."""
        return (
            f"{self.entries} entries, {self.decided} commands decided again,"
            f" {self.not_open} not open to you, {self.differ} differ"
        )

    def wrong(self, position: int, step: str, message: str) -> None:
        """Write down something that is wrong."""
        self.findings.append(Finding(position, step, message))

    def data(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "entries": self.entries,
            "statements": self.statements,
            "signatures": self.signatures,
            "checkpoints": self.checkpoints,
            "index_roots": self.index_roots,
            "decided": self.decided,
            "not_open": self.not_open,
            "differ": self.differ,
            "sound": self.sound,
            "first": self.first.data() if self.first else None,
            "findings": [row.data() for row in self.findings],
            "line": self.line,
        }
