"""The settings that decisions depend on (`policy:log`): from position 1, and nothing before it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from ledger.rights.states.base import folding
from ledger.rights.view import Recorded, Scope
from schemas.commands.log import Policy
from schemas.events.log import LogOpened, WitnessPolicyReplaced

LOG: Final = "log"
"""The one key of the policy scope."""


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The log's opening and its policy; `opened` is None while the log is empty.

    `witnesses` are the lines about witnesses of the policy file, said at `witnesses_since`.
    """

    key: str = LOG
    opened: LogOpened | None = None
    policy: Policy = field(default_factory=Policy)
    witnesses: tuple[str, ...] = ()
    witnesses_since: int = 0


def _opened(state: PolicyState, recorded: Recorded, event: LogOpened) -> PolicyState:
    return replace(
        state,
        opened=event,
        policy=event.policy,
        witnesses=event.witnesses,
        witnesses_since=recorded.position,
    )


def _replaced(state: PolicyState, recorded: Recorded, event: WitnessPolicyReplaced) -> PolicyState:
    return replace(state, witnesses=event.witnesses, witnesses_since=recorded.position)


POLICY: Scope[PolicyState] = Scope(
    "policy", PolicyState, folding({LogOpened: _opened, WitnessPolicyReplaced: _replaced})
)
"""The policy of the log: ask it with `LOG`."""
