"""Events of erasure: asked for, done, and refused in part where the law holds."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.events.base import Event
from schemas.ids import PartyId
from schemas.model import Text


class _Erasure(Event):
    """Something about erasing a party's openings."""

    party: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the party's erasure."""
        return (f"erasure:{self.party}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class ErasureRequested(_Erasure):
    """A party, or a registrar for it, asked for erasure."""

    TOPIC: ClassVar[str] = "ErasureRequested"

    basis: Literal["gdpr_article_17", "own_request", "court_order"]


class OpeningsErased(_Erasure):
    """The openings of these subjects were erased in this very append, with their keys.

    The receipt of this entry is the erasure's receipt.
    """

    TOPIC: ClassVar[str] = "OpeningsErased"

    subjects: Annotated[tuple[Text, ...], Field(min_length=1)]


class ErasureRefused(_Erasure):
    """Part of what was asked is kept: which kind of openings, and why."""

    TOPIC: ClassVar[str] = "ErasureRefused"

    kept: Literal["payments"]
    because: Literal["legal_hold"]
    reason: Text
