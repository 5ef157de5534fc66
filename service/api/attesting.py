"""From typed JSON to a statement: ids, commitments and instants that a retry makes alike.

A statement's content digest covers its data, so a repeated request must lead to the same data. What
the door adds is therefore derived from the token's secret and the Idempotency-Key and never taken
from chance; the log sees salts that nobody else can compute.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import commitments
from schemas.commands.base import Command
from schemas.commitments import SALT_BYTES, Opening
from schemas.ids import check_id
from schemas.period import from_date_begin, from_date_end
from schemas.refusals import Malformed
from service.api.offered import Offer
from service.api.problems import DoorError
from service.identity import Identity

KEY_CHARACTERS_MAX: Final = 255
"""Characters of an Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A typed command with its id and its openings, ready to be attested."""

    command: Command
    command_id: str
    openings: tuple[Opening, ...]


def idempotency_key(field: str | None) -> str:
    """Return the key; quoted as in draft-ietf-httpapi-idempotency-key-header-07, or bare."""
    if field is None:
        raise DoorError("idempotency_key_missing")
    bare = field.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    if not 1 <= len(bare) <= KEY_CHARACTERS_MAX or not bare.isascii() or not bare.isprintable():
        raise DoorError(
            "header_invalid", f"Idempotency-Key has 1 to {KEY_CHARACTERS_MAX} ASCII characters"
        )
    return bare


def command_id(who: Identity, key: str) -> str:
    """Return the command's id: the key itself where it is one, else derived from it."""
    try:
        return check_id(key, "cmd")
    except Malformed:
        return who.derive_id("cmd", key)


def draft(who: Identity, offer: Offer, body: Mapping[str, Any], key: str) -> Draft:
    """Return the typed command. Raises `Malformed` with the pointer to what is at fault."""
    data: dict[str, Any] = copy.deepcopy(dict(body))
    for pointer, prefix in _new_ids(offer, data):
        _fill(data, pointer, who.derive_id(prefix, key, pointer))
    openings = [
        opening
        for pointer in offer.private
        if (opening := _commit(data, pointer, who.derive("salt", key, pointer))) is not None
    ]
    for pointer in offer.dates:
        _date(data, pointer)
    return Draft(offer.command.read(data), command_id(who, key), tuple(openings))


def _new_ids(offer: Offer, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the door may make; an authorization without a request cites a verification."""
    rows = list(offer.new_ids.items())
    if offer.name == "AuthorizeGeneration" and data.get("request") is None:
        return []
    return rows


def _parent(data: dict[str, Any], pointer: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object in which a pointer's last part stands, if there is one."""
    *path, last = pointer.lstrip("/").split("/")
    found: Any = data
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return (found if isinstance(found, dict) else None), last


def _fill(data: dict[str, Any], pointer: str, value: str) -> None:
    parent, name = _parent(data, pointer)
    if parent is not None and parent.get(name) is None:
        parent[name] = value


def _commit(data: dict[str, Any], pointer: str, derived: bytes) -> Opening | None:
    """Replace `{"private": value}` by the commitment to the value, and return its opening."""
    parent, name = _parent(data, pointer)
    given = parent.get(name) if parent is not None else None
    if parent is None or not isinstance(given, dict) or set(given) != {"private"}:
        return None
    opening = Opening(pointer, derived[:SALT_BYTES], given["private"])
    parent[name] = commitments.commit(opening.value, opening.salt)
    return opening


def _date(data: dict[str, Any], pointer: str) -> None:
    """Replace `{"date", "zone"}` by an instant: a day's first, or for an end the next day's."""
    parent, name = _parent(data, pointer)
    given = parent.get(name) if parent is not None else None
    if parent is None or not isinstance(given, dict) or set(given) != {"date", "zone"}:
        return
    day, zone = given["date"], given["zone"]
    if not isinstance(day, str) or not isinstance(zone, str):
        raise Malformed("value_unknown", "a date and its zone are due", pointer=pointer)
    read = from_date_end if name.endswith("until") else from_date_begin
    try:
        parent[name] = read(day, zone).model_dump(mode="json")
    except Malformed as error:
        raise Malformed(error.code, error.message, pointer=pointer) from error
