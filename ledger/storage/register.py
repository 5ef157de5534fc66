"""The register in a file: witness number 0, outside the data folder, never restored from a backup.

It follows the rule of a witness (C2SP tlog-witness): the old size must match, the consistency proof
must verify, and the answer comes after the new state is on disk. On the same machine under the same
operator it proves crash safety and guards against mistakes; against a dishonest operator only
witnesses in other hands count.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT
from ledger.evidence.merkle import verify_consistency
from ledger.evidence.note import (
    Checkpoint,
    VerifierKey,
    read_checkpoint,
    verify_note,
)
from ledger.evidence.policy import NONE, Policy
from ledger.storage.errors import (
    Fatal,
    RegisterLost,
    RegisterMoved,
    RegisterRefused,
    RegisterSilent,
)
from ledger.storage.note_file import NoteFile, SpoiledError

WAIT_S: Final = 10.0
"""How long one waits for another process that writes; each takes a write to disk or two."""

_LOOK_AGAIN_S: Final = 0.001

Asked = tuple[int, tuple[bytes, ...], str]
"""Old size, proof and note of an update."""


class FileRegister:
    """Implements `contract.Register` for one log, for all processes of one host.

    `keys` are the log's verifier keys, all under its origin as name; more than one while a key is
    being replaced. `wait_s` is how long one waits for another that is writing.
    """

    def __init__(self, path: Path, keys: Sequence[VerifierKey], *, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        if len({key.name for key in keys}) != 1:
            raise ValueError("the keys of one log have one name, its origin")
        self.path = path
        self._keys = tuple(keys)
        self._origin = keys[0].name
        self._file = NoteFile(path)
        self._opened = ("", Checkpoint(self._origin, 0, EMPTY_ROOT))
        self._foreseen: tuple[Checkpoint, Asked, Checkpoint] | None = None

    @classmethod
    def create(cls, path: Path, keys: Sequence[VerifierKey]) -> "FileRegister":
        """Make the register of a new log. One that is there already stays if it is new too."""
        register = cls(path, keys)
        with register._locked():
            if not path.exists():
                register._make("")
        if register.size() != 0:
            raise RegisterRefused(f"there is a register of a log with entries at {path}")
        return register

    @classmethod
    def seed_again(
        cls, path: Path, keys: Sequence[VerifierKey], note: str, policy: Policy
    ) -> "FileRegister":
        """Make a lost register again from a checkpoint that witnesses have cosigned.

        Dangerous, so an explicit command: whatever the log said beyond `note` is forgotten, and
        the database may differ from it there. `policy` lists the log and asks for a quorum of
        witnesses in other hands. `RegisterRefused` where a register is there, or no quorum.
        """
        register = cls(path, keys)
        if policy.quorum == NONE:
            raise RegisterRefused("a register is not seeded by a policy that asks for no witness")
        try:
            open_checkpoint(note, register._keys, register._origin)
            policy.accept(note)
        except EvidenceError as error:
            raise RegisterRefused(f"no register is made from this checkpoint: {error}") from error
        with register._locked():
            if path.exists():
                raise RegisterRefused(f"there is a register at {path}: nothing to seed")
            register._make(note)
        return register

    def size(self) -> int:
        """Return the size that it has accepted last; `RegisterLost` where it cannot be read."""
        return self.held().size

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def foresee(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Judge what an `update` is likely to ask, on what is held now; see `contract.Register`.

        Where the file holds the same then, and the same is asked, the judgment stands. Others are
        not kept from writing: what they have not finished is not seen, or seen and judged again.
        """
        asked = (old_size, tuple(proof), note)
        try:
            held = self.held()
            self._foreseen = (held, asked, self._judge(asked, held))
        except (EvidenceError, Fatal):
            self._foreseen = None  # whatever is wrong, who asks is told

    def update(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Accept `note` as the newest checkpoint, durably, or raise `RegisterRefused`."""
        asked = (old_size, tuple(proof), note)
        with self._locked():
            held = self.held()
            foreseen, self._foreseen = self._foreseen, None
            try:
                if foreseen is not None and foreseen[:2] == (held, asked):
                    new = foreseen[2]
                else:
                    new = self._judge(asked, held)
            except EvidenceError as error:
                raise RegisterRefused(f"the register refused size and root: {error}") from error
            if new == held:
                return
            try:
                self._file.write(note)
            except OSError as error:
                raise RegisterSilent(f"the register cannot be written [{error}]") from error
            self._opened = (note, new)

    def held(self) -> Checkpoint:
        """Return what it has accepted last; `RegisterLost` where it cannot be read."""
        try:
            origin, note = self._file.read()
        except (OSError, SpoiledError) as error:
            raise RegisterLost(_lost(self.path, str(error))) from error
        if origin != self._origin:
            raise RegisterRefused(f"{self.path} is the register of {origin}, not {self._origin}")
        if not note:
            return Checkpoint(self._origin, 0, EMPTY_ROOT)
        known_note, known = self._opened
        if note == known_note:
            return known
        try:
            checkpoint = open_checkpoint(note, self._keys, self._origin)
        except EvidenceError as error:
            raise RegisterLost(_lost(self.path, str(error))) from error
        self._opened = (note, checkpoint)
        return checkpoint

    def _judge(self, asked: Asked, held: Checkpoint) -> Checkpoint:
        """Return the checkpoint that takes the place of `held`, or raise what is against it."""
        old_size, proof, note = asked
        # (1) the note is this log's
        new = open_checkpoint(note, self._keys, self._origin)
        # (2) who asks knows what we hold
        if old_size != held.size:
            raise RegisterMoved(held.size, old_size)
        # (3) what we hold begins the new tree
        verify_consistency(held.size, new.size, proof, held.root, new.root)
        return new

    def _make(self, note: str) -> None:
        try:
            self._file.replace(self._origin, note)
        except OSError as error:
            raise RegisterSilent(f"the register cannot be written [{error}]") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep others from comparing and setting in between."""
        try:
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise RegisterSilent(f"the register cannot be reached [{error}]") from error
        try:
            self._wait_for(lock)
            yield
        finally:
            os.close(lock)

    def _wait_for(self, lock: int) -> None:
        until = time.monotonic() + self._wait_s
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise RegisterSilent("another process is writing to the register") from error
                time.sleep(_LOOK_AGAIN_S)
            else:
                return


def open_checkpoint(note: str, keys: Sequence[VerifierKey], origin: str) -> Checkpoint:
    """Return the checkpoint in `note`, signed by one of the log's `keys`, else raise."""
    read, checkpoint = read_checkpoint(note)
    if checkpoint.origin != origin or not verify_note(read, keys):
        raise EvidenceError(f"not a checkpoint of {origin}")
    return checkpoint


def _lost(path: Path, why: str) -> str:
    return (
        f"there is no register at {path} [{why}]; without it an older copy of the log could not be"
        " told from the newest, so seed it again from a checkpoint that witnesses have cosigned"
    )
