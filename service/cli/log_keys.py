"""The ledger's own keys: from where to where each has signed, as the log says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from schemas.events.parties import KeyEnrolled, KeyRevoked

if TYPE_CHECKING:
    from service.cli.door import Door

ROLES: Final = ("checkpoint", "entry", "intake", "process")
"""What keys of the ledger sign, as far as they are replaced."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the ledger: it signs behind position `since`, and not behind `until`."""

    key: str
    role: str
    public_key: str
    since: int
    until: int | None = None


def opened(door: Door) -> dict[str, Any]:
    """Return what the log's first entry says."""
    found: dict[str, Any] = door.get("/v1/events/1")["event"]["data"]
    return found


def own_keys(door: Door) -> list[OwnKey]:
    """Return every key that was enrolled for the ledger, in the order in which they were."""
    first = opened(door)
    party = first["ledger_party"]
    rows = [row for row in first["keys"] if row["party"] == party]
    found = {row["key"]: _key(row, 1) for row in rows}
    types = f"{KeyEnrolled.TOPIC},{KeyRevoked.TOPIC}"
    for event in door.pages("/v1/events", types=types, about=party):
        data, position = event["data"], event["position"]
        if event["type"] == KeyEnrolled.TOPIC:
            found[data["key"]] = _key(data, position)
        elif (known := found.get(data["key"])) is not None and known.until is None:
            found[data["key"]] = replace(known, until=position)
    return [one for one in found.values() if one.role in ROLES]


def signing(keys: Iterable[OwnKey], role: str) -> list[OwnKey]:
    """Return those of a role that sign now, the oldest first."""
    return [one for one in keys if one.role == role and one.until is None]


def vkeys_of(origin: str, keys: Iterable[OwnKey]) -> list[str]:
    """Return the verifier keys of these checkpoint keys, in their order."""
    from schemas import canonical  # noqa: PLC0415 - likewise

    return [vkey_of(origin, canonical.unb64u(one.public_key)) for one in keys]


def vkey_of(origin: str, public: bytes) -> str:
    """Return the verifier key of a log (C2SP signed-note) for a public key of 32 bytes."""
    from ledger.evidence.vkeys import VerifierKey  # noqa: PLC0415 - brings cryptography

    return str(VerifierKey(origin, public))


def _key(row: dict[str, Any], position: int) -> OwnKey:
    role = next((role for role in ROLES if role in row["roles"]), row["roles"][0])
    return OwnKey(row["key"], role, row["public_key"], position)
