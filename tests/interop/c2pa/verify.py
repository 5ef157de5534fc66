"""Verify files with `encypher-c2pa`: verify.py ANCHORS FILE..., one JSON object per file.

Runs in an environment of its own, where nothing of ours is installed.
"""

import json
import sys
from pathlib import Path

import encypher_c2pa  # type: ignore[import-not-found]  # installed for this alone, elsewhere


def main() -> None:
    """Say of each file what the verifier says, in its ordinary mode and in its strictest."""
    anchors, *files = sys.argv[1:]
    given = {"trust_pem": Path(anchors).read_text(), "no_default_trust": True, "online": False}
    for name in files:
        found, strict = (
            encypher_c2pa.verify(name, **given, strict_conformance=is_strict)
            for is_strict in (False, True)
        )
        row = {
            "file": Path(name).name,
            "state": found["validation_state"],
            "integrity": found["integrity"],
            "binding": found["hard_binding"],
            "failures": [one["code"] for one in found["validation_results"]["failure"]],
            "strict": [one["code"] for one in strict["validation_results"]["failure"]],
        }
        sys.stdout.write(json.dumps(row) + "\n")


main()
