"""Lists: the rows of a projection's answer, and for when they hold."""

from __future__ import annotations

from typing import Any

from projections.asking import Answer
from service.api.plain import plain
from service.api.problems import DoorError


def listed(found: Answer[Any]) -> dict[str, Any]:
    """Return `{items, as_of, valid_at}`."""
    return {"items": [plain(row) for row in found.rows], **_when(found)}


def one(found: Answer[Any], otherwise: str) -> dict[str, Any]:
    """Return the one row with `as_of` and `valid_at`; `not_found` where there is none."""
    row = found.one
    if row is None:
        raise DoorError("not_found", otherwise)
    return {**plain(row), **_when(found)}


def _when(found: Answer[Any]) -> dict[str, Any]:
    return {"as_of": found.position, "valid_at": plain(found.valid_at)}
