"""Verbs of shares: claimed by a party, confirmed by another, withdrawn."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.ids import new_id
from service.cli.options import (
    AssetArgument,
    Confirm,
    Mandate,
    Reason,
    Since,
    Territory,
    Until,
    Without,
    Zone,
)
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed
from service.cli.when import territories, window

ShareArgument = Annotated[str, typer.Argument(help="A share's id.")]
"""A parameter of several verbs here."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    share = group(app, "share", "Shares of a recording (master) or a work (publishing).")
    add_verbs(share, {"claim": claim, "confirm": confirm_share, "withdraw": withdraw, "show": show})


def claim(
    run: Run,
    *,
    asset: AssetArgument,
    fraction: Annotated[str, typer.Argument(help="1/3, 0.5, or 60%.")],
    party: Annotated[str | None, typer.Option(help="Whose; who speaks, if left out.")] = None,
    territory: Territory = None,
    without: Without = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    evidence: Annotated[
        Path | None, typer.Option(help="A document; the log keeps its hash.")
    ] = None,
    mandate: Mandate = None,
    confirm: Confirm = False,
) -> None:
    """Claim a share; it neither clears nor earns before another confirms it."""
    share = new_id("shr")
    digest = hashlib.sha256(evidence.read_bytes()).hexdigest() if evidence else None
    command = {
        "share": share,
        "asset": run.asset(asset),
        "party": run.party(party) if party else run.speaker,
        "fraction": fraction,
        "territories": territories(territory, without),
        "evidence_sha256": digest,
        **window(since, until, zone),
    }
    run.say(ClaimShare.read(command), mandate=mandate)
    if confirm:
        run.confirm(ConfirmShare(share=share))
    run.tell({"share": share})


def confirm_share(
    run: Run,
    *,
    share: ShareArgument,
    reduces: Annotated[
        str | None, typer.Option(help="The confirmed share that becomes smaller by it.")
    ] = None,
    mandate: Mandate = None,
) -> None:
    """Confirm a share: a registrar, or the party whose own share it reduces (`--as`)."""
    run.say(ConfirmShare.read({"share": share, "reduces": reduces}), mandate=mandate)
    run.tell({"share": share})


def withdraw(run: Run, *, share: ShareArgument, reason: Reason, mandate: Mandate = None) -> None:
    """Withdraw a share. What it earned stays."""
    run.say(WithdrawShare.read({"share": share, "reason": reason}), mandate=mandate)
    run.tell({"share": share})


@timed
def show(
    run: Run,
    *,
    asset: Annotated[
        str | None, typer.Argument(help="A recording or a work, a share, or nothing.")
    ] = None,
    party: Annotated[str | None, typer.Option(help="What a party holds.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is not in force at --valid-at.")
    ] = False,
) -> None:
    """Show confirmed shares of an asset or of a party, or where one share stands."""
    if asset is not None and asset.startswith("shr_"):
        found = run.door.get(f"/v1/shares/{asset}", **run.axes)
        run.out.facts({**found, **{f"claimed_{k}": v for k, v in found["claim"].items()}})
        return
    whose = run.party(party) if party else run.speaker if asset is None else None
    named = run.asset(asset) if asset else None
    query = {"asset": named, "party": whose, "in_force": str(not everything).lower(), **run.axes}
    rows = run.door.get("/v1/shares", **query)["items"]
    columns = ("asset", "side", "party", "fraction", "countries", "share", "from_position")
    shown = (
        rows if run.out.as_json else [{**row, "countries": len(row["countries"])} for row in rows]
    )
    run.out.rows(columns, shown, right=("fraction", "countries", "from_position"))
