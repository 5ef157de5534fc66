"""The verb that erases what is private."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.commands.erasure import RequestErasure
from service.cli.run import Run
from service.cli.verbs import add_verbs


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"erase": erase})


def erase(
    run: Run,
    *,
    party: Annotated[str, typer.Argument(help="Whose openings: an id, or a name.")],
    basis: Annotated[
        str, typer.Option(help="gdpr_article_17, own_request, court_order.")
    ] = "own_request",
) -> None:
    """Erase what a party's commitments hide; proofs, balances and digests stay as they are."""
    command = RequestErasure.read({"party": run.party(party), "basis": basis})
    answer = run.say(command)
    rows = {row["type"]: row for row in answer["entries"]}
    kept = rows.get("ErasureRefused")
    run.tell(
        {
            "party": command.party,
            "erased": ", ".join(rows["OpeningsErased"]["data"]["subjects"]),
            "kept": kept["data"]["reason"] if kept else "nothing",
            "receipt": f"position {rows['OpeningsErased']['position']}",
        }
    )
