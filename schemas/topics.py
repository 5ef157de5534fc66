"""What each message is published under: the topics of one ledger, by names with a prefix.

`entries` has one partition: the order of the log is the order of the topic. The others are keyed by
the generation, so that all that is said about one generation stays in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schemas.messages import GenerationAuthorizedMessage, GenerationCancelMessage

PREFIX_DEFAULT: Final = "linernotes."
"""Before every topic's name. Two ledgers on one broker have two prefixes."""

_PREFIX: Final = re.compile(r"[a-zA-Z0-9._-]{0,100}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one ledger; `ValueError` for a prefix that no topic can have."""

    prefix: str = PREFIX_DEFAULT

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"letters, digits, dots, hyphens are due, not {self.prefix!r}")

    @property
    def entries(self) -> str:
        """Every visible entry, in order: position as key, the entry's bytes as value."""
        return f"{self.prefix}entries"

    @property
    def authorized(self) -> str:
        """Jobs: signed `generation.authorized` messages."""
        return self.prefix + GenerationAuthorizedMessage.TOPIC

    @property
    def finished(self) -> str:
        """What workers did: signed statements."""
        return f"{self.prefix}generation.finished"

    @property
    def cancel(self) -> str:
        """What was called off: signed `generation.cancel` messages; best effort."""
        return self.prefix + GenerationCancelMessage.TOPIC

    @property
    def progress(self) -> str:
        """How far workers are; best effort, and believed by nobody."""
        return f"{self.prefix}generation.progress"

    @property
    def dead(self) -> str:
        """Dead letters: what could not be done, as it came, with the reason."""
        return f"{self.prefix}generation.dead"
