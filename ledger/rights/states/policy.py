"""The settings that decisions depend on (`policy:log`), and which keys sign the log since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.commands.log import InstanceKey, Policy
from schemas.events.log import KeysOfLogReplaced, LogOpened, WitnessPolicyReplaced
from schemas.lists import KeyRole

LOG: Final = "log"
"""The one key of the policy scope."""


OF_THE_LOG: Final[frozenset[KeyRole]] = frozenset({"entry", "checkpoint"})
"""Roles of the keys by which the log itself is signed."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key by which the log is signed behind position `since`; `until` its replacement's.

    Entries behind `until`, and checkpoints of sizes from `until` on, it does not sign.
    """

    row: InstanceKey
    since: int
    until: int | None = None

    def signs(self, role: KeyRole) -> bool:
        """Tell whether it is in force in this role."""
        return self.until is None and role in self.row.roles


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The log's opening and its policy; `opened` is None while the log is empty.

    `witnesses` are the lines about witnesses of the policy file, said at `witnesses_since`.
    `log_keys` are all that ever signed the log, in the order in which they came into force.
    """

    key: str = LOG
    opened: LogOpened | None = None
    policy: Policy = field(default_factory=Policy)
    witnesses: tuple[str, ...] = ()
    witnesses_since: int = 0
    log_keys: tuple[LogKey, ...] = ()

    def in_force(self, role: KeyRole) -> tuple[InstanceKey, ...]:
        """Return the keys by which the log is signed in this role, the oldest first."""
        return tuple(key.row for key in self.log_keys if key.signs(role))


def _opened(state: PolicyState, recorded: Recorded, event: LogOpened) -> PolicyState:
    return changed(
        state,
        opened=event,
        policy=event.policy,
        witnesses=event.witnesses,
        witnesses_since=recorded.position,
        log_keys=tuple(
            LogKey(row, recorded.position) for row in event.keys if OF_THE_LOG & set(row.roles)
        ),
    )


def _replaced(state: PolicyState, recorded: Recorded, event: WitnessPolicyReplaced) -> PolicyState:
    return changed(state, witnesses=event.witnesses, witnesses_since=recorded.position)


def _keys(state: PolicyState, recorded: Recorded, event: KeysOfLogReplaced) -> PolicyState:
    signing = {row.key for row in event.keys}
    known = {key.row.key for key in state.log_keys}
    kept = tuple(
        key
        if key.until is not None or key.row.key in signing
        else changed(key, until=recorded.position)
        for key in state.log_keys
    )
    fresh = tuple(LogKey(row, recorded.position) for row in event.keys if row.key not in known)
    return changed(state, log_keys=(*kept, *fresh))


POLICY: Scope[PolicyState] = Scope(
    "policy",
    PolicyState,
    folding(
        {LogOpened: _opened, WitnessPolicyReplaced: _replaced, KeysOfLogReplaced: _keys},
    ),
)
"""The policy of the log: ask it with `LOG`."""
