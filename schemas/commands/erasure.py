"""The command that erases what is private."""

from __future__ import annotations

from typing import Literal

from schemas.commands.base import Command
from schemas.ids import PartyId


class RequestErasure(Command):
    """Erase a party's openings: what its commitments hide, and the key they are sealed under.

    Nothing of the log changes: proofs, balances and digests stay as they are. What the law makes
    us keep is refused in part.
    """

    party: PartyId
    basis: Literal["gdpr_article_17", "own_request", "court_order"]
