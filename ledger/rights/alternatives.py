"""What would be permitted instead: one change at a time, over the request's own values.

Source: clearance, 18. The owner's no is final; the creator learns which smaller or other wish the
same owners have already said yes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from ledger.rights.clearance import Refused, clears
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_request import Ask, normalize
from schemas.lists import TIERS
from schemas.money import Money
from schemas.terms import Alternative, Reference

ALTERNATIVES_MAX: Final = 100
"""Alternatives of one refusal. They stand in its entry, which holds 65,535 bytes at most."""


def alternatives(
    facts: Facts,
    ask: Ask,
    refused: Refused,
    *,
    bound: tuple[str, ...] | None = None,
    prior: Money | None = None,
) -> tuple[Alternative, ...]:
    """Return the changes that would clear the request, at most `ALTERNATIVES_MAX`.

    In this order: drop a parameter (by row), drop a reference (weights divided again), each other
    tier, each country asked in place of the whole list.
    """
    rows = {reason.reference for reason in refused.reasons if reason.reference is not None}

    def is_permitted(change: Alternative, other: Ask) -> bool:
        dropped = change.row if change.change == "drop_reference" else None
        return clears(
            facts,
            other,
            bound=bound,
            prior=prior,
            doubtful=_renumbered(rows, dropped),
        )

    found = (change for change, other in changed(ask) if is_permitted(change, other))
    return tuple(islice(found, ALTERNATIVES_MAX))


def _renumbered(rows: Iterable[int], dropped: int | None) -> Iterator[int]:
    """Yield the numbers that rows have once one of them is dropped."""
    for row in rows:
        if dropped is None or row < dropped:
            yield row
        elif row > dropped:
            yield row - 1


def changed(ask: Ask) -> Iterator[tuple[Alternative, Ask]]:
    """Yield each change and what is asked then."""
    if ask.request.upgrades is None:
        # An upgrade is of the same output: with less in it, it would be malformed.
        yield from _without_parameter(ask)
        yield from _without_reference(ask)
    for tier in TIERS:
        if tier != ask.request.tier:
            request = ask.request.model_copy(update={"tier": tier})
            yield Alternative(change="tier", value=tier), ask._replace(request=request)
    if len(ask.countries) > 1:
        for country in ask.countries:
            request = ask.request.model_copy(update={"territory": country})
            alone = ask._replace(request=request, countries=(country,))
            yield Alternative(change="territory", value=country), alone


def _without_parameter(ask: Ask) -> Iterator[tuple[Alternative, Ask]]:
    for row in ask.rows:
        reference = row.reference
        if reference.use == "parameter" and len(reference.parameters) == 1:
            continue  # a row at parameter level that takes nothing is no request
        for parameter in reference.parameters:
            left = tuple(other for other in reference.parameters if other != parameter)
            less = reference.model_copy(update={"parameters": left})
            change = Alternative(change="drop_parameter", row=row.number, value=parameter)
            yield change, _with_reference(ask, row.number, less)


def _with_reference(ask: Ask, number: int, reference: Reference) -> Ask:
    """Return what is asked with another reference in one row; its weight is the same."""
    rows = list(ask.rows)
    rows[number] = rows[number]._replace(reference=reference)
    references = tuple(row.reference for row in rows)
    request = ask.request.model_copy(update={"references": references})
    return ask._replace(request=request, rows=tuple(rows))


def _without_reference(ask: Ask) -> Iterator[tuple[Alternative, Ask]]:
    references = ask.request.references
    if len(references) == 1:
        return
    for row in range(len(references)):
        left = (*references[:row], *references[row + 1 :])
        # Absolute weights no longer sum to 1 now: those that are left are divided by their sum.
        update = {"references": left, "weights": "relative"}
        fewer = normalize(ask.request.model_copy(update=update))
        yield Alternative(change="drop_reference", row=row), fewer
