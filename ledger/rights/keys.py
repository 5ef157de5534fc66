"""Keys: proposed by themselves, confirmed by another, revoked (contracts, section 9).

A key by which the log itself is signed is proposed for the ledger and taken into force by the
operator; the one before it is revoked when there is another to go on with.
"""

from __future__ import annotations

from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar, roles
from ledger.rights.decision import Accepted, Asked
from ledger.rights.log import check_key
from ledger.rights.lookup import fields
from ledger.rights.states import KEY, LOG, OF_THE_LOG, POLICY, KeyState
from ledger.rights.view import View
from schemas.commands.log import InstanceKey
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.events.log import KeysOfLogReplaced
from schemas.events.parties import KeyEnrolled, KeyProposed, KeyRevoked
from schemas.period import parse_instant
from schemas.refusals import Malformed


def enroll(view: View, _asked: Asked, command: EnrollKey) -> Accepted:
    """Propose a key. It has signed this itself; before it is confirmed it may sign nothing else."""
    lookup.party(view, command.party)
    taken = view.ask(KEY, command.key).status != "none"
    lookup.fresh(taken=taken, name=command.key, pointer="/key")
    check_key(command.public_key, "/public_key")
    if OF_THE_LOG & set(command.roles):
        _check_of_log(view, command)
    return Accepted((KeyProposed(**fields(command)),))


def _check_of_log(view: View, command: EnrollKey) -> None:
    """Raise unless a key of the log is the ledger's own, nothing else besides, and new."""
    state = view.ask(POLICY, LOG)
    opened = state.opened
    assert opened is not None, "nothing is decided before the log is open"
    if len(command.roles) != 1:
        text = "a key that signs the log has that one role"
        raise Malformed("value_unknown", text, pointer="/roles")
    if command.party != opened.ledger_party:
        text = "the log is signed by keys of the ledger's own party"
        raise Malformed("not_controller", text, pointer="/party")
    if any(key.row.public_key == command.public_key for key in state.log_keys):
        # Under another id a key that was revoked would sign again.
        text = "this key signs the log already, or did"
        raise Malformed("id_reused", text, pointer="/public_key")


def _check_operator(view: View, asked: Asked) -> None:
    if "operator" not in roles(view, asked):
        raise Malformed("not_controller", "the operator says by which keys the log is signed")


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
    row = InstanceKey(
        key=state.key,
        party=state.party,
        public_key=state.public_key,
        roles=tuple(sorted(state.roles)),
    )
    enrolled = KeyEnrolled(**fields(row))
    if state.roles & OF_THE_LOG:
        _check_operator(view, asked)
        return Accepted((enrolled, KeysOfLogReplaced(keys=(*_signing(view), row))))
    if not is_registrar(view, asked):
        _check_older_key(view, asked, state)
    return Accepted((enrolled,))


def _signing(view: View) -> tuple[InstanceKey, ...]:
    """Return the keys by which the log is signed now."""
    return tuple(key.row for key in view.ask(POLICY, LOG).log_keys if key.until is None)


def _check_older_key(view: View, asked: Asked, proposed: KeyState) -> None:
    if asked.attested_roles is not None or asked.actor != proposed.party:
        raise Malformed("not_controller", "a registrar or an older key of the party confirms a key")
    if not proposed.roles <= view.ask(KEY, asked.key).roles:
        raise Malformed("not_controller", "an older key cannot give roles that it has not")


def revoke(view: View, asked: Asked, command: RevokeKey) -> Accepted:
    """Revoke a key of one's own, or any as a registrar; one that signs the log as its operator.

    A key revoked already may be revoked once more to say since when it was compromised: then what
    it signed becomes contested.
    """
    state = _known(view, command.key)
    if state.roles & OF_THE_LOG:
        _check_operator(view, asked)
    elif asked.actor != state.party and not is_registrar(view, asked):
        raise Malformed("not_controller", "only its party or a registrar revokes a key")
    since = parse_instant(command.compromised_since) if command.compromised_since else None
    if since is not None and since > asked.at:
        raise Malformed("value_unknown", "compromised in the future", pointer="/compromised_since")
    if state.status == "revoked":
        known = state.compromised_since
        if since is None or (known is not None and known <= since):
            raise Malformed("key_not_valid", "the key is revoked already", pointer="/key")
    revoked = KeyRevoked(
        key=state.key,
        party=state.party,
        reason=command.reason,
        compromised_since=command.compromised_since,
    )
    signing = _signing(view)
    left = tuple(row for row in signing if row.key != state.key)
    if left == signing:
        return Accepted((revoked,))
    _check_goes_on(signing, left)
    return Accepted((revoked, KeysOfLogReplaced(keys=left)))


def _check_goes_on(signing: tuple[InstanceKey, ...], left: tuple[InstanceKey, ...]) -> None:
    """Raise where the log would be signed by no key any more: no audit could ever be sound."""
    needed = OF_THE_LOG & {role for row in signing for role in row.roles}
    if not needed <= {role for row in left for role in row.roles}:
        text = "the log itself signs by this key, and has no other to go on with"
        raise Malformed("key_not_valid", text, pointer="/key")


DECIDES: Final[dict[Any, Any]] = {EnrollKey: enroll, ConfirmKey: confirm, RevokeKey: revoke}
"""The rules of this module, by command."""
