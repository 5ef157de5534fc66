"""Every scope, and the one place that finds the scope of a tag.

Several kinds share a prefix (`rights:` holds recordings, works and parties; `terms:` tariffs,
their list, and models): the kind of the id after the colon tells them apart.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from ledger.rights.erasure import ERASURE
from ledger.rights.generations_states import GENERATION
from ledger.rights.payees_states import MONEY
from ledger.rights.royalties_states import PAYOUT, PERIOD
from ledger.rights.states.claims import CLAIM
from ledger.rights.states.consents import CONSENT
from ledger.rights.states.index import INDEX
from ledger.rights.states.keys import KEY
from ledger.rights.states.mandates import MANDATE
from ledger.rights.states.names import NAME
from ledger.rights.states.parties import PARTY
from ledger.rights.states.policy import POLICY
from ledger.rights.states.recordings import RECORDING
from ledger.rights.states.terms import MODEL, TARIFF, TARIFFS
from ledger.rights.states.works import WORK
from ledger.rights.verifications_states import DEMAND, VERIFICATION
from ledger.rights.view import Scope

SCOPES: Final[MappingProxyType[str, Scope[Any]]] = MappingProxyType(
    {
        "policy:": POLICY,
        "index:": INDEX,
        "erasure:": ERASURE,
        "key:": KEY,
        "rights:pty_": PARTY,
        "rights:rec_": RECORDING,
        "rights:wrk_": WORK,
        "mandate:": MANDATE,
        "consent:": CONSENT,
        "claim:": CLAIM,
        "name:": NAME,
        "money:": MONEY,
        "period:": PERIOD,
        "payout:": PAYOUT,
        "job:ver_": VERIFICATION,
        "job:gen_": GENERATION,
        "demand:": DEMAND,
        "terms:tariffs": TARIFFS,
        "terms:tar_": TARIFF,
        "terms:mod_": MODEL,
    }
)
"""Every scope by the beginning of its tags. No beginning is the beginning of another."""


def scope_for(tag: str) -> tuple[Scope[Any], str]:
    """Return the scope of a tag and the key to fold it with; an unknown tag is a bug."""
    name, _, key = tag.partition(":")
    scope = SCOPES.get(f"{name}:") or SCOPES.get(f"{name}:{key[:_KIND]}") or SCOPES.get(tag)
    if scope is None:
        raise AssertionError(f"no scope has this tag [{tag}]")
    return scope, key


_KIND: Final = len("pty_")
