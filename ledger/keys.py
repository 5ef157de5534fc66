"""The ledger's own keys: root, checkpoint, entry, intake and process (contracts, section 9).

Kept as files that their owner alone may read. Root is used rarely: to open the log. The others are
enrolled by it when the instance is set up. `entry.key` is the first; `entry.key_….key` is one that
replaces it, which a process holds from its next start on and uses when the log says so.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger import whole_file
from schemas import canonical
from schemas.drafts import OWNER_ONLY
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id

INSTANCE_ROLES: Final = ("root", "checkpoint", "entry", "intake", "process")
"""One key each; what it may sign is its role."""

REPLACED_ROLES: Final = ("checkpoint", "entry", "intake", "process")
"""Roles of which a folder holds several keys, while one is being replaced."""


@dataclass(frozen=True, slots=True)
class InstanceKeys:
    """The keys of one instance, by role.

    Each is the oldest of its role that the folder holds; `more` are those that replace it, by role.
    """

    root: SigningKey
    checkpoint: SigningKey
    entry: SigningKey
    intake: SigningKey
    process: SigningKey
    more: Mapping[str, tuple[SigningKey, ...]] = field(default_factory=dict)

    def held(self, role: str) -> tuple[SigningKey, ...]:
        """Return all keys of a role, the oldest first."""
        first: SigningKey = getattr(self, role)
        return (first, *self.more.get(role, ()))


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
    files = {role: [folder / f"{role}.key"] for role in INSTANCE_ROLES}
    for role in REPLACED_ROLES:
        files[role] = key_files(folder, role) or files[role]
    return InstanceKeys(
        **{role: read_key(paths[0]) for role, paths in files.items()},
        more={role: tuple(map(read_key, files[role][1:])) for role in REPLACED_ROLES},
    )


def key_files(folder: Path, role: str) -> list[Path]:
    """Return the files of a role's keys, the oldest first: ids of keys are ordered by time."""
    first = folder / f"{role}.key"
    return [*([first] if first.exists() else []), *sorted(folder.glob(f"{role}.key_*.key"))]


def successor_file(folder: Path, role: str, kid: str) -> Path:
    """Return where a key lies that replaces another of its role."""
    return folder / f"{role}.{kid}.key"


def write_key(path: Path, key: SigningKey) -> None:
    """Write a key file: its id and its seed. Readable by its owner alone; never overwrites.

    Whole or not at all, and durably: half a key would stop every process at its next start.
    """
    text = canonical.encode({"kid": key.kid, "seed": canonical.b64u(key.seed)}) + b"\n"
    # If we stop before it has its name, the key is nobody's.
    whole_file.make(path, text, mode=OWNER_ONLY, reached="key_file_before_named")


def read_key(path: Path) -> SigningKey:
    """Read a key file; `KeyFileError` if others than its owner may read it."""
    check_private(path)
    content = canonical.parse(path.read_bytes().removesuffix(b"\n"))
    return SigningKey(kid=content["kid"], seed=canonical.unb64u(content["seed"]))
