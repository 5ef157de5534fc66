"""Whose an opening is: the unit of erasure, and the name of the key it is sealed under.

A party's openings are two subjects: what it is and does, and how it was paid. The second is kept
as long as tax law asks, the first is erased at once.
"""

from __future__ import annotations

from typing import Final

PAYMENTS: Final = frozenset(
    {
        "PartyScreened",
        "PayeeDetailsReplaced",
        "PayoutInstructed",
        "PayoutSettled",
    }
)
"""Topics of the events whose private values are records of payments."""


def personal(party: str) -> str:
    """Return the subject of what a party is and does: name, prompts, that it was the creator."""
    return party


def payments(party: str) -> str:
    """Return the subject of how a party was paid: account, screening, bank references."""
    return f"{party}/payments"


def subject_of(topic: str, party: str) -> str:
    """Return whose a private value of an event of this topic is, in an entry about `party`."""
    return payments(party) if topic in PAYMENTS else personal(party)
