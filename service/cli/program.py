"""The program `liner`: its verbs, and the one place where a command ends.

Nothing but this writes an error, and nobody ever sees a traceback who did not ask for one.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from service.cli import verbs_catalogue as catalogue
from service.cli import verbs_consents as consents
from service.cli import verbs_files as files
from service.cli import verbs_instance as instance
from service.cli import verbs_log as log
from service.cli import verbs_money as money
from service.cli import verbs_parties as parties
from service.cli import verbs_requests as requests
from service.cli import verbs_shares as shares
from service.cli import verbs_terms as terms
from service.cli.ends import EndError, ExitCode, end_of, interrupted, unexpected
from service.cli.output import Output
from service.cli.verbs import EPILOG
from service.cli.verdicts import tell_refusal

INTERRUPTED: Final = 130
"""What typer returns after Ctrl-C; no code of ours."""

SAID: Final = """A rights and provenance ledger for generative music.

Who was asked, who said yes, what was made, who is paid; and how to check it."""
"""What `liner --help` begins with."""


def build() -> typer.Typer:
    """Return the program with all its verbs, in the order in which people meet them."""
    app = typer.Typer(name="liner", help=SAID, no_args_is_help=True, epilog=EPILOG)
    for module in (
        instance, parties, catalogue, shares, consents, terms, requests, files, money, log,
    ):  # fmt: skip
        module.add_to(app)
    return app


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # What libraries log is for `--debug`; a person reads one sentence.
    logging.basicConfig(level=logging.WARNING if "--debug" in given else logging.CRITICAL + 1)
    try:
        code = _run(given)
    except BrokenPipeError:
        # Whoever read us has enough (`| head`): nobody is left to be told anything.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run(given: list[str]) -> int:
    out = Output(as_json="--json" in given)
    try:
        app = build()
        code = int(app(args=given, prog_name="liner", standalone_mode=False) or 0)
        return _end(out, interrupted()) if code == INTERRUPTED else code
    except TyperException as error:
        out.error(f"{_usage(error)} [usage]")
        return ExitCode.USAGE
    except Abort:
        return _end(out, interrupted())
    except SystemExit:
        raise
    except BrokenPipeError:
        raise
    except BaseException as error:  # noqa: BLE001 - the one place where everything ends
        if "--debug" in given:
            traceback.print_exc()
        return _end(out, end_of(error) or unexpected(error))


def _usage(error: Any) -> str:
    """Write a usage error as one sentence that says where help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "liner"
    return f"{' '.join(error.format_message().split()).rstrip('.')}; see `{command} --help`"


def _end(out: Output, end: EndError) -> int:
    if end.data is not None:
        out.document(end.data)
        if "alternatives" in end.data:
            tell_refusal(out, end.data)
    out.error(end.line)
    return end.exit_code
