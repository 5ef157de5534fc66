"""By which keys this process signs the log: those that the log has in force, and that it holds.

While a checkpoint key is being replaced both sign, so that whoever trusts one of the two accepts
the checkpoint. An entry is signed by the newest. Which keys are in force is part of `policy:log`,
which every decision reads: none is appended that was signed by a key of before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ledger.decoding import read_recorded
from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.keys import InstanceKeys
from ledger.rights.states.policy import LOG, POLICY, PolicyState
from ledger.storage.contract import Reader, Store
from ledger.storage.errors import Fatal
from schemas.commands.log import InstanceKey
from schemas.envelope.keys import SigningKey
from schemas.events.base import Event
from schemas.events.log import KeysOfLogReplaced
from schemas.refusals import Malformed

_TAG: Final = POLICY.tag(LOG)


class LogSigning:
    """The keys of one log that this process holds: several of a role while one is replaced.

    `end` is told where it holds none that is in force: it can append nothing more, and whoever
    supervises it starts it anew, with the keys that the folder has by then.
    """

    def __init__(
        self, origin: str, *, entry: Sequence[SigningKey], checkpoint: Sequence[SigningKey] = ()
    ) -> None:
        self._origin = origin
        self._entry = {key.kid: key for key in entry}
        self._checkpoint = {key.kid: NoteKey(origin, key) for key in checkpoint}
        self._seen: tuple[PolicyState | None, SigningKey] = (None, entry[0])
        self._folded = (0, PolicyState())
        self.end: Callable[[Fatal], None] = lambda _error: None

    @classmethod
    def of(cls, origin: str, keys: InstanceKeys) -> LogSigning:
        """Return what signs with all keys of an instance's folder."""
        return cls(origin, entry=keys.held("entry"), checkpoint=keys.held("checkpoint"))

    def entry_key(self, state: PolicyState) -> SigningKey:
        """Return the newest key in force for entries; `Fatal` where this process holds none."""
        seen, key = self._seen
        if state is not seen:
            key = self._entry_key(state)
            self._seen = state, key
        return key

    def receipt_key(self, state: PolicyState) -> SigningKey:
        """Return the key that signs receipts: the oldest in force, which most readers know."""
        return self._checkpoint_keys(state)[0].key

    def checkpoint(self, store: Store, size: int, root: bytes, own: bool) -> str | None:  # noqa: FBT001 - a callback
        """Return the checkpoint of a size, signed by all keys in force there.

        `own`: this process has made the last batch, by keys in force. None: the size is not
        committed yet, and by which keys it is signed cannot be known.
        """
        keys = list(self._checkpoint.values())
        if not own or len(keys) > 1:
            # With one key a batch of our own needs no question to the database: where another has
            # replaced it, this process decides nothing any more (`entry_key`).
            with store.snapshot(committed=True) as reader:
                if reader.bound < size:
                    return None
                keys = self._checkpoint_keys(self._state_at(reader, size))
        return sign_checkpoint(Checkpoint(self._origin, size, root), *keys)

    def check_goes_on(self, events: Sequence[Event]) -> None:
        """Raise where this process could sign the log no more behind these events."""
        event = events[-1] if events else None
        if type(event) is not KeysOfLogReplaced:
            return
        for role, held in (("entry", self._entry), ("checkpoint", self._checkpoint)):
            due = {row.key for row in event.keys if role in row.roles}
            if due and held and due.isdisjoint(held):
                text = "the process that answers does not hold the key to go on with: restart it"
                raise Malformed("key_not_valid", text, pointer="/key")

    def _entry_key(self, state: PolicyState) -> SigningKey:
        due = state.in_force("entry")
        found = _held(self._entry, due)
        if due and not found:
            raise self._lacking("entry")
        if self._checkpoint:
            self._checkpoint_keys(state)
        return found[-1] if found else next(iter(self._entry.values()))

    def _checkpoint_keys(self, state: PolicyState) -> list[NoteKey]:
        due = state.in_force("checkpoint")
        found = [self._checkpoint[row.key] for row in due if row.key in self._checkpoint]
        if due and not found:
            raise self._lacking("checkpoint")
        return found or list(self._checkpoint.values())

    def _lacking(self, role: str) -> Fatal:
        error = Fatal(
            f"the {role} key of this process was replaced, and it does not hold the new one: keys"
            " are read from the folder at a start"
        )
        self.end(error)
        return error

    def _state_at(self, reader: Reader, size: int) -> PolicyState:
        """Return the log's policy as it is at exactly this size."""
        newest, state = self._folded
        if reader.last_position(_TAG) == newest <= size:
            return state
        newest, state = 0, PolicyState()
        for stored in reader.events(_TAG, until=size):
            state = POLICY.evolve(state, read_recorded(stored, ()))
            newest = stored.position
        self._folded = newest, state
        return state


def _held(held: dict[str, SigningKey], due: Iterable[InstanceKey]) -> list[SigningKey]:
    return [held[row.key] for row in due if row.key in held]
