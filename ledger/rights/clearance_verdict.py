"""A verdict on a request: cleared at a price, or refused with reasons and alternatives.

Quote, verification and authorization call this one function. What they do with its answer differs;
what it answers does not.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ledger.rights.alternatives import alternatives
from ledger.rights.clearance import Cleared, Refused, clear
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_request import Ask, normalize
from ledger.rights.generations_upgrades import agreed_before
from ledger.rights.view import View
from schemas.terms import Alternative, Request


class Verdict(NamedTuple):
    """The request in exact numbers, what came of it, and what would be permitted instead."""

    ask: Ask
    outcome: Cleared | Refused
    alternatives: tuple[Alternative, ...] = ()


def judge(
    view: View,
    request: Request,
    *,
    creator: str,
    at: datetime,
    bound: tuple[str, ...] | None = None,
) -> Verdict:
    """Judge a creator's request at an instant; `bound` as in `clear`. Raises `Malformed`."""
    ask = normalize(request)
    facts = Facts(view, at)
    prior = agreed_before(view, ask, creator)
    outcome = clear(facts, ask, bound=bound, prior=prior)
    if isinstance(outcome, Cleared):
        return Verdict(ask, outcome)
    offered = alternatives(facts, ask, outcome, bound=bound, prior=prior)
    return Verdict(ask, outcome, offered)
