"""Options that several verbs take, each described once."""

from __future__ import annotations

from typing import Annotated

import typer

PartyArgument = Annotated[str, typer.Argument(help="A party: its id or registered name.")]
OptionalParty = Annotated[
    str | None, typer.Argument(help="A party: its id or registered name; who speaks, if left out.")
]
AssetArgument = Annotated[str, typer.Argument(help="A recording or a work, by id or title.")]
RecordingArgument = Annotated[str, typer.Argument(help="A recording: its id, title, or ISRC.")]
WorkArgument = Annotated[str, typer.Argument(help="A work: its id, title, or ISWC.")]
Territory = Annotated[
    list[str] | None,
    typer.Option(help="A country (ISO 3166-1) or CISAC TIS group; the world if left out."),
]
Without = Annotated[list[str] | None, typer.Option(help="A country or group where not.")]
Since = Annotated[
    str | None, typer.Option("--from", help="A date, a local time, or an instant in UTC.")
]
Until = Annotated[
    str | None, typer.Option(help="A date (included), a local time, or an instant in UTC.")
]
Zone = Annotated[str | None, typer.Option(help="The time zone in which dates are meant.")]
Confirm = Annotated[
    bool, typer.Option("--confirm", help="Confirm it too, by the operator's key in this folder.")
]
Mandate = Annotated[str | None, typer.Option(help="The mandate by which it is said for another.")]
Reason = Annotated[str, typer.Option(help="Why, in a few words.")]
"""Annotations of parameters: where they stand, what they are called, what help says."""
