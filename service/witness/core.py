"""The rule of a witness, step by step (C2SP tlog-witness 1.0, "add-checkpoint").

The order of the answers is the specification's: whose log it is (404), whether it signed (403),
sizes that cannot be (400), what we have seen (409), and the proof (422).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT
from ledger.evidence.merkle import verify_consistency
from ledger.evidence.note import (
    Checkpoint,
    Note,
    NoteKey,
    VerifierKey,
    cosign,
    parse_checkpoint,
    read_note,
    verify_note,
)
from ledger.evidence.submission import SIZE_TYPE, Submission, parse_submission
from ledger.storage.killpoints import reach
from service.witness.keeping import Memory

PLAIN: Final = "text/plain; charset=utf-8"
"""The media type of a witness's answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and content type, exactly as they are sent."""

    status: int
    body: str
    kind: str = PLAIN


@dataclass(frozen=True, slots=True)
class Watched:
    """A log that this witness watches: its keys (two while one is being replaced), its memory."""

    keys: tuple[VerifierKey, ...]
    memory: Memory

    def seen(self) -> Checkpoint | None:
        """Return the newest checkpoint that was cosigned, None before the first."""
        note = self.memory.read()
        return None if note is None else parse_checkpoint(read_note(note).body)


class Witness:
    """Answers submissions. `key` is a cosigner's; `clock` gives POSIX seconds."""

    def __init__(
        self,
        key: NoteKey,
        logs: Mapping[str, Watched],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self.logs = logs
        self._clock = clock

    def add_checkpoint(self, raw: bytes) -> Answer:
        """Cosign the checkpoint if it continues what was seen, else say why not.

        `MemoryLostError` where this witness cannot say what it has seen, or cannot write it down.
        """
        try:
            # (1) Is it a request, with a checkpoint of some log?
            submission = parse_submission(raw.decode())
            note = read_note(submission.checkpoint)
            new = parse_checkpoint(note.body)
        except (UnicodeDecodeError, EvidenceError) as error:
            return Answer(400, f"not a submission: {error}\n")
        # (2) Do we watch that log?
        watched = self.logs.get(new.origin)
        if watched is None:
            return Answer(404, "this witness does not watch that log\n")
        # (3) Did the log sign? Unknown keys are ignored, a bad line of a known key is not.
        try:
            signed = verify_note(note, watched.keys)
        except EvidenceError as error:
            return Answer(403, f"{error}\n")
        if not signed:
            return Answer(403, "no key of that log has signed\n")
        # (4) Sizes that cannot be.
        if submission.old_size > new.size:
            return Answer(400, f"the old size is beyond the checkpoint's {new.size}\n")
        # Compared and written under one lock: two requests at once cannot roll us back.
        with watched.memory.locked():
            return self._compare(watched, submission, note, new)

    def _compare(
        self, watched: Watched, submission: Submission, note: Note, new: Checkpoint
    ) -> Answer:
        # (5) Does the log know what we have seen?
        seen = watched.seen() or Checkpoint(new.origin, 0, EMPTY_ROOT)
        if submission.old_size != seen.size:
            return Answer(409, f"{seen.size}\n", SIZE_TYPE)
        # (6) Does the new tree begin with it?
        try:
            verify_consistency(seen.size, new.size, submission.proof, seen.root, new.root)
        except EvidenceError as error:
            return Answer(422, f"{error}\n")
        # (7) Sign, write down, answer. If we stop before the answer, the log asks again with the
        # size that it knew, hears 409, and asks for the same size once more.
        kept = _of_keys(note, watched.keys)
        line = cosign(kept, self.key, time_s=int(self._clock()))
        watched.memory.write(f"{kept}{line}\n")
        reach("witness_before_answer")
        return Answer(200, f"{line}\n")


def _of_keys(note: Note, keys: Sequence[VerifierKey]) -> str:
    """Return the note with nothing but the log's own, verified lines."""
    known = {(key.name, key.key_id) for key in keys}
    lines = [str(line) for line in note.signatures if (line.name, line.key_id) in known]
    return "\n".join([note.body, *lines]) + "\n"
