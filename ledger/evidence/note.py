"""Signed notes: checkpoints and who signed them (C2SP signed-note, tlog-checkpoint).

A note is a text, an empty line, and signature lines. Lines of unknown keys are ignored; one bad
line of a *known* key makes the whole note invalid, so nothing is appended here that was not
verified before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import SIZE_MAX
from ledger.evidence.vkeys import (
    COSIGNER,
    KEY_ID_BYTES,
    LOG,
    NoteKey,
    VerifierKey,
    check_key_name,
    parse_vkey,
)
from schemas.envelope import keys
from schemas.refusals import Malformed

__all__ = [
    "COSIGNER",
    "LOG",
    "Checkpoint",
    "Note",
    "NoteKey",
    "NoteSignature",
    "Signed",
    "VerifierKey",
    "add_cosignature",
    "cosign",
    "is_cosigned",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_vkey",
    "read_checkpoint",
    "read_note",
    "sign_checkpoint",
    "verify_note",
]

SIGNATURES_MAX: Final = 100
"""Signature lines of a note: Go readers take 100 and refuse 101; the specification asks for 16."""

NOTE_CHARACTERS_MAX: Final = 524_288
"""Characters of a note: 100 post-quantum lines of under 5 kB."""

_LINE: Final = re.compile(r"— ([^ ]+) ([^ ]+)")  # U+2014
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")  # all but the line feed
_TIME_BYTES: Final = 8
_CHECKPOINT_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line: who says to have signed, by which key id, and the bytes after that id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        """Return the line, without its line feed."""
        return f"— {self.name} {texts.encode(self.key_id + self.blob)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it came; no signature is checked yet. `body` ends with a line feed."""

    body: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A line that has been verified; `time_s` (POSIX seconds) for cosignatures alone."""

    key: VerifierKey
    time_s: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's state: all entries 0 to `size` - 1 hash to `root`. We write no extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The note's text (tlog-checkpoint, "Note text")."""
        lines = (self.origin, str(self.size), texts.encode(self.root), *self.extensions)
        return "\n".join(lines) + "\n"


