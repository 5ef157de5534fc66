"""The steps of one append, as points at which a process can be killed."""

from __future__ import annotations

WRITER = (
    "before_submit",
    "before_commit",
    "after_commit_before_register",
    "in_register_before_write",
    "after_register_before_visible_head",
    "after_visible_head_before_answer",
    "after_answer",
)
"""In their order; the n-th time each is reached, it is the n-th append of the process."""

LOST = ("before_submit", "before_commit")
"""Points at which nothing was said yet, for all that the log knows."""


def of_append(number: int) -> tuple[str, ...]:
    """Return the points of the n-th append."""
    return tuple(f"{point}:{number}" for point in WRITER)


def is_lost(point: str, number: int = 1) -> bool:
    """Tell whether a process killed there leaves nothing of its n-th append in the log."""
    name, _, count = point.partition(":")
    return name in LOST and int(count or "1") == number
