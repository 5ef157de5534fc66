"""The few kinds of changes of the catalog's tables, and the words by which things are found."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, to_us
from schemas.period import LocalInstant


def added(table: str, recorded: Recorded, values: dict[str, Any]) -> Change:
    """Add a row that stands for ever, with position and time."""
    when = {"position": recorded.position, "time_us": recorded.time_us}
    return Change(f"add_{table}", values | when)


def replaced(table: str, recorded: Recorded, values: dict[str, Any]) -> Iterator[Change]:
    """Close the live row with the same key, if there is one, and open this one."""
    at = {"position": recorded.position}
    yield Change(f"close_{table}", values | at)
    yield Change(f"open_{table}", values | at)


def closed(table: str, recorded: Recorded, values: dict[str, Any]) -> Change:
    """Close the live row with this key."""
    return Change(f"close_{table}", values | {"position": recorded.position})


def ended(table: str, recorded: Recorded, values: dict[str, Any]) -> Iterator[Change]:
    """Close the live row with this key; the same words go on as ended."""
    yield closed(table, recorded, values)
    yield Change(f"end_{table}", values | {"position": recorded.position})


def window(since: LocalInstant | None, until: LocalInstant | None) -> dict[str, int | None]:
    """Return the law's window as columns."""
    return {
        "effective_from_us": to_us(since.moment) if since else None,
        "effective_until_us": to_us(until.moment) if until else None,
    }


def words(
    recorded: Recorded, kind: str, name: str, label: str, *found: str | None, private: bool = False
) -> Iterator[Change]:
    """Yield the words by which something is found: titles, names, numbers; absent ones not."""
    for word in found:
        if word:
            values = {
                "kind": kind,
                "id": name,
                "word": bare(word),
                "label": label,
                "private": int(private),
                "position": recorded.position,
            }
            yield Change("add_word", values)


def bare(text: str) -> str:
    """Return a text in small letters, without accents and with single blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())
