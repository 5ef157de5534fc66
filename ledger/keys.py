"""The ledger's own keys: root, checkpoint, entry, intake and process (contracts, section 9).

Kept as files that their owner alone may read. Root is used rarely: to open the log. The others are
enrolled by it when the instance is set up.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas import canonical
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id

INSTANCE_ROLES: Final = ("root", "checkpoint", "entry", "intake", "process")
"""One key each; what it may sign is its role."""


@dataclass(frozen=True, slots=True)
class InstanceKeys:
    """The keys of one instance, by role."""

    root: SigningKey
    checkpoint: SigningKey
    entry: SigningKey
    intake: SigningKey
    process: SigningKey


def make_instance_keys(folder: Path) -> InstanceKeys:
    """Make a fresh key for each role in `folder`; never overwrites one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role in INSTANCE_ROLES:
        write_key(folder / f"{role}.key", SigningKey.generate(new_id("key")))
    return read_instance_keys(folder)


class KeyFileError(ValueError):
    """A key file is not what it must be."""

    code: Final = "key_open"


def check_private(path: Path) -> None:
    """Raise `KeyFileError` if others than its owner may read a file."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(f"{path} may be read by others than its owner: chmod 600 {path}")


def read_instance_keys(folder: Path) -> InstanceKeys:
    """Read the keys of an instance; `FileNotFoundError` or `KeyFileError` says which."""
    return InstanceKeys(**{role: read_key(folder / f"{role}.key") for role in INSTANCE_ROLES})


def write_key(path: Path, key: SigningKey) -> None:
    """Write a key file: its id and its seed. Readable by its owner alone; never overwrites."""
    text = canonical.encode({"kid": key.kid, "seed": canonical.b64u(key.seed)}) + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> SigningKey:
    """Read a key file; `KeyFileError` if others than its owner may read it."""
    check_private(path)
    content = canonical.parse(path.read_bytes().removesuffix(b"\n"))
    return SigningKey(kid=content["kid"], seed=canonical.unb64u(content["seed"]))
