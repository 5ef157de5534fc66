"""Find what a command names, or say `unknown_id`; make sure that a new id is new."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledger.rights.states import (
    MODEL,
    PARTY,
    RECORDING,
    WORK,
    ModelState,
    PartyState,
    RecordingState,
    WorkState,
)
from ledger.rights.view import View
from schemas.lists import Capacity
from schemas.model import Wire
from schemas.period import LocalInstant
from schemas.refusals import Malformed


def fields(value: Wire) -> dict[str, Any]:
    """Return the fields of a command or event by name, as they are.

    Not `dict(value)`: a command with a field called `keys` would be taken for a mapping.
    """
    return dict(vars(value))


def party(view: View, name: str, pointer: str = "/party") -> PartyState:
    """Return a registered party."""
    state = view.ask(PARTY, name)
    if state.kind is None:
        raise Malformed("unknown_id", f"nobody registered {name}", pointer=pointer)
    return state


def recording(view: View, name: str, pointer: str = "/recording") -> RecordingState:
    """Return a registered recording."""
    state = view.ask(RECORDING, name)
    if state.identity is None:
        raise Malformed("unknown_id", f"nobody registered {name}", pointer=pointer)
    return state


def work(view: View, name: str, pointer: str = "/work") -> WorkState:
    """Return a registered work."""
    state = view.ask(WORK, name)
    if state.identity is None:
        raise Malformed("unknown_id", f"nobody registered {name}", pointer=pointer)
    return state


def is_recording(asset: str) -> bool:
    """Tell a recording's id from a work's."""
    return asset.startswith("rec_")


def asset(view: View, name: str, pointer: str = "/asset") -> RecordingState | WorkState:
    """Return a registered recording or work."""
    return recording(view, name, pointer) if is_recording(name) else work(view, name, pointer)


def capacities(name: str) -> tuple[Capacity, ...]:
    """Return in which capacities somebody holds a share of an asset (clearance, 9)."""
    return ("owner",) if is_recording(name) else ("publisher", "writer")


def model(view: View, name: str, pointer: str = "/model") -> ModelState:
    """Return a registered model version, retired or not."""
    state = view.ask(MODEL, name)
    if state.registered is None:
        raise Malformed("unknown_id", f"nobody registered {name}", pointer=pointer)
    return state


def fresh(*, taken: bool, name: str, pointer: str) -> None:
    """Raise `Malformed("id_reused")` if an id names something already."""
    if taken:
        raise Malformed("id_reused", f"this id is taken [{name}]", pointer=pointer)


def check_window(
    code: str, since: LocalInstant | None, until: LocalInstant | None, pointer: str
) -> None:
    """Raise `code` unless the window begins before it ends."""
    if since and until and since.moment >= until.moment:
        raise Malformed(code, "a window ends after it begins", pointer=pointer)


def later(at: datetime, named: LocalInstant | None) -> datetime:
    """Return the later of a decision's instant and an instant that somebody named."""
    return max(at, named.moment) if named else at
