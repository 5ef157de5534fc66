"""Keys of signed notes: names, key ids, verifier keys (C2SP signed-note, tlog-cosignature).

A key id covers the name and the *type* of signature, so one Ed25519 key has another id as a log's
(0x01) than as a witness's (0x04), and a line made in one role is unknown in the other.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from schemas.envelope import keys
from schemas.refusals import Malformed

LOG: Final = 0x01
"""Signature type: Ed25519 over the note's text (signed-note)."""

COSIGNER: Final = 0x04
"""Signature type: timestamped Ed25519 cosignature, version 1 (tlog-cosignature)."""

KEY_ID_BYTES: Final = 4
"""Bytes of a key id: a hint for finding the key, no protection."""

_TYPE_BYTES: Final = 1
_KEY_ID_HEX: Final = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by which lines of a note are checked. `str()` is its vkey text."""

    name: str
    public: bytes
    kind: int = LOG

    def __post_init__(self) -> None:
        """Refuse names that no line can carry, unknown types and weak keys."""
        check_key_name(self.name)
        if self.kind not in {LOG, COSIGNER}:
            raise EvidenceError(f"signature type {self.kind:#04x} is not supported [{self.name}]")
        try:
            keys.check_public_key(self.public)
        except Malformed as error:
            raise EvidenceError(f"{error.message} [{self.name}]") from error

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name, LF, type, public key)."""
        material = self.name.encode() + b"\n" + bytes((self.kind,)) + self.public
        return sha256(material).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """Return `name+hex(key id)+base64(type || key)` (signed-note, "Verifier keys")."""
        return f"{self.name}+{self.key_id.hex()}+{texts.encode(bytes((self.kind,)) + self.public)}"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A private key that signs notes under `name`: a log's, or with `kind` a witness's."""

    name: str
    key: keys.SigningKey
    kind: int = LOG
    verifier: VerifierKey = field(init=False, repr=False, compare=False)
    """The public half; made once, for making it checks it."""

    def __post_init__(self) -> None:
        """Refuse what no line can carry, as its public half does."""
        object.__setattr__(self, "verifier", VerifierKey(self.name, self.key.public, self.kind))

    @property
    def vkey(self) -> str:
        """The public half as text, for policy files."""
        return str(self.verifier)


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that `text` names; raises `EvidenceError` where its parts disagree."""
    # The base64 may itself hold "+", the name and the id may not.
    parts = text.split("+", 2)
    if len(parts) != 3 or _KEY_ID_HEX.fullmatch(parts[1]) is None:  # noqa: PLR2004 - three parts
        raise EvidenceError(f"not a verifier key [{text[:120]!r}]")
    name, key_id, material = parts[0], parts[1], texts.decode(parts[2])
    if len(material) <= _TYPE_BYTES:
        raise EvidenceError(f"not a verifier key [{text[:120]!r}]")
    key = VerifierKey(name, material[_TYPE_BYTES:], material[0])
    if key.key_id.hex() != key_id:
        raise EvidenceError(f"the key id is not that of name and key [{text[:120]!r}]")
    return key


@lru_cache(maxsize=256)  # the same few names stand in every note
def check_key_name(name: str) -> None:
    """Raise unless `name` may stand in a signature line: no blank, plus or control character."""
    if not name or "+" in name or not name.isprintable() or any(c.isspace() for c in name):
        raise EvidenceError(f"not the name of a key [{name[:80]!r}]")
