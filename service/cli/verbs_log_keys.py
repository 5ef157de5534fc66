"""Verbs by which an operator replaces a key that signs the log: its entries, or its checkpoints."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from ledger.rights.states.policy import LogKey
from ledger.storage.errors import Fatal
from schemas import canonical
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.envelope.keys import SigningKey
from schemas.ids import check_id
from schemas.lists import KeyRole
from service.cli.ends import EndError, usage
from service.cli.log_keys import said_of_keys, vkey_of, vkeys_of
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

Key = Annotated[str, typer.Argument(help="The key's id.")]
"""A parameter of several verbs here."""

ROLES: Final[tuple[KeyRole, ...]] = ("entry", "checkpoint")
"""What keys of the log sign."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    keys = group(app, "log-key", "The keys that sign the log; all of them, if no verb.", lists=True)
    add_verbs(keys, {"list": list_keys, "new": new_key, "confirm": confirm_key})
    add_verbs(keys, {"retire": retire_key})


def list_keys(run: Run) -> None:
    """List the keys that sign the log or did: since which position, until which, and where."""
    here = _held(run)
    rows = [
        {
            "role": role,
            "key": key.row.key,
            "since": key.since,
            "until": key.until,
            "here": key.row.key in here,
        }
        for key in said_of_keys(run.door).log_keys
        for role in key.row.roles
        if role in ROLES
    ]
    run.out.rows(("role", "key", "since", "until", "here"), rows, right=("since", "until"))


def new_key(
    run: Run,
    *,
    role: Annotated[str, typer.Argument(help="What it is to sign: entry, or checkpoint.")],
) -> None:
    """Make a key that is to sign the log, and propose it. It signs nothing before `confirm`.

    It lies in the folder of keys. Every process holds it from its next start on.
    """
    from service.rotating import abandon, prepare  # noqa: PLC0415 - only who needs it

    if role not in ROLES:
        raise usage(f"a key of the log signs {' or '.join(ROLES)}, not {role}")
    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    key = prepare(run.settings, role)
    try:
        _propose(run, role, key)
    except BaseException:
        abandon(run.settings, role, key)
        raise
    told: dict[str, Any] = {"key": key.kid, "role": role}
    if role == "checkpoint":
        told["verifier_key"] = vkey_of(run.door.origin, key.public)
    run.tell(told)
    run.out.hint("Next: start every process again, so that it holds the key; then")
    run.out.hint(f"`liner log-key confirm {key.kid}`.")


def _propose(run: Run, role: str, key: SigningKey) -> None:
    party = run.facts.ledger_party
    command = {
        "key": key.kid,
        "party": party,
        "public_key": canonical.b64u(key.public),
        "roles": [role],
    }
    run.say(EnrollKey.read(command), party=party, key=key)


def _held(run: Run) -> set[str]:
    """Return the ids of the log's keys that this folder holds."""
    from service.rotating import held  # noqa: PLC0415 - likewise

    return {kid for role in ROLES for kid in held(run.settings, role)}


def confirm_key(run: Run, *, key: Key) -> None:
    """Take a proposed key into force: entries are signed by it alone, checkpoints by both."""
    if check_id(key, "key") not in _held(run):
        text = f"{key} is not in {run.settings.keys}: `liner log-key new` makes one"
        raise EndError("key_missing", text)
    run.say(ConfirmKey(key=key))
    run.door.get_raw("/policy.txt")  # whoever answers writes its file again
    run.tell({"key": key})
    run.out.hint("Tell whoever checks this log (`liner checkpoint --policy`) and, of a checkpoint")
    run.out.hint("key, each witness (`liner witness watch`); then `liner log-key retire` the old.")


def retire_key(
    run: Run,
    *,
    key: Annotated[str, typer.Argument(help="The key's id; or a role: of two the older one.")],
    reason: Annotated[str, typer.Option(help="rotated, lost, or stolen.")] = "rotated",
) -> None:
    """Let a key of the log sign no more, and put its file aside; the one that replaced it stays."""
    from service.rotating import put_aside  # noqa: PLC0415 - likewise

    state = said_of_keys(run.door)
    found = next((one for one in state.log_keys if _is_meant(one, key)), None)
    if found is None:
        raise EndError("key_unknown", f"the log is signed by no key of this id or role [{key}]")
    role, key = next(role for role in ROLES if role in found.row.roles), found.row.key
    left = [row for row in state.in_force(role) if row.key != key]
    if _held(run).isdisjoint(row.key for row in left):
        text = f"no other {role} key in force is here to go on with: `liner log-key new` makes one"
        raise EndError("key_missing", text)
    vkeys = vkeys_of(run.door.origin, left) if role == "checkpoint" else []
    told: dict[str, Any] = {"key": key, "role": role}
    if found.until is None:
        _check_register(run, vkeys)
        run.say(RevokeKey.read({"key": key, "reason": reason}))
        run.door.get_raw("/policy.txt")  # whoever answers writes its file again
    told["put_aside"] = str(put_aside(run.settings, role, key, vkeys) or "")
    if run.said:
        run.tell(told)
    else:
        run.out.facts(told)
    run.out.hint("Start every process again. What is put aside signs nothing more: destroy it.")


def _is_meant(one: LogKey, named: str) -> bool:
    return named == one.row.key or (named in ROLES and one.signs(named))


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
