"""What somebody at a terminal sees: tables and colors, and none of them where NO_COLOR is set."""

from __future__ import annotations

import os
import pty
import subprocess

from tests.support.liner import SCRIPT, Liner
from tests.support.town import HOLDER, Town


def _at_a_terminal(liner: Liner, *args: str, **env: str) -> tuple[int, str]:
    """Run the installed program with a terminal for its output; return exit code and screen."""
    master, slave = pty.openpty()
    environment = {**liner.environment(**env), "TERM": "xterm-256color", "COLUMNS": "120"}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(SCRIPT), *args], cwd=liner.folder, env=environment, stdin=slave, stdout=slave,
        stderr=slave,
    )  # fmt: skip
    os.close(slave)
    screen = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        screen += part
    os.close(master)
    return process.wait(), screen.decode()


def test_a_list_is_a_table_with_a_heading(town: Town) -> None:
    code, screen = _at_a_terminal(town.liner, "key", "list")
    assert code == 0
    lines = screen.splitlines()
    assert "party" in lines[0]
    assert "state" in lines[0]
    assert any(HOLDER in line and "signs" in line for line in lines[1:])
    assert "\t" not in screen
    assert "\x1b[" in screen


def test_no_color_is_respected(town: Town) -> None:
    for args in (("key", "list"), ("balance", "--server", "nowhere")):
        _, screen = _at_a_terminal(town.liner, *args, NO_COLOR="1")
        assert "\x1b[3" not in screen, "no foreground color"
        assert screen.strip()


def test_an_error_stays_one_sentence(town: Town) -> None:
    code, screen = _at_a_terminal(town.liner, "balance", "--server", "nowhere", NO_COLOR="1")
    assert code == 1
    assert screen.rstrip().endswith("[server_unfit]")


def test_a_long_work_shows_a_bar_and_clears_it(town: Town) -> None:
    code, screen = _at_a_terminal(town.liner, "audit")
    assert code == 0
    assert "auditing" in screen
    assert screen.rstrip().endswith("0 differ")


def test_a_pipe_that_is_closed_early_is_no_error(town: Town) -> None:
    process = town.liner.start("events", "--after", "0")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0
