"""Statements as no honest program writes them: any payload, any header, signed all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from ledger.keys import read_key
from schemas import canonical
from schemas.commitments import Opening
from schemas.envelope import cose
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.period import format_instant
from schemas.refusals import CONFLICTS, MALFORMED, Conflict, Malformed
from service.instance import Instance

TABLES = ("events", "statements", "commands", "openings", "subject_keys", "checkpoints")


@dataclass
class Sayer:
    """Writes statements for one instance."""

    instance: Instance

    def key(self, party: str) -> SigningKey:
        """Return the key of a party on this machine."""
        return read_key(self.instance.settings.keyring / f"{party}.key")

    @property
    def operator(self) -> str:
        """The operator's party."""
        return self.instance.facts.operator_party

    def payload(self, **changes: Any) -> dict[str, Any]:
        """Return a payload that would be taken, by the operator: a party is registered."""
        now = self.instance.clock()
        data = {"party": new_id("pty"), "kind": "organization", "name": "Somebody"}
        return {
            "actor": self.operator,
            "after": None,
            "command": "RegisterParty",
            "data": data,
            "expires_at": format_instant(now + timedelta(minutes=5)),
            "id": new_id("cmd"),
            "issued_at": format_instant(now),
            "ledger": self.instance.facts.origin,
            "mandate": None,
            "version": 1,
            **changes,
        }

    def sign(self, payload: Any, key: SigningKey | None = None, issuer: str | None = None) -> bytes:
        """Sign a payload, or bytes that stand for one, whatever they are."""
        content = payload if isinstance(payload, bytes) else canonical.encode(payload)
        named = payload if isinstance(payload, dict) else {}
        origin = self.instance.facts.origin
        subject = named.get("ledger") if isinstance(named.get("ledger"), str) else origin
        speaks = issuer or (subject if "attested" in named else named.get("actor"))
        return cose.sign1(
            content,
            key or self.key(self.operator),
            issuer=speaks if isinstance(speaks, str) else self.operator,
            subject=str(subject),
        )

    def say(self, **changes: Any) -> bytes:
        """Return the operator's statement with these changes of its payload."""
        return self.sign(self.payload(**changes))

    def attest(self, roles: list[str], *, key: SigningKey | None = None, **changes: Any) -> bytes:
        """Return a statement that a token's roles speak through a key, by default the intake's."""
        attested = {"method": "token", "evidence": "token/test", "roles": roles}
        return self.sign(
            self.payload(attested=attested, **changes), key or self.instance.keys.intake
        )


def rows(instance: Instance) -> tuple[int, ...]:
    """Count everything that a statement could leave in the file."""
    with closing(sqlite3.connect(instance.settings.database)) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {name}") for name in TABLES]  # noqa: S608 - the names above
        return tuple(one.fetchone()[0] for one in counts)


def refuses(
    instance: Instance, raw: bytes, *codes: str, openings: Iterable[Opening] = ()
) -> Malformed | Conflict:
    """Insist that a statement is not taken, with a code of the closed lists, and leaves nothing."""
    before = rows(instance)
    with pytest.raises((Malformed, Conflict)) as caught:
        instance.application.handle(raw, openings)
    assert caught.value.code in (codes or (*MALFORMED, *CONFLICTS)), caught.value
    assert rows(instance) == before
    assert isinstance(caught.value, Malformed | Conflict)
    return caught.value
