"""The one way to a decision: authority first, then the rule of the command.

Pure: the view holds all that is looked at, and the instant is in what is asked. Which rule answers
which command is this one table; each module of rules brings its part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ledger.rights import (
    catalog,
    consents,
    erasure,
    generations,
    index_roots,
    keys,
    links,
    log,
    parties,
    payees,
    royalties,
    royalties_payouts,
    shares,
    terms,
    verifications,
)
from ledger.rights.authority import authorize
from ledger.rights.decision import Asked, Decision
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.log import OpenLog
from schemas.refusals import Malformed

Rule = Callable[[View, Asked, Any], Decision]
"""A rule: `(view, asked, command) -> decision`, the command being `asked.command`, typed."""

RULES_OF: Final[Mapping[type[Command], Rule]] = MappingProxyType(
    {
        **log.DECIDES,
        **index_roots.DECIDES,
        **erasure.DECIDES,
        **parties.DECIDES,
        **keys.DECIDES,
        **catalog.DECIDES,
        **links.DECIDES,
        **shares.DECIDES,
        **consents.DECIDES,
        **terms.DECIDES,
        **payees.DECIDES,
        **royalties.DECIDES,
        **royalties_payouts.DECIDES,
        **verifications.DECIDES,
        **generations.DECIDES,
    }
)
"""Every command that can be decided, and its rule."""


def decide(view: View, asked: Asked) -> Decision:
    """Decide a command: its events, or where its refusal already stands.

    Raises `Malformed`, which is answered and never logged. The view then holds what was read: it
    guards the append (contracts, section 4).
    """
    rule = RULES_OF.get(type(asked.command))
    if rule is None:
        name = type(asked.command).__name__
        raise Malformed("value_unknown", f"{name} is no statement to the ledger")
    if not isinstance(asked.command, OpenLog) and view.ask(POLICY, LOG).opened is None:
        raise Malformed("wrong_ledger", "this log has not been opened")
    authorize(view, asked)
    return rule(view, asked, asked.command)
