"""Whoever verifies gives the same answers: here, in a process beside, and when that one is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger import children
from ledger.verifying.beside import FEW, VerifierProcess
from ledger.verifying.port import Here, Verifying
from schemas.envelope.keys import SMALL_ORDER, Signed, SigningKey
from tests.support.lying_verifier import LIES
from tests.support.patience import PATIENCE_S, until
from tests.support.processes import is_there

ROOT = Path(__file__).parents[3]
LIAR = ROOT / "tests/support/lying_verifier.py"
KEY = SigningKey("key_one", b"\x07" * 32)
OTHER = SigningKey("key_two", b"\x08" * 32)
LONG_BYTES = 262_144
"""As long as a statement may be: a list of these is more than a socket holds at once."""

ALWAYS = (1).to_bytes(32, "little") + bytes(32)
"""R the identity, S zero: under a key of small order it verifies for whoever does not look."""


def good(message: bytes = b"said") -> Signed:
    return Signed(KEY.public, KEY.sign(message), message)


def mixed() -> tuple[list[Signed], list[bool]]:
    """Return signatures of every kind, and which of them verify."""
    right = good()
    flipped = bytes([right.signature[0] ^ 1]) + right.signature[1:]
    rows = [
        (right, True),
        (good(b""), True),
        (Signed(KEY.public, flipped, b"said"), False),
        (Signed(KEY.public, right.signature, b"sai"), False),
        (Signed(KEY.public, right.signature[:63], b"said"), False),
        (Signed(KEY.public, right.signature + b"\0", b"said"), False),
        (Signed(KEY.public, b"", b"said"), False),
        (Signed(KEY.public[:31], right.signature, b"said"), False),
        (Signed(b"", right.signature, b"said"), False),
        (Signed(OTHER.public, right.signature, b"said"), False),
        *((Signed(weak, ALWAYS, b"said"), False) for weak in sorted(SMALL_ORDER)),
        (good(bytes(range(256))), True),
    ]
    return [row for row, _ in rows], [verifies for _, verifies in rows]


def ask(verifying: Verifying, signed: Sequence[Signed]) -> list[bool]:
    found, done = verifying.verify(signed, lambda: "done")
    assert done == "done"
    return list(found)


@contextmanager
def running(*, again_s: float = PATIENCE_S) -> Iterator[VerifierProcess]:
    """Give a process that has said it is ready, and is waited for on a busy machine too."""
    with closing(VerifierProcess(late_s=PATIENCE_S, again_s=again_s)) as beside:
        wake(beside)
        yield beside


def wake(beside: VerifierProcess) -> None:
    """Ask until the process takes part."""

    def asked() -> bool:
        ask(beside, [good()] * FEW)
        return beside.is_running

    until(asked)


@pytest.fixture(params=["here", "beside"])
def verifying(request: pytest.FixtureRequest) -> Iterator[Verifying]:
    if request.param == "here":
        yield Here()
        return
    with running() as beside:
        yield beside
        assert beside.losses == 0


def test_each_is_judged_by_itself_in_a_mixed_list(verifying: Verifying) -> None:
    signed, expected = mixed()
    for _ in range(3):
        assert ask(verifying, signed) == expected
        assert ask(verifying, signed[::-1]) == expected[::-1]


@pytest.mark.parametrize("rows", [0, 1, FEW - 1, FEW, 128])
def test_a_list_of_any_length_is_answered(verifying: Verifying, rows: int) -> None:
    signed = [good(b"%d" % number) for number in range(rows)]
    assert ask(verifying, signed) == [True] * rows
    assert ask(verifying, [row._replace(message=b"x") for row in signed]) == [False] * rows


def test_a_list_longer_than_a_socket_holds_is_answered(verifying: Verifying) -> None:
    signed = [good(os.urandom(LONG_BYTES)) for _ in range(24)]
    signed[7] = signed[7]._replace(message=signed[8].message)
    assert ask(verifying, signed) == [number != 7 for number in range(24)]


def test_what_is_done_meanwhile_is_raised_and_the_next_list_is_answered(
    verifying: Verifying,
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    signed, expected = mixed()
    with pytest.raises(ZeroDivisionError):
        verifying.verify(signed[::-1], fail)
    assert ask(verifying, signed) == expected


def test_threads_at_once_each_hear_of_their_own_list(verifying: Verifying) -> None:
    signed, expected = mixed()
    wrong: list[list[bool]] = []

    def many(turn: int) -> None:
        for _ in range(20):
            found = ask(verifying, signed[turn:] + signed[:turn])
            if found != expected[turn:] + expected[:turn]:
                wrong.append(found)

    threads = [threading.Thread(target=many, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_list_is_verified_by_the_process_and_a_few_are_not() -> None:
    with running() as beside:
        before = beside.sent
        ask(beside, [good()] * FEW)
        ask(beside, [good()] * (FEW - 1))
        assert beside.sent == before + 1


@pytest.mark.parametrize("word", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_process_that_is_lost_costs_no_answer(when: str, word: signal.Signals) -> None:
    signed, expected = mixed()
    with running(again_s=3600) as beside:
        pid, control = beside.pid, beside._control
        assert pid is not None
        assert control is not None
        control.settimeout(0.2)  # only now: whoever is to be lost must have begun before

        def lose() -> None:
            os.kill(pid, word)
            until(lambda: word is signal.SIGSTOP or not is_there(pid))

        if when == "before":
            lose()
            assert ask(beside, signed) == expected
        else:
            os.kill(pid, signal.SIGSTOP)  # so that it cannot be through before it is lost
            found, _ = beside.verify(signed, lose)
            assert list(found) == expected
        assert (beside.losses, beside.is_running, beside.pid) == (1, False, None)
        assert ask(beside, signed) == expected


def test_one_that_was_lost_is_started_again() -> None:
    signed, expected = mixed()
    with running(again_s=0) as beside:
        first = beside.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert ask(beside, signed) == expected
        wake(beside)
        assert beside.pid not in {None, first}
        assert ask(beside, signed) == expected
        assert beside.losses == 1


@pytest.mark.parametrize("lie", [*LIES, "no_beginning"])
def test_who_answers_what_is_no_answer_is_ended(monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    command = (sys.executable, "-P", str(LIAR), lie)
    monkeypatch.setattr(children, "command_of", lambda _module: command)
    signed, expected = mixed()
    with closing(VerifierProcess(again_s=3600)) as beside:
        pid = beside.pid
        assert pid is not None

        def lost() -> bool:
            assert ask(beside, signed) == expected
            return beside.losses == 1

        until(lost)
        assert not is_there(pid)


def test_one_that_cannot_be_started_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "command_of", lambda _module: ("/nowhere",))
    signed, expected = mixed()
    with closing(VerifierProcess(again_s=0)) as beside:
        assert ask(beside, signed) == expected
        assert beside.losses == 2


def test_it_is_not_ended_by_what_tells_all_processes_to_stop() -> None:
    with running() as beside:
        pid = beside.pid
        assert pid is not None
        assert os.getpgid(pid) != os.getpgid(0), "what the terminal tells us, it does not hear"
        for word in (signal.SIGINT, signal.SIGTERM):
            os.kill(pid, word)
        ask(beside, [good()] * FEW)
        assert (beside.pid, beside.losses) == (pid, 0)


def test_closed_it_has_ended_and_what_comes_is_verified_here() -> None:
    signed, expected = mixed()
    with running(again_s=0) as beside:
        pid = beside.pid
    assert pid is not None
    assert not is_there(pid)
    assert ask(beside, signed) == expected
    assert (beside.pid, beside.losses) == (None, 0)


def test_it_ends_with_whoever_started_it() -> None:
    code = (
        "from ledger.verifying.beside import VerifierProcess;"
        "print(VerifierProcess().pid, flush=True);"
        "import time; time.sleep(600)"
    )
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.kill()
    until(lambda: not is_there(pid))


def test_it_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_DATABASE_URL", "postgresql://app:secret@localhost/log")
    with running() as beside:
        folder = Path(f"/proc/{beside.pid}")
        assert b"secret" not in (folder / "environ").read_bytes()
        others = {str(link.readlink()) for link in (folder / "fd").iterdir()}
        assert sum(name.startswith("socket:") for name in others) <= 2, others
