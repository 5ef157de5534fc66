"""The table of territories, dated: ISO 3166-1 countries and the groups of CISAC's TIS.

TIS is the Territory Information System of CISAC, the numbers that CWR and DSR files carry. The
groups and their members are as TIS had them on the date in the file, quirks included (its EEA is
without Croatia, its North America holds Mexico). A new TIS is a new file and a new version; the old
one stays, since what was recorded under it is expanded by it.

TIS lists states, not all that ISO 3166-1 lists: Greenland, Guadeloupe or Jersey have no number of
their own in it. Here they are countries like any other. So that the world is every country and the
five continents make up the world, the file places them (`elsewhere`) on the continent where the
United Nations' M49 has them, and in no other group; Antarctica is in the world alone.
"""

import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

import pycountry

TIS_VERSION: Final = "2024-12"
"""The table in use; what is recorded names it."""

_FILES = {"2024-12": "tis_2024_12.json"}
_WORLD = "2136"


def _load(file: str) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Read one table: countries and groups to their countries, groups to their names."""
    data = json.loads(resources.files("schemas").joinpath(file).read_text("utf-8"))
    table = {found.alpha_2: frozenset({found.alpha_2}) for found in pycountry.countries}
    world = frozenset(table)
    for code, group in data["groups"].items():
        added = data["elsewhere"].get(code, "").split()
        table[code] = frozenset(group["countries"].split()) | frozenset(added)
        if not table[code] <= world:
            raise AssertionError(f"not in ISO 3166-1 [{sorted(table[code] - world)}]")
    names = {code: group["name"] for code, group in data["groups"].items()}
    return table | {_WORLD: world}, names | {_WORLD: "World"}


_LOADED = {version: _load(file) for version, file in _FILES.items()}

TABLES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = MappingProxyType(
    {version: MappingProxyType(table) for version, (table, _) in _LOADED.items()}
)
"""By version: every country and group with the countries that it covers."""

GROUP_NAMES: Final[Mapping[str, str]] = MappingProxyType(_LOADED[TIS_VERSION][1])
"""The groups of the table in use, by code, with their names."""
