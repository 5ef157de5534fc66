"""What would be permitted instead: one change at a time, over the request's own values.

Source: clearance, 18. The owner's no is final; the creator learns which smaller or other wish the
same owners have already said yes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from ledger.rights.clearance import Cleared, clear
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_request import Ask, normalize
from schemas.lists import TIERS, Parameter
from schemas.terms import Alternative, Request

ALTERNATIVES_MAX: Final = 100
"""Alternatives of one refusal. They stand in its entry, which holds 65,535 bytes at most."""


def alternatives(
    facts: Facts, ask: Ask, *, bound: Sequence[str] | None = None, prior_micro: int = 0
) -> tuple[Alternative, ...]:
    """Return the changes that would clear the request, at most `ALTERNATIVES_MAX`.

    In this order: drop a parameter (by row), drop a reference (weights divided again), each other
    tier, each country asked in place of the whole list.
    """
    clearing = (
        change
        for change, request in changed(ask.request, ask.countries)
        if isinstance(
            clear(facts, normalize(request), bound=bound, prior_micro=prior_micro), Cleared
        )
    )
    return tuple(islice(clearing, ALTERNATIVES_MAX))


def changed(request: Request, countries: Sequence[str]) -> Iterator[tuple[Alternative, Request]]:
    """Yield each change and the request that it makes."""
    yield from _without_parameter(request)
    yield from _without_reference(request)
    for tier in TIERS:
        if tier != request.tier:
            change = Alternative(change="tier", value=tier)
            yield change, request.model_copy(update={"tier": tier})
    if len(countries) > 1:
        for country in countries:
            change = Alternative(change="territory", value=country)
            yield change, request.model_copy(update={"territory": country})


def _without_parameter(request: Request) -> Iterator[tuple[Alternative, Request]]:
    for row, reference in enumerate(request.references):
        if reference.use == "parameter" and len(reference.parameters) == 1:
            continue  # a row at parameter level that takes nothing is no request
        for parameter in reference.parameters:
            left = _others(reference.parameters, parameter)
            rows = list(request.references)
            rows[row] = reference.model_copy(update={"parameters": left})
            change = Alternative(change="drop_parameter", row=row, value=parameter)
            yield change, request.model_copy(update={"references": tuple(rows)})


def _without_reference(request: Request) -> Iterator[tuple[Alternative, Request]]:
    if len(request.references) == 1:
        return
    for row in range(len(request.references)):
        rows = (*request.references[:row], *request.references[row + 1 :])
        # Absolute weights no longer sum to 1 now: those that are left are divided by their sum.
        update = {"references": rows, "weights": "relative"}
        yield Alternative(change="drop_reference", row=row), request.model_copy(update=update)


def _others(parameters: Iterable[Parameter], dropped: Parameter) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in parameters if parameter != dropped)
