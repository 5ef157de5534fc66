"""Every expected error ends in one sentence with its code, and the exit code that it means."""

from __future__ import annotations

import errno
import json

import pytest

from generation.audio import AudioError
from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.storage.errors import AlreadyHeld, Busy, OlderCopy
from projections.errors import Behind
from schemas.refusals import Malformed
from service.cli.ends import EndError, ExitCode, end_of, unexpected
from service.identity import TokenError


def _not_json() -> Exception:
    try:
        json.loads("{")
    except json.JSONDecodeError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (Malformed("tier_unknown", "no such tier", pointer="/tier"), "tier_unknown", 1),
        (Busy("the queue is full"), "busy", 1),
        (NotWitnessedError("nobody"), "not_witnessed", 2),
        (EvidenceError("another hash", step="step 6"), "evidence_invalid", 3),
        (AlreadyHeld("x.sqlite", pid=7), "held", 1),
        (OlderCopy("older"), "older_copy", 1),
        (FileNotFoundError(errno.ENOENT, "no", "x"), "file_missing", 1),
        (PermissionError(errno.EACCES, "no", "x"), "file_denied", 1),
        (FileExistsError(errno.EEXIST, "no", "x"), "file_exists", 1),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "x"), "file_unfit", 1),
        (OSError(errno.EADDRINUSE, "taken"), "port_taken", 1),
        (OSError(errno.ENOSPC, "full"), "storage_full", 1),
        (OSError(errno.EIO, "Input/output error", "x"), "file_failed", 1),
        (_not_json(), "json_invalid", 1),
        (AudioError("audio_unreadable", "cannot be decoded"), "audio_unreadable", 1),
        (TokenError("revoked"), "token_invalid", 1),
        (Behind("x", asked=9, reached=3, failure=None), "behind", 1),
        (ModuleNotFoundError("no", name="fastapi"), "package_missing", 1),
        (KeyboardInterrupt(), "interrupted", 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_how_an_error_ends(error: BaseException, code: str, exit_code: int) -> None:
    end = end_of(error)
    assert end is not None
    assert (end.code, end.exit_code) == (code, exit_code)
    assert end.line.endswith(f"[{code}]")
    assert "\n" not in end.line


def test_what_is_missing_is_named() -> None:
    for error in (FileNotFoundError(errno.ENOENT, "no", "x"), FileNotFoundError("no folder x")):
        end = end_of(error)
        assert end is not None
        assert "x [file_missing]" in end.line
        assert "None" not in end.line


def test_a_sentence_stays_on_one_line() -> None:
    assert EndError("x", "one\n  two").line == "one two [x]"


def test_what_nobody_expected_says_where_to_report_it() -> None:
    assert end_of(KeyError("lost")) is None
    end = unexpected(KeyError("lost"))
    assert end.exit_code is ExitCode.FAILED
    assert "report it" in end.line
    assert "--debug" in end.line
