"""The words of a consent, from options or from a JSON file: what is not named is not permitted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas.ids import new_id
from service.cli.ends import usage
from service.cli.when import listed, money, pair, territories, window

if TYPE_CHECKING:
    from service.cli.run import Run

TEXT: Final = "I permit the uses that this command names, and nothing else."
"""What is shown to whoever consents at the command line, unless --text names another text."""

TEXT_VERSION: Final = "2026-11"
"""The version of that text."""

LISTS: Final = ("uses", "parameters", "tiers", "purposes", "channels", "models", "modules")
"""Fields of a consent that are lists."""


@dataclass(frozen=True, slots=True)
class Given:
    """The options of `consent grant` and `consent change`, None where nothing was said."""

    assets: list[str] | None
    catalog: bool
    capacity: str | None
    lists: dict[str, list[str] | None]
    reproduction: bool | None
    territory: list[str] | None
    without: list[str] | None
    since: str | None
    until: str | None
    zone: str | None
    floor: list[str] | None
    currency: str
    minimum_weight: str | None
    notice_days: int | None
    in_flight: str | None
    survives: bool | None
    text: Path | None
    language: str


def new_words(run: Run, given: Given, grantor: str) -> dict[str, Any]:
    """Return a whole consent: everything that was not said is no, or the schema's default."""
    nothing: dict[str, Any] = {
        "consent": new_id("cns"),
        "grantor": grantor,
        "uses": [],
        "parameters": [],
        "reproduction": False,
        "tiers": [],
        "purposes": "all",
        "channels": "all",
        "models": "all",
        "modules": ["generator"],
        "territories": territories(None, None),
        "effective_from": None,
        "effective_until": None,
        "floors": {},
        "minimum_weight": None,
        "revocation": {"notice_days": 0, "in_flight": "complete", "survives": True},
        "text": _text(given),
    }
    if not given.assets and not given.catalog:
        raise usage("name what it applies to: --on RECORDING, --on WORK, or --catalog")
    return changed_words(run, given, nothing)


def changed_words(run: Run, given: Given, words: dict[str, Any]) -> dict[str, Any]:
    """Return the words with everything replaced that was said."""
    found = dict(words)
    if given.assets or given.catalog:
        found["applies_to"], capacity = _applies_to(run, given, found["grantor"])
        found.setdefault("capacity", capacity)
    if given.capacity:
        found["capacity"] = given.capacity
    for name in LISTS:
        values = listed(given.lists.get(name))
        if values is not None:
            found[name] = values
    if given.reproduction is not None:
        found["reproduction"] = given.reproduction
    if given.territory or given.without:
        found["territories"] = territories(given.territory, given.without)
    ends = window(given.since, given.until, given.zone)
    found.update({name: value for name, value in ends.items() if value is not None})
    if given.floor:
        rows = map(pair, given.floor)
        found["floors"] = {tier: money(amount, given.currency) for tier, amount in rows}
    if given.minimum_weight is not None:
        found["minimum_weight"] = given.minimum_weight
    found["revocation"] = {**found["revocation"], **_revocation(given)}
    if given.text is not None:
        found["text"] = _text(given)
    return found


def _applies_to(run: Run, given: Given, grantor: str) -> tuple[dict[str, Any], str]:
    """Return what it applies to, and in which capacity one usually speaks for that."""
    if given.catalog:
        if given.assets:
            raise usage("a consent names assets, or the whole catalog, not both")
        return {"recordings": [], "works": [], "catalog": grantor}, "owner"
    names = [run.asset(named) for named in given.assets or ()]
    recordings = [name for name in names if name.startswith("rec_")]
    works = [name for name in names if name.startswith("wrk_")]
    if recordings and works:
        raise usage("a consent names recordings or works; give one for each side")
    applies = {"recordings": recordings, "works": works, "catalog": None}
    return applies, "owner" if recordings else "publisher"


def _revocation(given: Given) -> dict[str, Any]:
    said = {
        "notice_days": given.notice_days,
        "in_flight": given.in_flight,
        "survives": given.survives,
    }
    return {name: value for name, value in said.items() if value is not None}


def _text(given: Given) -> dict[str, Any]:
    raw = given.text.read_bytes() if given.text else TEXT.encode()
    return {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "language": given.language,
        "version": TEXT_VERSION,
        "shown": True,
    }
