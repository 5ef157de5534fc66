"""An operator that lies with its own keys: it signs other entries into a tree of their own.

The tree has the page's entries at their positions and noise elsewhere, which no reader can tell
from entries that it was not given.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from ledger.evidence import texts, tree
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.keys import read_instance_keys
from schemas import canonical
from schemas.envelope.entry import Entry, read_entry, sign_entry
from service.facts import InstanceFacts
from tests.kit.instance import Place


class Forger:
    """Whoever holds the keys of an instance."""

    def __init__(self, place: Place) -> None:
        keys = read_instance_keys(place.settings.keys)
        self.entry_key = keys.entry
        self._origin = InstanceFacts.load(place.settings.instance).origin
        self._note_key = NoteKey(self._origin, keys.checkpoint)

    def rewrite(
        self, evidence: dict[str, Any], types: tuple[str, ...], lie: Callable[[Any], None]
    ) -> None:
        """Let the data of the first entry of each of these types lie, and sign everything again."""
        for name in types:
            row = next(row for row in evidence["entries"] if _entry(row).type == name)
            payload = _entry(row).payload
            lie(payload["data"])
            raw = sign_entry(payload, self.entry_key, ledger=self._origin)
            row["entry"] = canonical.b64u(raw)
        self.sign_again(evidence)

    def sign_again(self, evidence: dict[str, Any]) -> None:
        """Make checkpoint and paths true of whatever the entries say now."""
        size = int(evidence["checkpoint"].split("\n")[1])
        leaves = [sha256(b"noise %d" % at).digest() for at in range(size)]
        for row in evidence["entries"]:
            leaves[row["position"] - 1] = leaf_hash(canonical.unb64u(row["entry"]))
        growth = tree.grow(tree.Tree(), leaves)
        for row in evidence["entries"]:
            path = growth.inclusion_path(row["position"] - 1)
            row["path"] = [texts.encode(one) for one in path]
        checkpoint = Checkpoint(self._origin, size, growth.root)
        evidence["checkpoint"] = sign_checkpoint(checkpoint, self._note_key)


def _entry(row: dict[str, Any]) -> Entry:
    return read_entry(canonical.unb64u(row["entry"]))
