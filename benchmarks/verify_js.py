"""How fast the JavaScript module checks, beside Python: run `python -m benchmarks.verify_js`.

One check is one whole proof, as `liner prove` and a page in a browser do it: read the entry, verify
the log's signature and a witness's, follow the path, verify the entry's own signature. Both check
the same proofs in the same run: Python in one thread, JavaScript with whatever threads its platform
verifies signatures in. The last line is JSON.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import sized, told
from ledger.evidence import tree
from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    add_cosignature,
    cosign,
    sign_checkpoint,
)
from ledger.evidence.policy import parse_policy
from ledger.evidence.proof import make_proof
from ledger.evidence.prove import Beside, prove
from schemas.envelope.entry import leaf_hash, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id

ORIGIN = "ledger.example/2026"
ENTRIES = sized(512, tiny=64)
SECONDS = sized(2.0, tiny=0.1)
ROUNDS = sized(3, tiny=1)
SCRIPT = Path(__file__).with_suffix(".mjs")


def made() -> dict[str, object]:
    """Return a log of `ENTRIES` entries with a proof for each, and whom to trust."""
    entry_key = SigningKey.generate(new_id("key"))
    log = NoteKey(ORIGIN, SigningKey.generate(new_id("key")))
    witness = NoteKey("witness.example/1", SigningKey.generate(new_id("key")), COSIGNER)
    entries = [sign_entry(_payload(number), entry_key, ledger=ORIGIN) for number in range(ENTRIES)]
    growth = tree.grow(tree.Tree(), [leaf_hash(entry) for entry in entries])
    note = sign_checkpoint(Checkpoint(ORIGIN, ENTRIES, growth.root), log)
    note = add_cosignature(note, cosign(note, witness, time_s=1_790_000_000), witness.verifier)
    return {
        "policy": f"log {log.vkey}\nwitness w {witness.vkey}\nquorum w\n",
        "kid": entry_key.kid,
        "key": entry_key.public.hex(),
        "rows": [
            {
                "entry": entry.hex(),
                "proof": make_proof(index=at, path=growth.inclusion_path(at), checkpoint=note),
            }
            for at, entry in enumerate(entries)
        ],
    }


def _payload(number: int) -> dict[str, object]:
    return {
        "actor": new_id("pty"),
        "command": new_id("cmd"),
        "correlation": new_id("ses"),
        "data": {"number": number, "text": "x" * 600},
        "id": new_id("evt"),
        "index": 0,
        "ledger": ORIGIN,
        "of": 1,
        "recorded_at": "2026-11-22T08:11:02.512345Z",
        "rules": 1,
        "statement_sha256": "0" * 64,
        "type": "ConsentGranted",
        "version": 1,
    }


def python_rate(log: dict[str, object]) -> float:
    """Return checks a second by the first implementation."""
    policy = parse_policy(str(log["policy"]))
    beside = Beside(entry_keys={str(log["kid"]): bytes.fromhex(str(log["key"]))})
    rows = [(bytes.fromhex(row["entry"]), row["proof"]) for row in log["rows"]]  # type: ignore[attr-defined]  # made above
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        for entry, proof in rows[:64]:
            prove(entry, proof, policy, beside=beside)
        done += 64
    return done / (time.perf_counter() - began)


def javascript_rate(path: Path, node: str) -> float:
    """Return checks a second by the second implementation."""
    command = [node, str(SCRIPT), str(path), str(SECONDS)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return float(json.loads(found.stdout)["checks_per_s"])


def main() -> None:
    """Measure both in turns, the best of each, and print the ratio."""
    node = shutil.which("node")
    if node is None:
        sys.exit("there is no Node (18 or later) on this machine: make browser")
    log = made()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.json"
        path.write_text(json.dumps(log), encoding="utf-8")
        rounds = [(python_rate(log), javascript_rate(path, node)) for _ in range(ROUNDS)]
    python, javascript = (max(rates) for rates in zip(*rounds, strict=True))
    print(f"Python {python:.0f}, JavaScript {javascript:.0f} whole proofs a second")
    told(
        "verify_js",
        javascript / python,
        "python",
        python_per_s=round(python),
        javascript_per_s=round(javascript),
        signatures_per_check=3,
        entries=ENTRIES,
    )


if __name__ == "__main__":
    main()
