"""Upgrading: the same output again, for more; what was agreed for it before is credited.

Source: rules, section 7, row 5; clearance, 21. Only what was completed was owed, and only the same
output carries its fee over: else one commercial fee would pay for everything that follows.
"""

from __future__ import annotations

from typing import Any

from ledger.rights.clearance_request import Ask
from ledger.rights.generations_states import GENERATION
from ledger.rights.view import View
from schemas.events.generations import GenerationAuthorized
from schemas.money import Money
from schemas.refusals import Malformed

_POINTER = "/request/upgrades"


def agreed_before(view: View, ask: Ask, creator: str) -> Money | None:
    """Return what was agreed for the output that a request upgrades; None if it names none.

    Raises `Malformed`: `unknown_id`, `not_controller` (another creator's), `not_authorized` (never
    completed, so nothing was owed), `use_invalid` (another output).
    """
    upgrades = ask.request.upgrades
    if upgrades is None:
        return None
    prior = view.ask(GENERATION, upgrades)
    if prior.authorized is None:
        raise Malformed("unknown_id", f"no such generation [{upgrades}]", pointer=_POINTER)
    if prior.authorized.creator != creator:
        raise Malformed("not_controller", "another creator's generation", pointer=_POINTER)
    if prior.step != "completed":
        raise Malformed("not_authorized", "it was never completed", pointer=_POINTER)
    if differing := _differs(ask, prior.authorized):
        raise Malformed(
            "use_invalid", f"an upgrade is of the same output: {differing}", pointer=_POINTER
        )
    return prior.agreed_before()


def _differs(ask: Ask, prior: GenerationAuthorized) -> str | None:
    """Name what makes the request another output than the one authorized before, if anything."""
    request = ask.request
    pairs: dict[str, tuple[Any, Any]] = {
        "model": (request.model, prior.model),
        "seed": (request.seed, prior.seed),
        "duration_ms": (request.duration_ms, prior.duration_ms),
        "prompt": (request.prompt, prior.prompt),
        "references": (_asked(ask), _authorized(prior)),
    }
    return next((name for name, (now, then) in pairs.items() if now != then), None)


def _asked(ask: Ask) -> list[tuple[Any, ...]]:
    return [
        (
            row.reference.recording,
            row.reference.use,
            row.reference.parameters,
            row.reference.role,
            row.weight.text,
            row.reference.source,
            row.reference.output,
            row.reference.stem,
        )
        for row in ask.rows
    ]


def _authorized(prior: GenerationAuthorized) -> list[tuple[Any, ...]]:
    return [
        (
            row.recording,
            row.use,
            row.parameters,
            row.role,
            row.weight,
            row.source,
            row.output,
            row.stem,
        )
        for row in prior.references
    ]
