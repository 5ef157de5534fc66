"""How a command ends: the exit codes, and every error as one sentence with its code in brackets.

The codes are those of the console page: 0 allowed or valid, 1 operational error, 2 refused or no
provenance, 3 invalid or tampered, 64 usage (sysexits.h, EX_USAGE).
"""

from __future__ import annotations

import errno
import json
import sys
from enum import IntEnum
from typing import Any, Final

from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.storage.errors import AlreadyHeld, Fatal
from schemas.refusals import Conflict, Malformed


class ExitCode(IntEnum):
    """What a command's exit code says; scripts may rely on these numbers."""

    ALLOWED = 0
    FAILED = 1
    REFUSED = 2
    INVALID = 3
    USAGE = 64


EXIT_CODES: Final[dict[ExitCode, str]] = {
    ExitCode.ALLOWED: "allowed, valid, done",
    ExitCode.FAILED: "an operational error: nothing is said about rights or evidence",
    ExitCode.REFUSED: "the rights refuse it, or there is no provenance",
    ExitCode.INVALID: "invalid or tampered",
    ExitCode.USAGE: "the command line was not understood",
}
"""Each exit code in words, for help and guide."""

REPORT: Final = "please report it to the maintainers of linernotes; --debug shows where"
"""What a person does with an error that nobody expected."""


class EndError(Exception):
    """The command ends here: one sentence, a code for machines, an exit code.

    `data` is what `--json` prints on standard output: a verdict, a problem.
    """

    def __init__(
        self,
        code: str,
        message: str,
        exit_code: ExitCode = ExitCode.FAILED,
        *,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.exit_code = exit_code
        self.data = data

    @property
    def line(self) -> str:
        """The sentence and its code, on one line."""
        return f"{' '.join(self.message.split())} [{self.code}]"


def usage(message: str) -> EndError:
    """Return the end of a command line that asks for something impossible."""
    return EndError("usage", message, ExitCode.USAGE)


def end_of(error: BaseException) -> EndError | None:
    """Return how an expected error ends the command; None for one that nobody expected."""
    found: EndError | None = None
    match error:
        case EndError():
            found = error
        case Malformed() | Conflict():
            where = f", at {error.pointer}" if error.pointer else ""
            found = EndError(error.code, f"{error.message}{where}")
        case NotWitnessedError():
            # Not invalid (contracts, section 8): the policy asks for more than is there yet.
            found = EndError("not_witnessed", str(error), ExitCode.REFUSED)
        case EvidenceError():
            found = EndError("evidence_invalid", str(error), ExitCode.INVALID)
        case AlreadyHeld():
            found = EndError("held", str(error))
        case Fatal():
            found = EndError(_snake(type(error).__name__), str(error))
        case KeyboardInterrupt():
            found = interrupted()
    return found or _of_later_import(error) or _of_machine(error)


def interrupted() -> EndError:
    """Return the end of a command that somebody broke off."""
    return EndError("interrupted", "interrupted; what was acknowledged stays")


def _of_machine(error: BaseException) -> EndError | None:
    """Translate what files, disks and JSON texts do."""
    found: tuple[str, str] | None = None
    match error:
        case FileNotFoundError():
            # One of our own names what it misses in its words: a folder, for one.
            text = f"there is no file {error.filename}" if error.filename else str(error)
            found = ("file_missing", text)
        case PermissionError():
            found = ("file_denied", f"this user may not use {error.filename}")
        case FileExistsError():
            found = ("file_exists", f"{error.filename} is there already; nothing is replaced")
        case IsADirectoryError() | NotADirectoryError():
            found = ("file_unfit", f"{error.filename} is not what is due here: {_why(error)}")
        case OSError(errno=errno.EADDRINUSE):
            found = ("port_taken", "another process listens on this port: choose --port")
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            place = f" in {error.filename}" if error.filename else ""
            found = ("storage_full", f"there is no room left{place}; nothing was half-written")
        case OSError():
            name = f"{error.filename}: " if error.filename else ""
            found = ("file_failed", f"{name}{_why(error)}")
        case json.JSONDecodeError():
            found = ("json_invalid", f"not JSON: {error}")
        case UnicodeDecodeError():
            found = ("json_invalid", "not text in UTF-8")
    return None if found is None else EndError(*found)


LATER: Final = (
    ("generation.audio", "AudioError", None),
    ("generation.artifacts", "ArtifactError", None),
    ("generation.artifacts", "ArtifactsUnavailableError", None),
    ("generation.artifact_opening", "ArtifactPlaceError", None),
    ("ledger.keys", "KeyFileError", None),
    ("service.settings", "SettingError", None),
    ("service.observing.logs", "ObserveSettingError", None),
    ("service.roles.holding", "RoleEndedError", None),
    ("service.rendering", "WorkerFolderError", None),
    ("generation.broker_settings", "BrokerSettingError", "setting_invalid"),
    ("service.transport.dead_letters", "LetterError", None),
    ("generation.broker", "BrokerAwayError", "broker_away"),
    ("service.identity", "TokenError", "token_invalid"),
    ("service.founding", "AlreadyFoundedError", "already_founded"),
    ("service.demo", "DemoError", "demo_failed"),
    ("projections.errors", "Behind", "behind"),
    ("projections.errors", "Busy", "busy"),
    ("projections.errors", "HistoryUnavailable", "history_unavailable"),
    ("projections.errors", "ProjectionBroken", "projection_broken"),
    ("ledger.provenance.reading", "ReaderUnavailableError", "reader_unavailable"),
)
"""Errors whose modules are heavy: module, name, and a code where the error carries none.

Nobody imports a module just to translate its errors: what was never imported was never raised.
"""


def _of_later_import(error: BaseException) -> EndError | None:
    """Translate the errors of `LATER`, and packages that are not installed."""
    for module, name, code in LATER:
        loaded = sys.modules.get(module)
        if loaded is not None and isinstance(error, getattr(loaded, name)):
            given = code or str(getattr(error, "code", "failed"))
            return EndError(given, str(getattr(error, "message", error)))
    if isinstance(error, ModuleNotFoundError):
        text = f"this needs the package {error.name}: install linernotes[service,generation]"
        return EndError("package_missing", text)
    return None


def unexpected(error: BaseException) -> EndError:
    """Return the end of what nobody expected: one line, and where to report it."""
    text = f"something unexpected happened ({type(error).__name__}: {error}); {REPORT}"
    return EndError("internal_error", text)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
