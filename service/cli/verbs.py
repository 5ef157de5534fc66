"""Verbs: a function with typed parameters becomes a command with the options that all share.

The shared options stand after the verb, where people type them: `liner balance --json`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer
from typer.core import TyperGroup

from service.cli.ends import EXIT_CODES, ExitCode, usage
from service.cli.run import Options, Run

PANEL: Final = "Everywhere"
"""The heading in help under which the shared options stand."""

EPILOG: Final = "Exit codes: " + "; ".join(f"{code} {said}" for code, said in EXIT_CODES.items())
"""What every help page ends with."""

Verb = Callable[..., ExitCode | None]
"""A function that a command calls: its first parameter is the `Run`."""

TIMED: Final[set[Verb]] = set()
"""The verbs that take --as-of and --valid-at."""

SHARED: Final[tuple[tuple[str, Any, Any], ...]] = (
    (
        "as_json",
        Annotated[
            bool,
            typer.Option(
                "--json", help="One JSON document; JSON lines for lists.", rich_help_panel=PANEL
            ),
        ],
        False,
    ),
    (
        "home",
        Annotated[
            Path | None,
            typer.Option(
                help="The instance's folder.", envvar="LINERNOTES_HOME", rich_help_panel=PANEL
            ),
        ],
        None,
    ),
    (
        "server",
        Annotated[
            str | None,
            typer.Option(
                help="Talk to this service instead of a folder.",
                envvar="LINERNOTES_SERVER",
                metavar="URL",
                rich_help_panel=PANEL,
            ),
        ],
        None,
    ),
    (
        "token",
        Annotated[
            str | None,
            typer.Option(
                help="The token to present to a service.",
                envvar="LINERNOTES_TOKEN",
                rich_help_panel=PANEL,
            ),
        ],
        None,
    ),
    (
        "as_party",
        Annotated[
            str | None,
            typer.Option(
                "--as",
                help="Who speaks: a party's id or registered name; the operator if left out.",
                envvar="LINERNOTES_AS",
                metavar="PARTY",
                rich_help_panel=PANEL,
            ),
        ],
        None,
    ),
    (
        "as_of",
        Annotated[
            str | None,
            typer.Option(
                "--as-of",
                help="What was recorded then: a position, an instant (RFC 3339), or now-7d.",
                rich_help_panel=PANEL,
            ),
        ],
        None,
    ),
    (
        "valid_at",
        Annotated[
            str | None,
            typer.Option(
                "--valid-at",
                help="What was in force then: an instant (RFC 3339), or now-7d.",
                rich_help_panel=PANEL,
            ),
        ],
        None,
    ),
    (
        "debug",
        Annotated[
            bool,
            typer.Option("--debug", help="Show where an error happened.", rich_help_panel=PANEL),
        ],
        False,
    ),
)
"""The shared options: parameter, annotation, default."""


TAKES_VALUE: Final[Mapping[str, bool]] = {
    "--json": False,
    "--home": True,
    "--server": True,
    "--token": True,
    "--as": True,
    "--as-of": True,
    "--valid-at": True,
    "--debug": False,
}
"""The shared options as they are written, and whether a word follows; a test compares them."""


def behind_the_verb(given: Sequence[str]) -> list[str]:
    """Return a command line with the shared options that stand before its verb put behind it.

    `liner --home X balance` is what people write who know other programs.
    """
    at = 0
    while at < len(given) and (option := given[at].partition("=")[0]) in TAKES_VALUE:
        at += 2 if TAKES_VALUE[option] and option == given[at] else 1
    if at >= len(given) or given[at].startswith("-"):
        return list(given)  # no verb follows: whatever is wrong is said of what was written
    before, rest = list(given[:at]), list(given[at:])
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *before, *rest[end:]]


def timed(function: Verb) -> Verb:
    """Mark a verb that asks on both axes of time; at the others --as-of is refused, not ignored."""
    TIMED.add(function)
    return function


class DefaultVerb(TyperGroup):
    """A group whose name alone is its verb `list`: `liner events --after 7`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the default verb where none is named."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def group(app: typer.Typer, name: str, said: str, *, lists: bool = False) -> typer.Typer:
    """Add a group of verbs to the program. `lists`: its name alone is its verb `list`."""
    made = typer.Typer(
        help=said,
        no_args_is_help=not lists,
        cls=DefaultVerb if lists else TyperGroup,
        epilog=EPILOG,
    )
    app.add_typer(made, name=name)
    return made


def add_verbs(app: typer.Typer, named: Mapping[str, Verb]) -> None:
    """Make functions verbs: a docstring is the help, the parameters are the options.

    The first parameter is the `Run`. What a function returns is the exit code; None is 0.
    """
    for name, function in named.items():
        app.command(name, epilog=EPILOG)(_command(function))


def _command(function: Verb) -> Callable[..., None]:
    """Return the function that typer calls, with the shared options behind the verb's own."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    parameters = [
        each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for each in own
    ] + [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in SHARED
    ]

    def called(**given: Any) -> None:
        options = Options(**{name: given.pop(name) for name, _, _ in SHARED})
        if (options.as_of or options.valid_at) and function not in TIMED:
            raise usage("this verb has no --as-of and no --valid-at")
        try:
            with Run(options) as run:
                code = function(run, **given)
        except BrokenPipeError:
            code = ExitCode.ALLOWED  # whoever read us has enough (`| head`)
        raise typer.Exit(int(code or 0))

    called.__name__ = function.__name__
    called.__doc__ = function.__doc__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called
