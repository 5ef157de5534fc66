"""The page about the command line, written from the program itself: `make reference` writes it.

Help texts are said once, in the code; a test compares the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from typer.main import get_command

from service.cli.ends import EXIT_CODES
from service.cli.program import build
from service.cli.verbs import PANEL

PATH: Final = "docs/guides/command-line.md"
"""Where the page lies."""

NOTICE: Final = (
    "<!-- Written by `make reference` from the program. Change the code, not this page. -->\n"
)
"""The first line of the page."""

INTRO: Final = """
# The command line

`liner` says and asks what the HTTP API says and asks, with the same verbs and ids. After
`make setup` it is `.venv/bin/liner`.

## Where the ledger is

A ledger is a folder: `--home`, or LINERNOTES_HOME, or `linernotes` here. If a service holds it
(`liner serve`), the service has written its address beside the file, and every verb talks to the
service; if another process holds it without an address, a sentence names that process. With
`--server URL` the ledger is elsewhere; then `--token` says as whom you read. `prove`, and `inspect`
with `--offline`, ask nobody; `audit` reads the folder beside whoever writes, or an export.

## Who speaks

What you say is a statement, signed on this machine by a key of the party that speaks: `--as` and
its id or registered name, else the instance's operator. Keys lie in `keyring/` of the folder, one
file a key, readable by their owner alone; `party add` and `key new` make them. For reading, the
command line makes itself a token of that party, if it has the ledger's folder.

What two parties must say is two statements. `--confirm` says the second one too, by the operator's
key, where that key is on this machine.

## What is printed

A table on a terminal; in a pipe plain lines, columns separated by tabs, no heading; with `--json`
one document, or one JSON line for each row of a list. Progress, remarks and errors go to standard
error. An error is one sentence with its code in brackets; `--debug` shows where it happened.
NO_COLOR is respected.

Dates are dates in a `--zone`, or instants in UTC such as `2026-11-22T08:00:00Z`. `--as-of` asks
what was recorded at a position or instant, `--valid-at` what was in force.

## Exit codes

"""
"""What stands before the verbs."""

FILES: Final = """
## Files

- A **receipt** is one JSON document: `format` (`linernotes-receipt/1`), `ledger`, `position`,
  `entry`, `proof` (C2SP tlog-proof), `statement`, `openings`; bytes in base64url. `events receipt`,
  `authorize --receipt` and `generate --receipt` write one, `prove` checks it.
- A **bundle** is what `inspect --offline` and `prove --bundle` trust: `format`
  (`linernotes-bundle/1`), `origin`, `policy` (C2SP tlog-policy), `anchors_pem`, `entry_keys`.
  `checkpoint --bundle` writes one. It proves that a file's generation was authorized; that it was
  completed as this file, only the ledger says.
- An **audit export** is a folder: `audit.json`, `checkpoint`, entry bundles under `tile/entries/`
  (C2SP tlog-tiles), `notes.jsonl`, `beside.jsonl`. `audit --export` writes one, `audit --from`
  checks it.
"""
"""What stands after the verbs."""


def page() -> str:
    """Return the whole page."""
    program: Any = get_command(build())
    codes = "".join(f"- `{int(code)}` {said}\n" for code, said in EXIT_CODES.items())
    verbs = "\n".join(_verbs(program, "liner"))
    shared = "\n".join(_options(next(_leaves(program)), shared=True))
    everywhere = f"\n## Options of every verb\n\n{shared}\n"
    return f"{NOTICE}{INTRO}{codes}{everywhere}\n## Verbs\n{verbs}\n{FILES}"


def _leaves(command: Any) -> Iterator[Any]:
    """Yield the commands that are no groups."""
    below = getattr(command, "commands", None)
    if below is None:
        yield command
        return
    for each in below.values():
        yield from _leaves(each)


def _verbs(command: Any, path: str) -> Iterator[str]:
    """Yield the lines about every verb below a group."""
    for name, each in command.commands.items():
        if hasattr(each, "commands"):
            yield f"\n### `{path} {name}`\n\n{_text(each.help)}\n"
            yield from _verbs(each, f"{path} {name}")
        else:
            depth = "####" if " " in path else "###"
            yield f"\n{depth} `{path} {name}{_arguments(each)}`\n\n{_text(each.help)}\n"
            yield from _options(each, shared=False)


def _arguments(command: Any) -> str:
    found = [each for each in command.params if each.param_type_name == "argument"]
    return "".join(f" {_placed(each)}" for each in found)


def _placed(argument: Any) -> str:
    name = (argument.metavar or argument.name).upper().replace("_", "-")
    more = "…" if argument.nargs == -1 else ""
    return f"{name}{more}" if argument.required else f"[{name}{more}]"


def _options(command: Any, *, shared: bool) -> Iterator[str]:
    for each in command.params:
        if getattr(each, "rich_help_panel", None) == PANEL:
            if shared:
                yield _option(each)
        elif not shared and each.name != "help" and each.help:
            yield _option(each)


def _option(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{_placed(parameter)}`"
    else:
        named = [*parameter.opts, *parameter.secondary_opts]
        value = "" if parameter.is_flag else f" {(parameter.metavar or parameter.name).upper()}"
        names = ", ".join(f"`{name}{value}`" for name in named)
    said = [_text(parameter.help or "")]
    if parameter.param_type_name == "option" and parameter.required:
        said.append("Required.")
    default = parameter.default
    if default is not None and not isinstance(default, bool) and default not in ((), []):
        said.append(f"Default: `{default}`.")
    if getattr(parameter, "envvar", None):
        said.append(f"Environment: `{parameter.envvar}`.")
    return f"- {names}: {' '.join(said)}"


def _text(text: str) -> str:
    """Return a help text as one paragraph for each of its own."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
