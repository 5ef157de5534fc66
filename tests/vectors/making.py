"""What the makers of golden vectors share: fixed keys, records, and writing the files.

Run `python -m tests.vectors.make_values` (and the others) from the root of the project. Tests
compare the committed files, byte for byte, with what the code does today: a difference is a change
of a format that others have stored, never a reason to run this again without a decision record.
"""

import json
from pathlib import Path
from typing import Any

from schemas.envelope.keys import SigningKey

FOLDER = Path(__file__).parent

LEDGER = "ledger.example/2026"
ACTOR = "pty_01h455vb4pex5vsknk084sn02q"
ACTOR_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02a", b"\x03" * 32)
INTAKE_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02b", b"\x04" * 32)
ENTRY_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02c", b"\x05" * 32)
LOG_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02d", b"\x06" * 32)
WITNESS_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02e", b"\x07" * 32)
OTHER_KEY = SigningKey("key_01h455vb4pex5vsknk084sn02f", b"\x08" * 32)


def row(name: str, catches: str, **fields: Any) -> dict[str, Any]:
    """Return one record: what it is, and which mistake it would catch."""
    return {"name": name, "catches": catches, **fields}


def flip(raw: bytes, at: int, bit: int = 0) -> bytes:
    """Return `raw` with one bit of byte `at` flipped."""
    at %= len(raw)
    return raw[:at] + bytes((raw[at] ^ 1 << bit,)) + raw[at + 1 :]


def as_text(vectors: object) -> str:
    """Return the text of a file: ASCII, so that no editor changes what it means."""
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


def write(files: dict[str, object]) -> None:
    """Write the files beside this one."""
    for name, vectors in files.items():
        (FOLDER / name).write_text(as_text(vectors), encoding="ascii")


def load(name: str) -> Any:
    """Return what a file says."""
    return json.loads((FOLDER / name).read_text(encoding="ascii"))
