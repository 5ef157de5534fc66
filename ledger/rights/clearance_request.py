"""A request in exact numbers: what is malformed is answered here, before anybody is asked.

Source: clearance, 1-6 and "Malformed". Nothing here looks at the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from schemas.fractions import parse_fraction
from schemas.refusals import Malformed
from schemas.terms import REFERENCES_MAX, Reference, Request
from schemas.territory import WORLD, expand_one

_COUNTRY_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One reference with its normalized weight; `of_recording` adds all rows of its recording."""

    number: int
    reference: Reference
    weight: Fraction
    of_recording: Fraction


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is well formed: each country once, in the order asked; weights sum to 1."""

    request: Request
    countries: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def recordings(self) -> tuple[str, ...]:
        """The recordings referred to, each once, in the order of their first row."""
        return tuple(dict.fromkeys(row.reference.recording for row in self.rows))


def normalize(request: Request) -> Ask:
    """Return the request in exact numbers, or raise `Malformed`.

    `reference_count`, `use_invalid`, `number_invalid`, `weights_not_normalized`,
    `territory_unknown`.
    """
    count = len(request.references)
    if not 1 <= count <= REFERENCES_MAX:
        raise Malformed("reference_count", pointer="/request/references")
    if request.duration_ms == 0:
        raise Malformed("number_invalid", "no duration", pointer="/request/duration_ms")
    for number, reference in enumerate(request.references):
        _check_use(reference, f"/request/references/{number}", request.duration_ms)
    weights = _weights(request)
    totals: dict[str, Fraction] = {}
    for reference, weight in zip(request.references, weights, strict=True):
        totals[reference.recording] = totals.get(reference.recording, Fraction(0)) + weight
    rows = (
        Row(number, reference, weight, totals[reference.recording])
        for number, (reference, weight) in enumerate(zip(request.references, weights, strict=True))
    )
    return Ask(request, _countries(request.territory), tuple(rows))


def _check_use(reference: Reference, pointer: str, duration_ms: int) -> None:
    """Refuse rows whose use, parameters and segments do not fit together (clearance, 2)."""
    parameters = reference.parameters
    if reference.use == "song" and parameters:
        raise Malformed("use_invalid", "a whole song takes no parameters", pointer=pointer)
    if reference.use == "parameter" and not parameters:
        raise Malformed("use_invalid", "name one parameter or more", pointer=pointer)
    if len(set(parameters)) != len(parameters):
        raise Malformed("use_invalid", "a parameter is named twice", pointer=pointer)
    if reference.output is not None and reference.output.until_ms > duration_ms:
        raise Malformed("number_invalid", "beyond the output's end", pointer=f"{pointer}/output")


def _weights(request: Request) -> tuple[Fraction, ...]:
    """Return the normalized weights (clearance, 6); each is above zero, by its type."""
    given = [parse_fraction(reference.weight) for reference in request.references]
    total = sum(given, Fraction(0))
    if request.weights == "absolute" and total != 1:
        raise Malformed(
            "weights_not_normalized",
            f"absolute weights sum to {total}, not to 1",
            pointer="/request/references",
        )
    return tuple(weight / total for weight in given)


def _countries(territory: str | Iterable[str]) -> tuple[str, ...]:
    """Return the countries asked, each once; groups are for consents, not for requests."""
    named = (territory,) if isinstance(territory, str) else tuple(territory)
    world = expand_one(WORLD)
    for code in named:
        if len(code) != _COUNTRY_LETTERS or code not in world:
            raise Malformed(
                "territory_unknown", f"not a country: {code[:8]!r}", pointer="/request/territory"
            )
    if not named:
        raise Malformed("territory_unknown", "no country named", pointer="/request/territory")
    return tuple(dict.fromkeys(named))
