"""Reading what people type for times, places, amounts and choices.

What is read here is only put into the form of contracts section 3; whether it is allowed is for
the schemas and the rules to say, with their own codes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from schemas.period import (
    LocalInstant,
    at_zone,
    from_date_begin,
    from_date_end,
    local_instant,
    parse_instant,
)
from service.cli.ends import EndError, usage

DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UTC_NAME: Final = "Etc/UTC"
DURATION: Final = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>ms|s|m)?")
MS: Final = {"ms": 1, None: 1, "s": 1000, "m": 60_000}
INPUT_BYTES_MAX: Final = 4 << 20
"""Bytes of a JSON file that is read: a tariff of 200 rows has 100 kB."""


def begin_of(text: str | None, zone: str | None) -> LocalInstant | None:
    """Read a beginning: a date is its first moment in the zone."""
    return _moment(text, zone, from_date_begin)


def end_of(text: str | None, zone: str | None) -> LocalInstant | None:
    """Read an end: a date is included, so it ends with the next day's first moment."""
    return _moment(text, zone, from_date_end)


def window(since: str | None, until: str | None, zone: str | None) -> dict[str, Any]:
    """Read both ends as the fields `effective_from` and `effective_until`."""
    begin, end = begin_of(since, zone), end_of(until, zone)
    return {
        "effective_from": begin.model_dump(mode="json") if begin else None,
        "effective_until": end.model_dump(mode="json") if end else None,
    }


def _moment(text: str | None, zone: str | None, of_date: Any) -> LocalInstant | None:
    if text is None:
        return None
    if DATE.fullmatch(text):
        if zone is None:
            raise EndError("timezone_required", f"{text} needs its time zone: --zone Europe/Berlin")
        found: LocalInstant = of_date(text, zone)
        return found
    if text.endswith("Z"):
        return at_zone(parse_instant(text), zone or UTC_NAME)
    return local_instant(text, zone)


def territories(include: Sequence[str] | None, exclude: Sequence[str] | None) -> dict[str, Any]:
    """Read where something holds; nothing named is the world."""
    named = [code for text in include or () for code in text.split(",")]
    less = [code for text in exclude or () for code in text.split(",")]
    return {"include": named or ["2136"], "exclude": less}


def listed(values: Sequence[str] | None) -> list[str] | str | None:
    """Read a list that may be `all`; also with commas. None where nothing was named."""
    if values is None:
        return None
    named = [part for text in values for part in text.split(",") if part]
    return "all" if named == ["all"] else named


def money(text: str, currency: str) -> dict[str, str]:
    """Read `0.60`, `0.60 USD` or `0.60USD`."""
    amount = text.strip().rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    named = text.strip()[len(amount) :]
    return {"amount": amount.strip(), "currency": named or currency}


def pair(text: str) -> tuple[str, str]:
    """Read `name=value`."""
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise usage(f"name=value is due, not {text!r}")
    return name.strip(), value.strip()


def milliseconds(text: str) -> int:
    """Read `30s`, `1500ms`, `2m`, or plain milliseconds."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        raise usage(f"a duration such as 30s or 1500ms is due, not {text!r}")
    return int(found["count"]) * MS[found["unit"]]


def read_bytes(name: str) -> bytes:
    """Read a file, or standard input for `-`."""
    if name == "-":
        return sys.stdin.buffer.read(INPUT_BYTES_MAX + 1)
    return Path(name).read_bytes()


def read_json(name: str) -> dict[str, Any]:
    """Read a JSON object from a file or from `-`. No float, and no key twice."""
    raw = read_bytes(name)
    if len(raw) > INPUT_BYTES_MAX:
        raise EndError("file_unfit", f"{name} is larger than {INPUT_BYTES_MAX >> 20} MiB")
    try:
        found = json.loads(
            raw.decode(), parse_float=_float, parse_constant=_float, object_pairs_hook=_object
        )
    except RecursionError as error:
        raise EndError("json_invalid", f"{name} is nested too deeply") from error
    if not isinstance(found, dict):
        raise EndError("json_invalid", f"{name} holds no JSON object")
    return found


def _float(literal: str) -> Any:
    raise EndError("json_invalid", f"amounts and shares are texts, so {literal} is not taken")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise EndError("json_invalid", "an object has a key twice")
    return found
