"""Openings at rest: sealed under a key per subject, which is wrapped by the master key.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; a key per subject keeps each far below the
2**32 messages where random nonces stop being safe. What a sealed value belongs to is bound in as
associated data, so nobody can move an opening to another event, pointer or subject.

Erasing a subject deletes its wrapped key, and with it whatever copies of its openings remain in
backups of the database; the master key is in no backup of the database.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import whole_file
from ledger.keys import KeyFileError, check_private
from ledger.storage.errors import Damaged
from ledger.storage.records import OpeningRow
from schemas import canonical
from schemas.commitments import Opening
from schemas.drafts import OWNER_ONLY

KEY_BYTES: Final = 32
"""Bytes of the master key and of each subject's key: AES-256."""

Cipher = AESGCM
"""What opens the openings of one subject, however many they are."""

_NONCE_BYTES: Final = 12  # SP 800-38D, section 8.2: the length that GCM is made for


def make_master_key(path: Path) -> None:
    """Write a fresh master key to `path`, readable by its owner alone. Never overwrites one."""
    raw = canonical.b64u(os.urandom(KEY_BYTES)).encode() + b"\n"
    whole_file.make(path, raw, mode=OWNER_ONLY)


def read_master_key(path: Path) -> bytes:
    """Return the master key in `path`; `KeyFileError` if others may read it, or it is none."""
    check_private(path)
    key = canonical.unb64u(path.read_text(encoding="ascii").removesuffix("\n"))
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path} holds no key of {KEY_BYTES} bytes [{len(key)}]")
    return key


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An opening as it is stored: `position` is where its command begins."""

    event_id: str
    pointer: str
    position: int
    subject: str
    sealed: bytes


class Vault:
    """Seals and opens openings; knows the master key, keeps no other."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes [{len(master_key)}]")
        self._master = AESGCM(master_key)

    def new_key(self, subject: str) -> tuple[bytes, bytes]:
        """Return a fresh key for `subject`, and the same wrapped, which is what is stored."""
        key = os.urandom(KEY_BYTES)
        return key, _seal(self._master, key, _bind("subject-key", subject))

    def seal_all(
        self, openings: Sequence[OpeningRow], wrapped: Mapping[str, bytes]
    ) -> tuple[dict[str, bytes], list[SealedRow]]:
        """Return the wrapped keys that had to be made, and the openings, sealed.

        `wrapped` are the keys that their subjects have already.
        """
        keys: dict[str, bytes] = {}
        fresh: dict[str, bytes] = {}
        rows = []
        for row in openings:
            one, subject = row.beside, row.beside.subject
            if subject in wrapped:
                keys[subject] = keys.get(subject) or self.unwrap(subject, wrapped[subject])
            elif subject not in keys:
                keys[subject], fresh[subject] = self.new_key(subject)
            sealed = seal(keys[subject], subject, one.event_id, one.opening)
            place = (one.event_id, one.opening.pointer, row.position, subject)
            rows.append(SealedRow(*place, sealed))
        return fresh, rows

    def unwrap(self, subject: str, wrapped: bytes) -> bytes:
        """Return the subject's key; `Damaged` if `wrapped` is not its or not of this master key."""
        return _open(self._master, wrapped, _bind("subject-key", subject))

    def cipher(self, subject: str, wrapped: bytes) -> Cipher:
        """Return what `unseal` opens a subject's openings with. Raises like `unwrap`."""
        return Cipher(self.unwrap(subject, wrapped))


def seal(key: bytes, subject: str, event_id: str, opening: Opening) -> bytes:
    """Return `opening` sealed under the subject's key and bound to where it belongs."""
    text = canonical.encode({"salt": canonical.b64u(opening.salt), "value": opening.value})
    return _seal(AESGCM(key), text, _bind("opening", subject, event_id, opening.pointer))


def unseal(cipher: Cipher, subject: str, event_id: str, pointer: str, sealed: bytes) -> Opening:
    """Return the opening in `sealed`; `Damaged` if it was sealed for another place or key."""
    text = _open(cipher, sealed, _bind("opening", subject, event_id, pointer))
    content = canonical.reread(text)  # whoever has the key wrote it, and `seal` writes one form
    return Opening(pointer, canonical.reread_b64u(content["salt"]), content["value"])


def _bind(*parts: str) -> bytes:
    """Return the canonical bytes of a list of texts: in ASCII the quick writer's are these."""
    raw = msgspec.json.encode(parts)
    return raw if raw.isascii() else canonical.encode(list(parts))


def _seal(cipher: AESGCM, text: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text, bound)


def _open(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        raise Damaged("an opening or its key does not decrypt: is this its master key?") from error
