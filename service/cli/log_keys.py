"""By which keys the log was signed from where to where, read from what the log says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from schemas.commands.log import InstanceKey
from schemas.events.log import KeysOfLogReplaced

if TYPE_CHECKING:
    from ledger.rights.states.policy import PolicyState
    from service.cli.door import Door


def said_of_keys(door: Door) -> PolicyState:
    """Return what the log says of its keys: `log_keys`, each since when and until when."""
    from ledger.rights.states.policy import POLICY, PolicyState  # noqa: PLC0415 - brings the rules
    from ledger.rights.view import Recorded  # noqa: PLC0415 - likewise
    from schemas.period import parse_instant  # noqa: PLC0415 - likewise
    from schemas.registry import read_event  # noqa: PLC0415 - likewise

    state = PolicyState()
    for row in _rows(door):
        event = read_event(row["type"], row["version"], row["data"], recorded=True)
        at = parse_instant(row["recorded_at"])
        state = POLICY.evolve(state, Recorded(row["position"], at, row["actor"], event))
    return state


def vkeys_of(origin: str, rows: Iterable[InstanceKey]) -> list[str]:
    """Return the verifier keys of these checkpoint keys, in their order."""
    from schemas import canonical  # noqa: PLC0415 - likewise

    return [vkey_of(origin, canonical.unb64u(row.public_key)) for row in rows]


def vkey_of(origin: str, public: bytes) -> str:
    """Return the verifier key of a log (C2SP signed-note) for a public key of 32 bytes."""
    from ledger.evidence.vkeys import VerifierKey  # noqa: PLC0415 - likewise

    return str(VerifierKey(origin, public))


def _rows(door: Door) -> Iterator[dict[str, Any]]:
    yield door.get("/v1/events/1")["event"]
    yield from door.pages("/v1/events", types=KeysOfLogReplaced.TOPIC)
