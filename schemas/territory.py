"""Territories: ISO 3166-1 countries and the groups of CISAC's TIS, dated (contracts section 3).

A group is its four digits, `"2136"` is the world. What a territory covers is the union of what is
included minus the union of what is excluded, by the table recorded with it.
"""

import functools
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from schemas.refusals import Malformed
from schemas.tis import TABLES, TIS_VERSION
from schemas.values import Value, coded

ENTRIES_MAX = 300
"""Entries on either side: all countries and all groups once."""

WORLD = "2136"
"""The group that holds every country."""


def expand_one(code: str, version: str = TIS_VERSION) -> frozenset[str]:
    """Give the countries of a country or group. Raises `Malformed("territory_unknown")`."""
    try:
        return TABLES[version][code]
    except KeyError as error:
        raise Malformed(
            "territory_unknown", f"no country or group of {version}: {code[:8]!r}"
        ) from error


def _territory(code: str) -> str:
    expand_one(code)
    return code


def _country(code: str) -> str:
    if code not in expand_one(WORLD):
        raise Malformed("territory_unknown", f"not a country of ISO 3166-1: {code[:8]!r}")
    return code


Country = Annotated[str, coded(_country, "^[A-Z]{2}$")]
"""An ISO 3166-1 alpha-2 code. Norway is the text `"NO"`, never what YAML makes of it."""

Territory = Annotated[str, coded(_territory, "^([A-Z]{2}|[0-9]{4})$")]
"""A country, or a TIS group in four digits."""

_Entries = Annotated[tuple[Territory, ...], Field(max_length=ENTRIES_MAX)]


class Territories(Value):
    """Where something holds: included minus excluded. Empty `include` is nowhere."""

    CODE = "territory_unknown"
    REPEATED = True

    include: _Entries
    exclude: _Entries = ()

    def expand(self, version: str = TIS_VERSION) -> frozenset[str]:
        """Give the countries, by the table of that version."""
        return _expand(self.include, self.exclude, version)

    def covers(self, country: str, version: str = TIS_VERSION) -> bool:
        """Tell whether a country is covered. Raises `Malformed("territory_unknown")` if none."""
        return _country(country) in self.expand(version)

    def narrower_or_equal(self, other: "Territories", version: str = TIS_VERSION) -> bool:
        """Tell whether every country covered here is covered by the other too."""
        return self.expand(version) <= other.expand(version)

    @classmethod
    def world(cls) -> "Territories":
        """Make the whole world."""
        return cls(include=(WORLD,))

    @classmethod
    def from_steps(
        cls, steps: Iterable[tuple[Literal["include", "exclude"], str]]
    ) -> "Territories":
        """Make of an ordered expression, as CWR writes it, the form that has no order.

        «Include world, exclude Balkans, include Croatia»: each step acts on what the ones before
        it left, so Croatia is in; the excluded side then names the other Balkan countries.
        """
        named: list[str] = []
        left: frozenset[str] = frozenset()
        for verb, code in steps:
            found = expand_one(code)
            left = left | found if verb == "include" else left - found
            if verb == "include" and code not in named:
                named.append(code)
        return cls(include=tuple(named), exclude=tuple(sorted(_union(named, TIS_VERSION) - left)))


# Every decision asks this for every consent that it reads; catalogs repeat a few expressions.
@functools.lru_cache(maxsize=4096)
def _expand(include: tuple[str, ...], exclude: tuple[str, ...], version: str) -> frozenset[str]:
    return _union(include, version) - _union(exclude, version)


def _union(codes: Iterable[str], version: str) -> frozenset[str]:
    return frozenset[str]().union(*(expand_one(code, version) for code in codes))
