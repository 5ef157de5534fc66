"""Verbs by which an operator replaces a key of the ledger itself, role by role."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger.storage.errors import Fatal
from schemas import canonical
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.envelope.keys import SigningKey
from schemas.events.parties import KeyProposed
from schemas.ids import check_id
from service.cli.ends import EndError, usage
from service.cli.log_keys import ROLES, OwnKey, own_keys, signing, vkey_of, vkeys_of
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

Key = Annotated[str, typer.Argument(help="The key's id.")]
"""A parameter of several verbs here."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    keys = group(app, "log-key", "The ledger's own keys; all of them, if no verb.", lists=True)
    add_verbs(keys, {"list": list_keys, "new": new_key, "confirm": confirm_key})
    add_verbs(keys, {"retire": retire_key})


def list_keys(run: Run) -> None:
    """List the keys by which the ledger signs or did: since which position, until which, where.

    One that is here and not in force has no position: `new` goes on with it, or `confirm`.
    """
    here = _held(run)
    rows = [
        {
            "role": one.role,
            "key": one.key,
            "since": one.since,
            "until": one.until,
            "here": here.pop(one.key, None) is not None,
        }
        for one in own_keys(run.door)
    ]
    rows += [
        {"role": role, "key": key, "since": None, "until": None, "here": True}
        for key, role in here.items()
    ]
    run.out.rows(("role", "key", "since", "until", "here"), rows, right=("since", "until"))


def new_key(
    run: Run,
    *,
    role: Annotated[str, typer.Argument(help="checkpoint, entry, intake or process.")],
) -> None:
    """Make a key of the ledger, and propose it. It signs nothing before `confirm`.

    It lies in the folder of keys. Every process holds it from its next start on. Was this verb
    stopped before it answered, say it again: it goes on with the key that lies there.
    """
    from service.rotating import prepare  # noqa: PLC0415 - only who needs it

    if role not in ROLES:
        raise usage(f"a key of the ledger is for {' or '.join(ROLES)}, not {role}")
    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    key = prepare(run.settings, role, known={one.key for one in own_keys(run.door)})
    if not _is_proposed(run, key):
        _propose(run, role, key)
    told: dict[str, Any] = {"key": key.kid, "role": role}
    if role == "checkpoint":
        told["verifier_key"] = vkey_of(run.door.origin, key.public)
    _tell(run, told)
    run.out.hint("Next: start every process again, so that it holds the key; then")
    run.out.hint(f"`liner log-key confirm {key.kid}`.")


def _is_proposed(run: Run, key: SigningKey) -> bool:
    about = run.facts.ledger_party
    proposed = run.door.pages("/v1/events", types=KeyProposed.TOPIC, about=about)
    return any(event["data"]["key"] == key.kid for event in proposed)


def _propose(run: Run, role: str, key: SigningKey) -> None:
    party = run.facts.ledger_party
    command = {
        "key": key.kid,
        "party": party,
        "public_key": canonical.b64u(key.public),
        "roles": [role],
    }
    run.say(EnrollKey.read(command), party=party, key=key)


def _held(run: Run) -> dict[str, str]:
    """Return the ids of the log's keys that this folder holds, each with its role."""
    from service.rotating import held  # noqa: PLC0415 - likewise

    return {kid: role for role in ROLES for kid in held(run.settings, role)}


def _tell(run: Run, told: dict[str, Any]) -> None:
    """Tell what was done, where nothing had to be said as well."""
    if run.said:
        run.tell(told)
    else:
        run.out.facts(told)


def confirm_key(run: Run, *, key: Key) -> None:
    """Take a proposed key into force. Checkpoints are then signed by both, all else by it alone.

    Entries from here on; what a token said (intake) and what a process says, after its next start.
    """
    if check_id(key, "key") not in _held(run):
        text = f"{key} is not in {run.settings.keys}: `liner log-key new` makes one"
        raise EndError("key_missing", text)
    run.say(ConfirmKey(key=key))
    run.door.get_raw("/policy.txt")  # whoever answers writes its file again
    run.tell({"key": key})
    run.out.hint("Next: start every process again, and of a checkpoint key tell who checks the log")
    run.out.hint("(`liner checkpoint --policy`) and each witness (`liner witness watch`); then")
    run.out.hint("`liner log-key retire` the old one.")


def retire_key(
    run: Run,
    *,
    key: Annotated[str, typer.Argument(help="The key's id; or a role: of two the older one.")],
    reason: Annotated[str, typer.Option(help="rotated, lost, or stolen.")] = "rotated",
) -> None:
    """Let a key of the ledger sign no more, and put its file aside; what replaced it stays."""
    from service.rotating import put_aside  # noqa: PLC0415 - likewise

    keys = own_keys(run.door)
    found = next((one for one in keys if _is_meant(one, key)), None)
    if found is None:
        raise EndError("key_unknown", f"the ledger has no key of this id or role [{key}]")
    role, key = found.role, found.key
    left = [one for one in signing(keys, role) if one.key != key]
    if _held(run).keys().isdisjoint(one.key for one in left):
        text = f"no other {role} key in force is here to go on with: `liner log-key new` makes one"
        raise EndError("key_missing", text)
    vkeys = vkeys_of(run.door.origin, left) if role == "checkpoint" else []
    told: dict[str, Any] = {"key": key, "role": role}
    if found.until is None:
        _check_register(run, vkeys)
        run.say(RevokeKey.read({"key": key, "reason": reason}))
        run.door.get_raw("/policy.txt")  # whoever answers writes its file again
    told["put_aside"] = str(put_aside(run.settings, role, key, vkeys) or "")
    _tell(run, told)
    run.out.hint("Start every process again. What is put aside signs nothing more: destroy it.")


def _is_meant(one: OwnKey, named: str) -> bool:
    return named == one.key or (named == one.role and one.until is None)


def _check_register(run: Run, vkeys: list[str]) -> None:
    from service.rotating import check_register  # noqa: PLC0415 - likewise

    try:
        if vkeys:
            check_register(run.settings, vkeys)
    except Fatal as error:
        text = (
            "the register has seen nothing that the new key has signed: start every process again,"
            " let something be written, and then retire the old one"
        )
        raise EndError("register_unaware", text) from error
