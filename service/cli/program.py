"""The program `liner`: its verbs, and the one place where a command ends.

Nothing but this writes an error, and nobody ever sees a traceback who did not ask for one.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from service.cli.ends import EndError, ExitCode, end_of, interrupted, unexpected
from service.cli.output import Output
from service.cli.verbs import EPILOG, behind_the_verb
from service.cli.verdicts import tell_refusal

INTERRUPTED: Final = 130
"""What typer returns after Ctrl-C; no code of ours."""

VERBS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "instance": ("init", "demo", "serve", "doctor", "token"),
        "parties": ("party", "key", "mandate"),
        "catalog": ("recording",),
        "works": ("work",),
        "shares": ("share",),
        "consents": ("consent",),
        "terms": ("tariff", "model"),
        "requests": ("quote", "verify", "authorize", "generate", "cancel"),
        "files": ("inspect", "prove"),
        "notes": ("notes",),
        "money": ("uses", "balance", "royalties", "payout"),
        "log": ("events", "rebuild"),
        "checkpoint": ("checkpoint",),
        "evidence": ("audit", "complete"),
        "witness": ("witness", "register"),
        "log_keys": ("log-key",),
        "erasure": ("erase",),
        "roles": ("run", "worker"),
        "dead": ("dead",),
    }
)
"""The verbs of each module `verbs_<name>`; a test holds this to what the modules add."""

WORDS: Final = frozenset(verb for verbs in VERBS.values() for verb in verbs)
"""Every verb."""

SAID: Final = """A rights and provenance ledger for generative music.

Who was asked, who said yes, what was made, who is paid; and how to check it."""
"""What `liner --help` begins with."""


def build(only: str | None = None) -> typer.Typer:
    """Return the program, in the order in which people meet its verbs.

    `only` a verb: the others are left out, and nobody waits for what they import. A word that is
    no verb gets the whole program, which says what it knows.
    """
    app = typer.Typer(name="liner", help=SAID, no_args_is_help=True, epilog=EPILOG)
    for name, verbs in VERBS.items():
        if only not in WORDS or only in verbs:
            import_module(f"service.cli.verbs_{name}").add_to(app)
    # A group of one verb would be the verb itself, and `liner prove` would lack its name.
    app.callback()(_nothing)
    return app


def _nothing() -> None:
    """Do nothing before a verb."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    given = behind_the_verb(sys.argv[1:] if arguments is None else arguments)
    # What libraries log is for `--debug`; a person reads one sentence.
    logging.basicConfig(level=logging.WARNING if "--debug" in given else logging.CRITICAL + 1)
    code = _run(given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody is left to be told anything; what Python flushes at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run(given: list[str]) -> int:
    out = Output(as_json="--json" in given)
    try:
        app = build(next((word for word in given if not word.startswith("-")), None))
        code = int(app(args=given, prog_name="liner", standalone_mode=False) or 0)
        return _end(out, interrupted()) if code == INTERRUPTED else code
    except TyperException as error:
        if text := " ".join(error.format_message().split()):  # none: help was shown instead
            out.error(f"{text} See `{_where(error)} --help`. [usage]")
        return ExitCode.USAGE
    except Abort:
        return _end(out, interrupted())
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the one place where everything ends
        if "--debug" in given:
            traceback.print_exc()
        return _end(out, end_of(error) or unexpected(error))


def _where(error: Any) -> str:
    """Return the command whose help says more."""
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context else "liner"


def _end(out: Output, end: EndError) -> int:
    if end.data is not None:
        out.document(end.data)
        if "alternatives" in end.data:
            tell_refusal(out, end.data)
    out.error(end.line)
    return end.exit_code
