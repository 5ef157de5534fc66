"""Whose signatures an audit believes: the trusted key's, and those of keys that it vouches for.

The log says by which keys it is signed from where on. An auditor trusts one of them, and by it the
others: a key that was announced in what the trusted key has signed, and everything that the trusted
key has signed itself, later, as the beginning of its own tree.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.evidence.errors import EvidenceError
from ledger.evidence.note import Checkpoint, parse_checkpoint, read_note, verify_note
from ledger.evidence.vkeys import VerifierKey, parse_vkey
from ledger.rights.states.policy import LOG, POLICY, PolicyState
from ledger.rights.view import Source
from schemas import canonical
from schemas.refusals import Malformed

_NOBODY = PolicyState()


class Signers:
    """Takes in the checkpoints of one log in the order of their sizes.

    `world` is what the log says up to each of them.
    """

    def __init__(self, trusted: VerifierKey | str, world: Source) -> None:
        self._world = world
        self._trusted = parse_vkey(trusted) if isinstance(trusted, str) else trusted
        self._vouched = {self._trusted}
        self._waiting: list[int] = []
        self._state = _NOBODY
        self._since: dict[VerifierKey, int] = {}
        self._until: dict[VerifierKey, int] = {}

    def open(self, text: str, size: int) -> Checkpoint:
        """Return a checkpoint that a key in force has signed, and none that was retired.

        `EvidenceError` says what is wrong.
        """
        note, name = read_note(text), self._trusted.name
        checkpoint = parse_checkpoint(note.body)
        if checkpoint.origin != name:
            raise EvidenceError(f"not the key of this log [{name}, {checkpoint.origin}]")
        self._know(self._world.state(POLICY, LOG)[0])
        known = dict.fromkeys((self._trusted, *self._since))
        signed = {one.key for one in verify_note(note, known)}
        for key in signed & self._until.keys():
            gone = self._until[key]
            raise EvidenceError(f"signed by a key that was replaced at position {gone} [{key}]")
        if not signed:
            raise EvidenceError(f"no signature of the log [{name}]")
        if signed & self._vouched:
            self._vouched.update(self._since)
            self._waiting.clear()
        else:
            self._waiting.append(size)
        return checkpoint

    def unvouched(self) -> Iterator[tuple[int, str]]:
        """Yield each checkpoint that nothing leads to from the trusted key, and why it is wrong."""
        for size in self._waiting:
            yield size, f"no signature of the log that {self._trusted} vouches for"

    def _know(self, state: PolicyState) -> None:
        if state is self._state:
            return
        self._state = state
        self._since, self._until = {}, {}
        for key in state.log_keys:
            if "checkpoint" not in key.row.roles:
                continue
            try:
                found = VerifierKey(self._trusted.name, canonical.unb64u(key.row.public_key))
            except (EvidenceError, Malformed):
                continue  # no key that could sign; what enrolled it is judged by itself
            self._since[found] = key.since
            if key.until is not None:
                self._until[found] = key.until
