"""From a JSON Schema to the few words that a person reads in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from schemas import lists
from schemas.fractions import FractionText, LowestFraction
from schemas.ids import PREFIXES
from schemas.model import Base64Url, Sha256Hex
from schemas.money import Currency
from schemas.period import Instant, Month
from schemas.territory import Country, Territory

LISTS: Final[Mapping[tuple[str, ...], str]] = MappingProxyType(
    {
        lists.USES: "use",
        lists.PARAMETERS: "parameter",
        lists.ROLES: "role",
        lists.PURPOSES: "purpose",
        lists.CHANNELS: "channel",
        lists.TIERS: "tier",
        lists.CAPACITIES: "capacity",
        lists.SIDES: "side",
        lists.MODULES: "module",
        lists.VOCALS: "vocals",
        lists.PARTY_KINDS: "party kind",
        lists.KEY_ROLES: "key role",
    }
)
"""The closed lists, by their values: a field that takes exactly these is called so."""

TEXTS: Final = MappingProxyType(
    {
        TypeAdapter(kind).json_schema()["pattern"]: word
        for kind, word in (
            (FractionText, "fraction"),
            (LowestFraction, "fraction in lowest terms"),
            (Instant, "instant"),
            (Month, "month"),
            (Currency, "currency"),
            (Country, "country"),
            (Territory, "country or group"),
            (Sha256Hex, "SHA-256 in hex"),
            (Base64Url, "base64url"),
        )
    }
)
"""Texts of a form of their own, by the pattern in their schema."""

_ID = re.compile(r"\^([a-z]{3})_")
_PLAIN: Final = {"boolean": "yes or no", "integer": "integer", "string": "text", "null": "nothing"}


def word(schema: dict[str, Any]) -> str:
    """Return what a field holds, in Markdown; types and lists link to `types.md`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](types.md#{name.lower()})"
    if arms := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(word(arm) for arm in arms))
    if values := schema.get("enum") or [schema[key] for key in ("const",) if key in schema]:
        return _choice(tuple(values))
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> str:
    kind = schema["type"]
    if kind == "array":
        return f"list of {word(schema['items'])}"
    if kind == "object":
        keys = word(schema.get("propertyNames", {"type": "string"}))
        return f"map of {keys} to {word(schema['additionalProperties'])}"
    return _text(schema) if kind == "string" else _PLAIN[kind]


def _choice(values: tuple[str, ...]) -> str:
    if values in LISTS:
        name = LISTS[values]
        return f"[{name}](types.md#{name.replace(' ', '-')})"
    return " or ".join(f"`{value}`" for value in values)


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    found = _ID.match(pattern)
    if found:
        return f"id of a {PREFIXES[found[1]]}"
    return TEXTS.get(pattern, _PLAIN["string"])
