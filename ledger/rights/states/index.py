"""The published roots of the verifiable index (`index:log`)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.log import IndexRootPublished


@dataclass(frozen=True, slots=True)
class IndexState:
    """The newest root: over the entries up to `through`, said at `position`; 0 before the first."""

    key: str
    through: int = 0
    position: int = 0
    root: str = ""


def _published(state: IndexState, recorded: Recorded, event: IndexRootPublished) -> IndexState:
    return changed(state, through=event.through, position=recorded.position, root=event.root)


INDEX: Scope[IndexState] = Scope("index", IndexState, folding({IndexRootPublished: _published}))
"""The verifiable index: ask it with `LOG`."""
