"""JSON values changed at random: what a careless or a hostile program might send."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from schemas.ids import new_id

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.sampled_from(
        [
            "", "0", "-1", "1/0", "0/1", "1/3", "1e9", "NaN", "99999999999999999999", "0.0000001",
            "\u0000", "\u202e", "\uff24\uff25", "DE", "XX", "2136", "EUR", "all", "pty_", "UTC",
            "2026-11-22T08:11:02Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "No/Where",
            "2026-11", "0000-00", "../../etc/passwd", "A" * 43, "x" * 401, "x" * 70_000,
        ]
    ),
    st.lists(st.none(), max_size=3),
    st.just({}),
    st.just([[]] * 201),
    st.just({"commit": "A" * 43}),
    st.just({"amount": "0.01", "currency": "EUR"}),
    st.just({"include": ["2136"], "exclude": ["2136"]}),
    st.sampled_from(["pty", "rec", "wrk", "cns", "gen", "ver", "key", "mod"]).map(new_id),
)  # fmt: skip
"""Values that are wrong in most places, and right in some that one did not think of."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in inner:
        yield (*path, name)
        if isinstance(item, dict | list):
            yield from places(item, (*path, name))


def changed(payload: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Change a payload in one to three places: another value, none, or one too many."""
    payload = copy.deepcopy(payload)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(places(payload), key=str)))
        holder: Any = payload
        for step in path[:-1]:
            holder = holder[step]
        how = data.draw(st.sampled_from(["put", "put", "put", "drop", "more", "swap"]))
        if how == "drop":
            del holder[path[-1]]
        elif how == "more" and isinstance(holder, list):
            holder.extend(copy.deepcopy(holder))
        elif how == "swap" and isinstance(holder, dict):
            other = data.draw(st.sampled_from(sorted(holder)))
            holder[path[-1]], holder[other] = holder[other], holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(data.draw(ODD))
    return payload
