"""Run every benchmark, and keep the last line of each: `python -m benchmarks`, or `make bench`.

Writes `out/bench.json`: one object, keyed by measure. A benchmark that fails is named at the end,
and what the others found is kept.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
OUT = Path("out") / "bench.json"


def names() -> list[str]:
    """Return the benchmarks: files here that can be run by themselves."""
    found = sorted(FOLDER.glob("*.py"))
    return [
        path.stem
        for path in found
        if not path.stem.startswith("__") and 'if __name__ == "__main__":' in path.read_text()
    ]


def lines(name: str) -> Iterator[str]:
    """Run one benchmark and yield what it prints, as it comes; `CalledProcessError` if it fails."""
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None, "it was asked for"
        yield from process.stdout
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def measured(name: str) -> dict[str, Any]:
    """Run one benchmark, show what it prints, and return its last line."""
    print(f"\n{name}", flush=True)
    last = "{}"
    for line in lines(name):
        print(line, end="", flush=True)
        last = line
    found: dict[str, Any] = json.loads(last)
    return found


def main() -> None:
    """Run all, or those that are named, and write what they found."""
    found, failed = {}, []
    for name in sys.argv[1:] or names():
        try:
            row = measured(name)
            found[row["measure"]] = row
        except (subprocess.CalledProcessError, ValueError, KeyError) as error:
            failed.append(f"{name}: {error}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"\n{len(found)} measures in {OUT}")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
