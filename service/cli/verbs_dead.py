"""Verbs of dead letters: messages that nobody could deal with, to look at and to send once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.ends import usage
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

if TYPE_CHECKING:
    from service.transport.dead_letters import DeadLetters

Offset = Annotated[int, typer.Argument(min=0, help="The letter's number, as `list` shows it.")]
"""Which letter."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    dead = group(app, "dead", "Dead letters of the broker: messages that nobody could deal with.")
    add_verbs(dead, {"list": list_letters, "show": show, "replay": replay})


def list_letters(run: Run) -> None:
    """List the newest dead letters, oldest first."""
    rows = [
        {
            "offset": letter.offset,
            "came_from": letter.came_from,
            "key": letter.key.decode("utf-8", "replace"),
            "at": letter.at,
            "replayed": letter.is_replayed,
            "reason": letter.reason,
        }
        for letter in _letters(run).list()
    ]
    run.out.rows(("offset", "came_from", "key", "at", "replayed", "reason"), rows)


def show(run: Run, offset: Offset) -> None:
    """Show what is known of one dead letter: where it came from, who gave it up, and why."""
    letter = _letters(run).show(offset)
    run.out.facts(
        {
            "offset": letter.offset,
            "came_from": letter.came_from,
            "key": letter.key.decode("utf-8", "replace"),
            "at": letter.at,
            "given_up_by": letter.by,
            "reason": letter.reason,
            "sha256": letter.sha256,
            "bytes": letter.size,
            "replayed": letter.is_replayed,
        }
    )


def replay(run: Run, offset: Offset) -> None:
    """Send a dead letter to where it came from, once more; it is judged like any other message."""
    letter = _letters(run).replay(offset)
    run.out.facts({"offset": letter.offset, "sent_to": letter.topic})


def _letters(run: Run) -> DeadLetters:
    # Only who looks at letters waits for the broker's client.
    from generation.broker import Broker  # noqa: PLC0415 - see the line above
    from service.transport.dead_letters import DeadLetters  # noqa: PLC0415 - likewise

    if run.options.server:
        raise usage("dead letters lie in the broker: this speaks to it, and to no service")
    chosen = run.settings.broker
    if chosen is None:
        raise usage("there are no dead letters without a broker: set LEDGER_BROKER_URL")
    return DeadLetters(Broker(chosen), chosen.topics)
