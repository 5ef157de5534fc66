"""Who was told to stop is through in time, or is ended: tried as a process of its own."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import logging, threading, time
from service.leaving import leaving

logging.basicConfig()
with leaving({within}) as leave:
    {begins}
    time.sleep({takes})
print("through", flush=True)
time.sleep({later})
"""


def run(*, begins: str = "leave(); leave()", within: float, takes: float, later: float = 0) -> str:
    """Return what such a process said, and how it ended."""
    text = PROGRAM.format(begins=begins, within=within, takes=takes, later=later)
    ended = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=120
    )
    return f"{ended.stdout}{ended.stderr}{ended.returncode}"


def test_who_is_not_through_in_time_is_ended_and_says_what_was_left() -> None:
    said = run(within=0.1, takes=100)
    assert "told to stop, and not through after 0.1 s: ended; left were ['MainThread']" in said
    assert said.endswith("1")


def test_who_is_through_is_left_alone() -> None:
    assert run(within=60, takes=0) == "through\n0"
    assert run(within=0.5, takes=0, later=1.5) == "through\n0"


def test_who_was_not_told_may_take_its_time() -> None:
    assert run(begins="pass", within=0.1, takes=1.5) == "through\n0"
