"""What tests of the command line share: a home with an owner, a creator, one song, a tariff."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.liner import Liner

HOLDER = "Halyard Records"
CREATOR = "Robin Vale"


@dataclass(frozen=True)
class Town:
    """A home with an owner, a creator, one song, a tariff; and the ids that were printed."""

    liner: Liner
    audio: Path
    token: str
    ids: dict[str, str]

    def ref(self, *more: str) -> list[str]:
        """Return the options of a short request for the song, by the creator."""
        wanted = ["--ref", "Harbor,role=timbre", "--territory", "DE", "--duration", "2s"]
        return [*wanted, "--as", CREATOR, *more]