def read_note(text: str) -> Note:
    """Return the parts of a note, exactly as specified, else raise `EvidenceError`."""
    if len(text) > NOTE_CHARACTERS_MAX:
        raise EvidenceError(f"the note has more than {NOTE_CHARACTERS_MAX} characters")
    if _CONTROL.search(text) is not None or not _is_utf8(text):
        raise EvidenceError("the note has control characters or is no Unicode text")
    at = text.rfind("\n\n")  # the last empty line; the text itself may have some
    if at < 0 or not text.endswith("\n"):
        raise EvidenceError("the note has no signatures, or no line feed at its end")
    lines = text[at + 2 : -1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise EvidenceError(f"the note has more than {SIGNATURES_MAX} signatures")
    return Note(text[: at + 1], tuple(map(_read_line, lines)))


def verify_note(note: Note, known: Iterable[VerifierKey]) -> tuple[Signed, ...]:
    """Return the verified lines of `known` keys, in the order of the note; there may be none.

    Raises `EvidenceError` where a line of a known key does not verify.
    """
    by_name_and_id = {(key.name, key.key_id): key for key in known}
    signed = []
    for signature in note.signatures:
        key = by_name_and_id.get((signature.name, signature.key_id))
        if key is not None:
            signed.append(Signed(key, _verify_line(note.body, signature, key)))
    return tuple(signed)


def is_cosigned(text: str, line: str, witness: str, time_s: int) -> bool:
    """Tell whether `line` is one good line of a witness, of that time, behind the note `text`.

    `witness` is its verifier key as text; whatever cannot be read is not good.
    """
    try:
        key = parse_vkey(witness)
        signed = verify_note(read_note(f"{text}{line}\n"), [key])
    except EvidenceError:
        return False
    return "\n" not in line and [(one.key, one.time_s) for one in signed] == [(key, time_s)]


def parse_checkpoint(body: str) -> Checkpoint:
    """Return the checkpoint of which `body` is the note's text, else raise."""
    lines = body.split("\n")
    if len(lines) <= _CHECKPOINT_LINES or lines.pop() != "" or not all(lines):
        raise EvidenceError("a checkpoint has three non-empty lines or more")
    origin, size, root = lines[:_CHECKPOINT_LINES]
    check_key_name(origin)
    checkpoint = Checkpoint(
        origin, texts.decimal(size), texts.decode(root, HASH_BYTES), tuple(lines[3:])
    )
    assert checkpoint.body == body
    return checkpoint


@lru_cache(maxsize=16)  # who signs, the register and every proof of a batch read the same one
def read_checkpoint(text: str) -> tuple[Note, Checkpoint]:
    """Return a note and the checkpoint that it signs; no signature is verified."""
    note = read_note(text)
    return note, parse_checkpoint(note.body)


def sign_checkpoint(checkpoint: Checkpoint, *keys: NoteKey) -> str:
    """Return the note, signed by each key. They must be the log's: their name is the origin.

    Two sign while one replaces the other: whoever knows one of them accepts the note.
    """
    if not keys or any((key.name, key.kind) != (checkpoint.origin, LOG) for key in keys):
        names = ", ".join(key.name for key in keys)
        raise EvidenceError(f"not the key of the log [{names}, {checkpoint.origin}]")
    if len(checkpoint.root) != HASH_BYTES or not 0 <= checkpoint.size <= SIZE_MAX:
        raise EvidenceError("not the size and root of a tree")
    body = checkpoint.body.encode()
    lines = [f"{_signature(key.verifier, key.key.sign(body))}\n" for key in keys]
    return "".join([checkpoint.body, "\n", *lines])


def open_checkpoint(text: str, vkey: VerifierKey | str) -> Checkpoint:
    """Return the checkpoint that the log whose key is `vkey` has signed, else raise."""
    key = parse_vkey(vkey) if isinstance(vkey, str) else vkey
    note = read_note(text)
    checkpoint = parse_checkpoint(note.body)
    if key.kind != LOG or key.name != checkpoint.origin:
        raise EvidenceError(f"not the key of this log [{key.name}, {checkpoint.origin}]")
    if not verify_note(note, (key,)):
        raise EvidenceError(f"no signature of the log [{key.name}]")
    return checkpoint


def cosign(text: str, key: NoteKey, *, time_s: int) -> str:
    """Return a witness's line (without line feed) over the body of the note `text`.

    `time_s` is POSIX seconds. It says: this is the largest consistent tree that I have seen by
    then. Whoever calls has verified the log's signature and the consistency.
    """
    if key.kind != COSIGNER or not 0 <= time_s < 1 << 63:
        raise EvidenceError(f"not a cosigner, or no time [{key.name}, {time_s}]")
    body = read_note(text).body
    parse_checkpoint(body)
    blob = time_s.to_bytes(_TIME_BYTES, "big") + key.key.sign(_cosigned(body, time_s))
    return str(_signature(key.verifier, blob))


def add_cosignature(text: str, line: str, vkey: VerifierKey) -> str:
    """Return the note with a witness's `line` at its end, verified before.

    Unverified it could spoil the note for everyone who knows that witness.
    """
    note = read_note(text)
    if not verify_note(Note(note.body, (_read_line(line),)), (vkey,)):
        raise EvidenceError(f"not a line of that key [{vkey.name}]")
    added = f"{text}{line}\n"
    read_note(added)  # the limits hold for the result too
    return added


def _signature(key: VerifierKey, blob: bytes) -> NoteSignature:
    return NoteSignature(key.name, key.key_id, blob)


def _read_line(line: str) -> NoteSignature:
    found = _LINE.fullmatch(line)
    if found is None:
        raise EvidenceError(f"not a signature line [{line[:120]!r}]")
    name, encoded = found.groups()
    check_key_name(name)
    raw = texts.decode(encoded)
    if len(raw) <= KEY_ID_BYTES:
        raise EvidenceError(f"a signature line without signature [{name}]")
    return NoteSignature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _verify_line(body: str, signature: NoteSignature, key: VerifierKey) -> int | None:
    """Return the cosignature's time, None for a log's line; raise unless it verifies."""
    blob, message, time_s = signature.blob, body.encode(), None
    if key.kind == COSIGNER:
        time_s = int.from_bytes(blob[:_TIME_BYTES], "big")
        blob, message = blob[_TIME_BYTES:], _cosigned(body, time_s)
        if time_s >= 1 << 63:
            raise EvidenceError(f"the time of a cosignature is out of range [{key.name}]")
    try:
        keys.verify(key.public, blob, message)
    except Malformed as error:
        raise EvidenceError(f"a signature does not verify [{key.name}]") from error
    return time_s


def _cosigned(body: str, time_s: int) -> bytes:
    """Return what a version 1 cosignature signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {time_s}\n{body}".encode()


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
