"""What a log sends to a witness, and what it hears (C2SP tlog-witness 1.0, "add-checkpoint").

Both sides of the protocol read and write it here; sending is not our business here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.note import (
    NOTE_CHARACTERS_MAX,
    Note,
    Signed,
    VerifierKey,
    read_note,
    verify_note,
)

ADD_CHECKPOINT: Final = "add-checkpoint"
"""The last part of the path that takes a submission."""

SIZE_TYPE: Final = "text/x.tlog.size"
"""Content type of the answer 409, exactly: no parameter follows (interop 18)."""

PROOF_MAX: Final = 63
"""Lines of a consistency proof that a client may send."""

_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint for a witness, and the proof that it continues the one of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str
    """The signed note, ending with a line feed."""

    @property
    def text(self) -> str:
        """The body of the request."""
        lines = [f"{_OLD}{self.old_size}", *map(texts.encode, self.proof)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's line that has been verified, and the time in it (POSIX seconds)."""

    line: str
    time_s: int


def make_submission(*, old_size: int, proof: Sequence[bytes], checkpoint: str) -> Submission:
    """Return what to send; raises where a witness would find it malformed."""
    return parse_submission(Submission(old_size, tuple(proof), checkpoint).text)


def parse_submission(text: str) -> Submission:
    """Return the parts of a request exactly as specified, else raise `EvidenceError`.

    The checkpoint is left as it came: whose it is comes first (404, 403), then its sizes.
    """
    if len(text) > 2 * NOTE_CHARACTERS_MAX:
        raise EvidenceError("the request is too long")
    head, gap, checkpoint = text.partition("\n\n")
    if not gap or not head.startswith(_OLD):
        raise EvidenceError("the request has no old size, or no checkpoint after an empty line")
    old, *lines = head.split("\n")
    if len(lines) > PROOF_MAX:
        raise EvidenceError(f"the consistency proof has more than {PROOF_MAX} lines")
    proof = tuple(texts.decode(line, HASH_BYTES) for line in lines)
    return Submission(texts.decimal(old.removeprefix(_OLD)), proof, checkpoint)


def take_cosignature(checkpoint: str, answer: str, witness: VerifierKey) -> Cosignature:
    """Return the line of `witness` in its `answer` over `checkpoint`, verified, else raise.

    Lines of other keys are ignored, as the specification asks.
    """
    body = read_note(checkpoint).body
    note = read_note(f"{body}\n{answer}")
    if note.body != body:  # an empty line in the answer would make it another text
        raise EvidenceError(f"the answer has other lines than signatures [{witness.name}]")
    for line in note.signatures:
        for signed in verify_note(Note(body, (line,)), (witness,)):
            return Cosignature(str(line), _time_of(signed))
    raise EvidenceError(f"the answer has no line of this witness [{witness.name}]")


def parse_size(answer: str) -> int:
    """Return the size in the answer 409, else raise `EvidenceError`."""
    if not answer.endswith("\n"):
        raise EvidenceError("a size ends with a line feed")
    return texts.decimal(answer.removesuffix("\n"))


def monitoring_path(origin: str) -> str:
    """Return where a witness serves its newest checkpoint of a log: `<hex SHA-256>/checkpoint`."""
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"


def _time_of(signed: Signed) -> int:
    """Return the time of a cosignature. Zero says that none is claimed, so nothing is shown."""
    if signed.time_s is None or signed.time_s == 0:
        raise EvidenceError(f"the cosignature says no time [{signed.key.name}]")
    return signed.time_s
