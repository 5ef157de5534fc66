"""Keys: proposed by themselves, confirmed by another, revoked (contracts, section 9)."""

from __future__ import annotations

from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar
from ledger.rights.decision import Accepted, Asked
from ledger.rights.log import check_key
from ledger.rights.lookup import fields
from ledger.rights.states import KEY, KeyState
from ledger.rights.view import View
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.events.parties import KeyEnrolled, KeyProposed, KeyRevoked
from schemas.lists import KeyRole
from schemas.period import parse_instant
from schemas.refusals import Malformed

OF_THE_LOG: Final[frozenset[KeyRole]] = frozenset({"entry", "checkpoint"})
"""Roles of the keys that the log itself signs by; no command gives it another yet."""


def enroll(view: View, _asked: Asked, command: EnrollKey) -> Accepted:
    """Propose a key. It has signed this itself; before it is confirmed it may sign nothing else."""
    lookup.party(view, command.party)
    taken = view.ask(KEY, command.key).status != "none"
    lookup.fresh(taken=taken, name=command.key, pointer="/key")
    check_key(command.public_key, "/public_key")
    return Accepted((KeyProposed(**fields(command)),))


def _known(view: View, key: str) -> KeyState:
    state = view.ask(KEY, key)
    if state.status == "none":
        raise Malformed("key_unknown", f"nobody proposed this key [{key}]", pointer="/key")
    return state


def confirm(view: View, asked: Asked, command: ConfirmKey) -> Accepted:
    """Confirm a key: a registrar, or an enrolled key of the same party that has all its roles."""
    state = _known(view, command.key)
    if state.status != "proposed":
        raise Malformed("key_not_valid", f"the key is {state.status} already", pointer="/key")
    if not is_registrar(view, asked):
        _check_older_key(view, asked, state)
    return Accepted(
        (
            KeyEnrolled(
                key=state.key,
                party=state.party,
                public_key=state.public_key,
                roles=tuple(sorted(state.roles)),
            ),
        )
    )


def _check_older_key(view: View, asked: Asked, proposed: KeyState) -> None:
    if asked.attested_roles is not None or asked.actor != proposed.party:
        raise Malformed("not_controller", "a registrar or an older key of the party confirms a key")
    if not proposed.roles <= view.ask(KEY, asked.key).roles:
        raise Malformed("not_controller", "an older key cannot give roles that it has not")


def revoke(view: View, asked: Asked, command: RevokeKey) -> Accepted:
    """Revoke a key of one's own, or any as a registrar; but none by which the log itself signs.

    A key revoked already may be revoked once more to say since when it was compromised: then what
    it signed becomes contested.
    """
    state = _known(view, command.key)
    if asked.actor != state.party and not is_registrar(view, asked):
        raise Malformed("not_controller", "only its party or a registrar revokes a key")
    if state.roles & OF_THE_LOG:
        # There is no other to go on with: every later entry would be signed by a key that is not
        # valid, this one's answer included, and no audit could ever be sound again.
        text = "the log itself signs by this key, and has no other to go on with"
        raise Malformed("key_not_valid", text, pointer="/key")
    since = parse_instant(command.compromised_since) if command.compromised_since else None
    if since is not None and since > asked.at:
        raise Malformed("value_unknown", "compromised in the future", pointer="/compromised_since")
    if state.status == "revoked":
        known = state.compromised_since
        if since is None or (known is not None and known <= since):
            raise Malformed("key_not_valid", "the key is revoked already", pointer="/key")
    return Accepted(
        (
            KeyRevoked(
                key=state.key,
                party=state.party,
                reason=command.reason,
                compromised_since=command.compromised_since,
            ),
        )
    )


DECIDES: Final[dict[Any, Any]] = {EnrollKey: enroll, ConfirmKey: confirm, RevokeKey: revoke}
"""The rules of this module, by command."""
