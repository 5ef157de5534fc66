"""A witness's folder: its key, the logs that it watches, and what it remembers of each.

witness.key   the private key; its owner alone may read it
name          the witness's name, a URL without scheme
logs.txt      the verifier keys of the logs, one a line; `#` begins a comment
logs/         one file a log, named by the SHA-256 of its origin
"""

from __future__ import annotations

import os
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.vkeys import COSIGNER, LOG, NoteKey, VerifierKey, parse_vkey
from ledger.keys import read_key, write_key
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.witness.core import Watched, Witness
from service.witness.keeping import Memory

LOGS_MAX: Final = 1_024
"""Logs of one witness: each costs one file and a few hundred bytes of memory."""


def init(folder: Path, *, name: str) -> NoteKey:
    """Make a witness's folder and key; `FileExistsError` if there is one, which is never replaced.

    `EvidenceError` where no signature line can carry that name.
    """
    key = NoteKey(name, SigningKey.generate(new_id("key")), COSIGNER)
    key.verifier  # noqa: B018 - raises for a name that no line can carry, before anything is made
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "logs").mkdir(exist_ok=True, mode=0o700)
    write_key(folder / "witness.key", key.key)
    (folder / "logs.txt").touch()
    (folder / "name").write_text(f"{name}\n", encoding="utf-8")
    return key


def watch(folder: Path, vkey: str) -> VerifierKey:
    """Take on a log by its verifier key; a second key of the same origin is one that replaces it.

    A running witness takes it on when it is started again.
    """
    key = _log_key(vkey)
    known = read_logs(folder)
    # Memory first, and only for a log that is new here: if we stop in between, the log is not
    # watched yet; and a memory that is missing later was lost, and is not made again.
    if key.name not in known:
        _memory(folder, key.name).create()
    if key not in known.get(key.name, ()):
        with (folder / "logs.txt").open("a", encoding="utf-8") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
    return key


def read_logs(folder: Path) -> dict[str, tuple[VerifierKey, ...]]:
    """Return the keys of the logs to watch, by origin; `EvidenceError` names a bad line."""
    found: dict[str, list[VerifierKey]] = defaultdict(list)
    lines = (folder / "logs.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                key = _log_key(text)
            except EvidenceError as error:
                raise EvidenceError(f"logs.txt, line {number}: {error}") from error
            found[key.name].append(key)
    if len(found) > LOGS_MAX:
        raise EvidenceError(f"a witness watches at most {LOGS_MAX} logs")
    return {origin: tuple(keys) for origin, keys in found.items()}


def read_witness_key(folder: Path) -> NoteKey:
    """Return the witness's key; `FileNotFoundError` where there is no witness."""
    name = (folder / "name").read_text(encoding="utf-8").removesuffix("\n")
    return NoteKey(name, read_key(folder / "witness.key"), COSIGNER)


def open_witness(folder: Path) -> Witness:
    """Return the witness of a folder; `MemoryLostError` where it has forgotten a log."""
    logs = {}
    for origin, keys in read_logs(folder).items():
        logs[origin] = Watched(keys, _memory(folder, origin))
        logs[origin].seen()  # rather not start than sign what may be a second history
    return Witness(read_witness_key(folder), logs)


def _memory(folder: Path, origin: str) -> Memory:
    return Memory(folder / "logs" / sha256(origin.encode()).hexdigest(), origin)


def _log_key(vkey: str) -> VerifierKey:
    key = parse_vkey(vkey)
    if key.kind != LOG:
        raise EvidenceError(f"not the verifier key of a log [{key.name}]")
    return key
