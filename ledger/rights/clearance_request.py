"""A request in exact numbers: what is malformed is answered here, before anybody is asked.

Source: clearance, 1-6 and "Malformed". Nothing here looks at the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Literal, NamedTuple

from schemas.fractions import format_fraction, parse_fraction
from schemas.lists import Channel, Parameter, Purpose, Role, Tier, Use
from schemas.refusals import Malformed
from schemas.terms import REFERENCES_MAX, Reference, Request
from schemas.territory import WORLD, expand_one

_COUNTRY_LETTERS = 2


class Wish(NamedTuple):
    """What a request asks for all of its rows alike."""

    model: str
    tier: Tier
    purpose: Purpose
    channel: Channel
    countries: tuple[str, ...]


class RowAsked(NamedTuple):
    """What one row asks, but for its weight: all that decides who must say yes, and to what."""

    recording: str
    use: Use
    parameters: tuple[Parameter, ...]
    role: Role
    stem: Parameter | None
    wish: Wish


class Weighed(NamedTuple):
    """A normalized weight, also as it is written in lowest terms."""

    value: Fraction
    text: str


class Row(NamedTuple):
    """One reference with its normalized weight; `of_recording` adds all rows of its recording."""

    number: int
    reference: Reference
    weight: Weighed
    of_recording: Fraction

    def asked(self, wish: Wish) -> RowAsked:
        """Return what the row asks."""
        taken = self.reference
        return RowAsked(taken.recording, taken.use, taken.parameters, taken.role, taken.stem, wish)


class Ask(NamedTuple):
    """A request that is well formed: each country once, in the order asked; weights sum to 1."""

    request: Request
    countries: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def wish(self) -> Wish:
        """What it asks for all of its rows alike."""
        request = self.request
        return Wish(request.model, request.tier, request.purpose, request.channel, self.countries)

    @property
    def recordings(self) -> tuple[str, ...]:
        """The recordings referred to, each once, in the order of their first row."""
        return tuple(dict.fromkeys(row.reference.recording for row in self.rows))


def normalize(request: Request) -> Ask:
    """Return the request in exact numbers, or raise `Malformed`.

    `reference_count`, `use_invalid`, `number_invalid`, `weights_not_normalized`,
    `territory_unknown`.
    """
    references = request.references
    if not 1 <= len(references) <= REFERENCES_MAX:
        raise Malformed("reference_count", pointer="/request/references")
    if request.duration_ms == 0:
        raise Malformed("number_invalid", "no duration", pointer="/request/duration_ms")
    for number, reference in enumerate(references):
        _check_use(reference, number, request.duration_ms)
    weights = _weights(tuple([reference.weight for reference in references]), request.weights)
    totals: dict[str, Fraction] = {}
    for reference, weight in zip(references, weights, strict=True):
        known = totals.get(reference.recording)
        totals[reference.recording] = weight.value if known is None else known + weight.value
    rows = tuple(
        [
            Row(number, reference, weight, totals[reference.recording])
            for number, (reference, weight) in enumerate(zip(references, weights, strict=True))
        ]
    )
    return Ask(request, _countries(request.territory), rows)


def _check_use(reference: Reference, number: int, duration_ms: int) -> None:
    """Refuse rows whose use, parameters and segments do not fit together (clearance, 2)."""
    parameters, output = reference.parameters, reference.output
    if not parameters and reference.use != "parameter" and output is None:
        return  # as a rule
    pointer = f"/request/references/{number}"
    if reference.use == "song" and parameters:
        raise Malformed("use_invalid", "a whole song takes no parameters", pointer=pointer)
    if reference.use == "parameter" and not parameters:
        raise Malformed("use_invalid", "name one parameter or more", pointer=pointer)
    if len(set(parameters)) != len(parameters):
        raise Malformed("use_invalid", "a parameter is named twice", pointer=pointer)
    if output is not None and output.until_ms > duration_ms:
        raise Malformed("number_invalid", "beyond the output's end", pointer=f"{pointer}/output")


@lru_cache(maxsize=4096)  # equal parts of one, two, three, again and again
def _weights(given: tuple[str, ...], kind: Literal["relative", "absolute"]) -> tuple[Weighed, ...]:
    """Return the normalized weights (clearance, 6); each is above zero, by its type."""
    values = [parse_fraction(text) for text in given]
    whole = lcm(*(value.denominator for value in values))
    parts = [value.numerator * (whole // value.denominator) for value in values]
    total = sum(parts)
    if kind == "absolute" and total != whole:
        raise Malformed(
            "weights_not_normalized",
            f"absolute weights sum to {Fraction(total, whole)}, not to 1",
            pointer="/request/references",
        )
    normalized = [Fraction(part, total) for part in parts]
    return tuple(Weighed(value, format_fraction(value)) for value in normalized)


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
