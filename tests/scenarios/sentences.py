"""Sentences of the scenario files in exact words: times, places, money, and who does what.

A sentence that no pattern understands is an error of the file, and stops its test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from schemas.period import format_instant
from schemas.tis import GROUP_NAMES
from schemas.zones import candidates

GROUPS = {name.lower(): code for code, name in GROUP_NAMES.items()}

_MOMENT = re.compile(r"(?P<local>\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?) (?P<zone>\S+)")


class NotUnderstood(Exception):  # noqa: N818  # it says what the file did
    """A sentence that the loader does not know."""


def moment(text: str) -> datetime:
    """Read `2026-07-01 00:00 Europe/Berlin`."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"not a time with its zone: {text!r}")
    (instant,) = candidates(datetime.fromisoformat(found["local"]), found["zone"])
    return instant


def local_instant(text: str) -> dict[str, str]:
    """Read the same as the law's time: the local time and the zone are kept."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"not a time with its zone: {text!r}")
    local = datetime.fromisoformat(found["local"]).isoformat()
    return {"instant": format_instant(moment(text)), "local": local, "zone": found["zone"]}


def places(text: str) -> list[str]:
    """Read `DE`, `DE and FR`, `the European Union`, `the world`."""
    named = re.split(r", | and ", text)
    return [_place(name.removeprefix("the ")) for name in named]


def territories(text: str) -> dict[str, list[str]]:
    """Read the same with `except`: `the world except JP`."""
    inside, _, outside = text.partition(" except ")
    return {"include": places(inside), "exclude": places(outside) if outside else []}


def money(text: str) -> dict[str, str]:
    """Read `0.60 EUR`."""
    amount, currency = text.split(" ")
    return {"amount": amount, "currency": currency}


def words_of_consent(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of a consent, from those of a file."""
    read: dict[str, Callable[[Any], dict[str, Any]]] = {
        "levels": lambda value: {"uses": value},
        "parameters": lambda value: {"parameters": value},
        "reproduction": lambda value: {"reproduction": _yes(value)},
        "tiers": lambda value: {"tiers": value},
        "purposes": lambda value: {"purposes": value},
        "channels": lambda value: {"channels": value},
        "where": lambda value: {"territories": territories(value)},
        "from": lambda value: {"effective_from": local_instant(value)},
        "until": lambda value: {"effective_until": local_instant(value)},
        "floors": lambda value: {"floors": {tier: money(text) for tier, text in value.items()}},
        "minimum weight": lambda value: {"minimum_weight": value},
        "in flight": lambda value: {"revocation": _revocation(in_flight=value)},
        "notice days": lambda value: {"revocation": _revocation(notice_days=int(value))},
    }
    words: dict[str, Any] = {}
    for name, value in said.items():
        if name not in read:
            raise NotUnderstood(f"a consent has no {name!r}")
        words |= read[name](value)
    return words


def match(text: str, patterns: Mapping[str, Callable[..., Any]]) -> Any:
    """Call what belongs to the one pattern that a sentence fits."""
    for pattern, act in patterns.items():
        found = re.fullmatch(pattern, text)
        if found:
            return act(**found.groupdict())
    raise NotUnderstood(f"not understood: {text!r}")


def _place(name: str) -> str:
    if re.fullmatch("[A-Z]{2}", name):
        return name
    if name.lower() not in GROUPS:
        raise NotUnderstood(f"no such place: {name!r}")
    return GROUPS[name.lower()]


def _yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise NotUnderstood(f"yes or no, not {text!r}")
    return text == "yes"


def _revocation(**said: Any) -> dict[str, Any]:
    return {"notice_days": 0, "in_flight": "complete", "survives": True} | said
