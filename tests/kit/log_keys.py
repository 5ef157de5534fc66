"""Replacing a key that signs the log of a real instance, as the command line does it."""

from __future__ import annotations

from ledger.evidence.vkeys import VerifierKey
from schemas import canonical
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.envelope.keys import SigningKey
from schemas.lists import KeyRole
from service.instance import Instance
from service.rotating import check_register, prepare, put_aside
from service.speaker import Speaker
from tests.kit.instance import Place


def announce(place: Place, role: KeyRole) -> SigningKey:
    """Make a key, propose it, and take it into force in a process that holds it."""
    key = prepare(place.settings, role)
    with place.open() as instance:
        party = instance.facts.ledger_party
        public = canonical.b64u(key.public)
        command = EnrollKey(key=key.kid, party=party, public_key=public, roles=(role,))
        Speaker(instance.application, party, key, instance.clock).say(command)
        instance.operator().say(ConfirmKey(key=key.kid))
    return key


def retire(place: Place, role: KeyRole, *, aside: bool = True) -> str:
    """Let the oldest key of a role sign no more; return its id. `aside`: nor be held."""
    with place.open() as instance:
        old, *left = instance.said_of_log().in_force(role)
        vkeys = vkeys_of(instance)[1:] if role == "checkpoint" else []
        if vkeys:
            check_register(place.settings, vkeys)
        assert left
        instance.operator().say(RevokeKey(key=old.key, reason="rotated"))
    if aside:
        put_aside(place.settings, role, old.key, vkeys)
    return old.key


def vkeys_of(instance: Instance) -> list[str]:
    """Return the verifier keys of the log that are in force, the oldest first."""
    rows = instance.said_of_log().in_force("checkpoint")
    origin = instance.facts.origin
    return [str(VerifierKey(origin, canonical.unb64u(row.public_key))) for row in rows]
