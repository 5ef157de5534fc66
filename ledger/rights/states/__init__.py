"""The states that decisions read: frozen, each folded from its scope's events by a pure `evolve`.

`ledger.rights.scopes` finds the scope of a tag. States of generations and of money lie beside
their rules.
"""

from ledger.rights.states.claims import CLAIM, ClaimState
from ledger.rights.states.consents import CONSENT, ConsentState, Held, Words
from ledger.rights.states.keys import KEY, KeyState
from ledger.rights.states.mandates import MANDATE, MandateState
from ledger.rights.states.names import NAME, NameState
from ledger.rights.states.parties import PARTY, PartyState
from ledger.rights.states.policy import LOG, OF_THE_LOG, POLICY, PolicyState
from ledger.rights.states.recordings import RECORDING, RecordingState
from ledger.rights.states.terms import (
    MODEL,
    TARIFF,
    TARIFFS,
    TARIFFS_KEY,
    ModelState,
    TariffsState,
    TariffState,
)
from ledger.rights.states.works import WORK, WorkState

__all__ = [
    "CLAIM",
    "CONSENT",
    "KEY",
    "LOG",
    "MANDATE",
    "MODEL",
    "NAME",
    "OF_THE_LOG",
    "PARTY",
    "POLICY",
    "RECORDING",
    "TARIFF",
    "TARIFFS",
    "TARIFFS_KEY",
    "WORK",
    "ClaimState",
    "ConsentState",
    "Held",
    "KeyState",
    "MandateState",
    "ModelState",
    "NameState",
    "PartyState",
    "PolicyState",
    "RecordingState",
    "TariffState",
    "TariffsState",
    "Words",
    "WorkState",
]
