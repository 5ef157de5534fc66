"""Verbs of parties, of their keys, and of mandates by which one acts for another."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer

from schemas import canonical
from schemas.commands.parties import (
    ConfirmKey,
    DeclareDeath,
    EnrollKey,
    GrantMandate,
    RegisterParty,
    RevokeKey,
    RevokeMandate,
)
from schemas.ids import check_id, new_id
from service.cli.options import (
    Confirm,
    PartyArgument,
    Since,
    Territory,
    Until,
    Without,
    Zone,
)
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed
from service.cli.when import listed, territories, window

ROLES_DEFAULT: Final = ["holder"]
"""What a party's key may do if nothing else is said."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    party = group(app, "party", "Parties: who owns, creates, works.", lists=True)
    add_verbs(party, {"add": add, "list": list_parties, "show": show, "death": death})
    key = group(app, "key", "Own keys, which sign what their party says.", lists=True)
    add_verbs(
        key, {"new": new_key, "confirm": confirm_key, "revoke": revoke_key, "list": list_keys}
    )
    mandate = group(app, "mandate", "Mandates: one party acts for another.")
    add_verbs(mandate, {"grant": grant_mandate, "revoke": revoke_mandate})


def add(
    run: Run,
    *,
    name: Annotated[str, typer.Argument(help="The name; a person's is kept private.")],
    person: Annotated[bool, typer.Option("--person", help="A natural person.")] = False,
    role: Annotated[
        list[str] | None, typer.Option(help="What its key may do; can be repeated.")
    ] = None,
    no_key: Annotated[bool, typer.Option("--no-key", help="It brings a key of its own.")] = False,
    isni: Annotated[str | None, typer.Option(help="ISNI (ISO 27729).")] = None,
    ipi_name: Annotated[str | None, typer.Option(help="IPI name number.")] = None,
    ipi_base: Annotated[str | None, typer.Option(help="IPI base number.")] = None,
    ipn: Annotated[str | None, typer.Option(help="International Performer Number.")] = None,
    residence: Annotated[str | None, typer.Option(help="A country (ISO 3166-1).")] = None,
) -> None:
    """Register a party, and enroll a key of its own that is made here."""
    from service.speaking import Private  # noqa: PLC0415 - only who commits to something needs it

    roles = role or ROLES_DEFAULT
    party, private = new_id("pty"), Private()
    public = private.commit("/name", name).data() if person else name
    numbers = {"isni": isni, "ipi_name": ipi_name, "ipi_base": ipi_base, "ipn": ipn}
    kind = "person" if person else "organization"
    command = RegisterParty.read(
        {"party": party, "kind": kind, "name": public, "residence": residence, **numbers}
    )
    run.say(command, openings=private.openings)
    run.keyring.remember(party, name, roles)
    told = {"party": party, "name": name}
    if not no_key:
        told["key"] = _enroll(run, party, roles)
        run.say(ConfirmKey(key=told["key"]))
    run.tell(told)


def _enroll(run: Run, party: str, roles: list[str]) -> str:
    """Make a key and propose it by its own signature; a key that nobody took is not kept."""
    key, _waits = run.keyring.make(party)
    command = {
        "key": key.kid,
        "party": party,
        "public_key": canonical.b64u(key.public),
        "roles": sorted(roles),
    }
    try:
        run.say(EnrollKey.read(command), party=party, key=key)
    except BaseException:
        run.keyring.forget(party, key)
        raise
    return key.kid


@timed
def list_parties(run: Run) -> None:
    """List the parties that the log knows."""
    here = set(run.keyring.parties())
    rows = run.door.pages("/v1/parties", **run.axes)
    run.out.rows(
        ("party", "name", "kind", "signs_here", "position"),
        ({**row, "signs_here": row["party"] in here} for row in rows),
        right=("position",),
    )


@timed
def show(run: Run, *, party: PartyArgument) -> None:
    """Show a party with its keys and mandates."""
    run.out.facts(run.door.get(f"/v1/parties/{run.party(party)}", **run.axes))


def death(
    run: Run,
    *,
    party: PartyArgument,
    evidence: Annotated[Path, typer.Option(help="A document; the log keeps its hash.")],
) -> None:
    """Record that a person died; voice and likeness are suspended. By a registrar."""
    digest = hashlib.sha256(evidence.read_bytes()).hexdigest()
    whose = run.party(party)
    run.say(DeclareDeath(party=whose, evidence_sha256=digest))
    run.tell({"party": whose})


def new_key(
    run: Run,
    *,
    party: PartyArgument,
    role: Annotated[list[str] | None, typer.Option(help="What it may do; can be repeated.")] = None,
    confirm: Confirm = False,
) -> None:
    """Make a key for a party on this machine; the one before signs until this is confirmed."""
    whose = run.party(party)
    roles = role or run.keyring.names().get(whose, {}).get("roles") or ROLES_DEFAULT
    kid = _enroll(run, whose, list(roles))
    if confirm:
        run.confirm(ConfirmKey(key=kid))
        run.keyring.promote(kid)
    run.tell({"party": whose, "key": kid})


def confirm_key(
    run: Run, *, key: Annotated[str, typer.Argument(help="The proposed key's id.")]
) -> None:
    """Confirm a proposed key: a registrar, or an older key of the same party (`--as`)."""
    run.say(ConfirmKey(key=check_id(key, "key")))
    # If we stop before this, the old key file signs on and the log refuses nothing yet.
    run.keyring.promote(key)
    run.tell({"key": key})


def revoke_key(
    run: Run,
    *,
    key: Annotated[str, typer.Argument(help="The key's id.")],
    reason: Annotated[str, typer.Option(help="rotated, lost, stolen, or left.")],
    compromised_since: Annotated[
        str | None, typer.Option(help="An instant: what it signed since is contested.")
    ] = None,
) -> None:
    """Revoke a key from this position on."""
    command = {"key": key, "reason": reason, "compromised_since": compromised_since}
    run.say(RevokeKey.read(command))
    run.tell({"key": key})


def list_keys(run: Run) -> None:
    """List the keys that this machine keeps; asks no ledger."""
    run.out.rows(("party", "name", "key", "state"), run.keyring.rows())


def grant_mandate(
    run: Run,
    *,
    to: Annotated[str, typer.Option(help="Who may act: a party's id or registered name.")],
    capacity: Annotated[
        list[str], typer.Option(help="owner, publisher, writer, performer; can be repeated.")
    ],
    use: Annotated[list[str], typer.Option(help="Uses that may be permitted; can be repeated.")],
    territory: Territory = None,
    without: Without = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="Nobody else may act.")] = False,
    may_revoke: Annotated[bool, typer.Option("--may-revoke", help="Also revoke consents.")] = False,
) -> None:
    """Let another party act for the one that speaks (`--as`), within what is named."""
    mandate = new_id("mnd")
    command = {
        "mandate": mandate,
        "grantor": run.speaker,
        "mandatee": run.party(to),
        "capacities": listed(capacity),
        "uses": listed(use),
        "territories": territories(territory, without),
        **window(since, until, zone),
        "exclusive": exclusive,
        "may_revoke": may_revoke,
    }
    run.say(GrantMandate.read(command))
    run.tell({"mandate": mandate})


def revoke_mandate(
    run: Run,
    *,
    mandate: Annotated[str, typer.Argument(help="The mandate's id.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words.")],
) -> None:
    """End a mandate. It ends the power to act, not the acts."""
    run.say(RevokeMandate.read({"mandate": mandate, "reason": reason}))
    run.tell({"mandate": mandate})
