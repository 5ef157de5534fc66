"""What an instance is: public facts in a file of its folder.

By itself, because whoever only asks where a ledger is needs nothing of what founds one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ledger import whole_file


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What an instance is: public facts, kept in `instance.json`.

    `checkpoint_vkey` is the log's verifier key, of two the older one. `more_vkeys`: while it is
    being replaced, the one that comes.
    """

    origin: str
    operator_name: str
    ledger_party: str
    operator_party: str
    operator_key: str
    worker_party: str
    worker_key: str
    mosaic_model: str
    checkpoint_vkey: str
    more_vkeys: tuple[str, ...] = ()

    @property
    def vkeys(self) -> tuple[str, ...]:
        """All verifier keys of the log that may sign a checkpoint from now on."""
        return (self.checkpoint_vkey, *self.more_vkeys)

    def write(self, path: Path) -> None:
        """Write the facts for people and processes to read; whole, or not at all."""
        content = asdict(self)
        if not self.more_vkeys:
            del content["more_vkeys"]
        text = json.dumps(content, indent=1, sort_keys=True) + "\n"
        whole_file.replace(path, text.encode(), reached="facts_before_named")

    @classmethod
    def load(cls, path: Path) -> InstanceFacts:
        """Read the facts; `FileNotFoundError` if there is no instance."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**found, "more_vkeys": tuple(found.get("more_vkeys", ()))})
