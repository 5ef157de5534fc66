"""Lists: the rows of a projection's answer, and for when they hold."""

from __future__ import annotations

from typing import Any

from projections.asking import Answer
from service.api.plain import plain


def listed(found: Answer[Any]) -> dict[str, Any]:
    """Return `{items, as_of, valid_at}`."""
    return {
        "items": [plain(row) for row in found.rows],
        "as_of": found.position,
        "valid_at": plain(found.valid_at),
    }
