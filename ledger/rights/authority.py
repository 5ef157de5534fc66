"""May this key say this, for this actor? Judged before any rule looks at the command.

Who has a key signs with it; for who has none the ledger's intake key attests what was said, and
the log then says for ever that this is the ledger's word (contracts, sections 1 and 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ledger.rights.decision import Asked
from ledger.rights.states import KEY, MANDATE, PARTY, KeyState, MandateState
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.log import OpenLog
from schemas.commands.parties import EnrollKey
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.events.parties import MandateGranted
from schemas.lists import Capacity, KeyRole
from schemas.refusals import Malformed

MACHINE_ROLES: Final[frozenset[KeyRole]] = frozenset({"intake", "entry", "checkpoint"})
"""Roles of keys that sign for the ledger itself. With these alone a key speaks for no party."""

OWN_KEY_ROLES: Final[frozenset[KeyRole]] = MACHINE_ROLES | {"process", "worker"}
"""Roles that no token confers: what they sign must be signed by a key of their own."""

MANDATED: Final[frozenset[type[Command]]] = frozenset(
    {
        GrantConsent,
        ChangeConsent,
        RevokeConsent,
        AffirmConsent,
        ClaimShare,
        ConfirmShare,
        WithdrawShare,
    }
)
"""Commands that a representative may give for its grantor."""


def public_key(view: View, command: Command, kid: str) -> bytes:
    """Return the 32 bytes by which a statement's signature is verified.

    The root key and a key that enrolls itself stand in their own command: that proves possession.
    Raises `Malformed("key_unknown")`. Whether the key may sign now is `authorize`'s question.
    """
    own = own_key(command, kid)
    if own is not None:
        return own
    state = view.ask(KEY, kid)
    if state.status == "none":
        raise Malformed("key_unknown", f"nobody enrolled this key [{kid}]")
    return _public_bytes(state.public_key)


_public_bytes = lru_cache(maxsize=4096)(canonical.unb64u)  # a key signs again and again


def own_key(command: Command, kid: str) -> bytes | None:
    """Return the public key that a command itself brings for its signature, if it does."""
    if isinstance(command, OpenLog):
        return canonical.unb64u(command.root_public_key)
    if isinstance(command, EnrollKey) and command.key == kid:
        return canonical.unb64u(command.public_key)
    return None


def authorize(view: View, asked: Asked) -> None:
    """Raise unless the key may speak for the actor, and holds a role that the command needs.

    `key_unknown`, `key_not_valid`: the key. `not_controller`: the role, or a mandate where none is
    taken. The log's opening is outside of this: nothing comes before it.
    """
    command = asked.command
    if isinstance(command, OpenLog):
        return
    if isinstance(command, EnrollKey):
        _check_possession(command, asked)
    else:
        _check_key(view, asked)
    if view.ask(PARTY, asked.actor).deceased_at is not None:
        raise Malformed("key_not_valid", "the party died; its estate acts by mandate")
    if command.ROLES and not command.ROLES & roles(view, asked):
        needed = " or ".join(sorted(command.ROLES))
        raise Malformed("not_controller", f"this needs the role {needed}")
    if asked.mandate is not None and type(command) not in MANDATED:
        raise Malformed("not_controller", "this cannot be done by mandate", pointer="/mandate")


def roles(view: View, asked: Asked) -> frozenset[KeyRole]:
    """Return the roles with which a statement speaks: the key's, or those of the token."""
    if asked.attested_roles is not None:
        return asked.attested_roles
    return view.ask(KEY, asked.key).roles


def is_registrar(view: View, asked: Asked) -> bool:
    """Tell whether a registrar speaks: who confirms what others claim."""
    return "registrar" in roles(view, asked)


def speak_for(
    view: View, asked: Asked, party: str, *, capacities: Iterable[Capacity] | None = None
) -> MandateGranted | None:
    """Return None where the actor is `party`, else the mandate by which it acts for the party.

    Of `capacities` the mandate must hold one. Raises `not_controller`: no mandate, or one that is
    not valid at this instant; `mandate_exceeds_grantor`: it does not reach that far.
    """
    if asked.actor == party:
        if asked.mandate is not None:
            raise Malformed("not_controller", "who acts for itself names no mandate")
        return None
    if asked.mandate is None:
        raise Malformed("not_controller", f"only {party} may say this, or its representative")
    held = view.ask(MANDATE, asked.mandate)
    granted = _valid(held, asked, party)
    if capacities is not None and not set(capacities) & set(granted.capacities):
        raise Malformed("mandate_exceeds_grantor", "the mandate does not hold this capacity")
    return granted


def _valid(held: MandateState, asked: Asked, party: str) -> MandateGranted:
    granted = held.granted
    if granted is None:
        raise Malformed("unknown_id", "there is no such mandate", pointer="/mandate")
    if granted.grantor != party or granted.mandatee != asked.actor:
        raise Malformed("not_controller", "this mandate is between others", pointer="/mandate")
    if not held.valid_at(asked.at):
        raise Malformed("not_controller", "the mandate is not in force", pointer="/mandate")
    return granted


def _check_possession(command: EnrollKey, asked: Asked) -> None:
    if asked.key != command.key or asked.attested_roles is not None:
        raise Malformed("key_not_valid", "a key is enrolled by its own signature", pointer="/key")
    if asked.actor != command.party:
        raise Malformed("not_controller", "a key is enrolled for the party that acts")


def _check_key(view: View, asked: Asked) -> None:
    key = view.ask(KEY, asked.key)
    _check_enrolled(key)
    if asked.attested_roles is None:
        if key.party != asked.actor or key.roles <= MACHINE_ROLES:
            raise Malformed("key_not_valid", f"this key does not speak for {asked.actor}")
        return
    if "intake" not in key.roles:
        raise Malformed("key_not_valid", "only an intake key attests what others said")
    if asked.attested_roles & OWN_KEY_ROLES:
        raise Malformed("key_not_valid", "this role signs with a key of its own")
    if view.ask(PARTY, asked.actor).kind is None:
        raise Malformed("unknown_id", f"nobody registered {asked.actor}", pointer="/actor")


def _check_enrolled(key: KeyState) -> None:
    if key.status == "none":
        raise Malformed("key_unknown", f"nobody enrolled this key [{key.key}]")
    if key.status == "proposed":
        raise Malformed("key_not_valid", "the key waits for its confirmation")
    if key.status == "revoked":
        raise Malformed("key_not_valid", "the key was revoked")
