"""Two runs of one story differ in ids, times, hashes and signatures; here they become alike.

Each distinct value is replaced by a made-up one of the same form, numbered in the order in which it
is first seen, so that what was equal stays equal and examples read like a real ledger's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from schemas.ids import PREFIXES, id_of
from schemas.period import format_instant

BEGIN: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""When the story of the examples happens."""

_ID: Final = re.compile(rf"\b(?:{'|'.join(PREFIXES)})_[0-7][0-9a-hjkmnp-tv-z]{{25}}\b")
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_INSTANT: Final = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z")
_SHA256: Final = re.compile(r"\b[0-9a-f]{64}\b")
_TOKEN: Final = re.compile(r"\bliner_[a-z2-7]{16}\.[A-Za-z0-9_-]{43}")
_TOKEN_ID: Final = re.compile(r"(?<=token/|okens/)[a-z2-7]{16}\b")
_BARE_TOKEN_ID: Final = re.compile(r"[a-z2-7]{16}")
_HASH_LINE: Final = re.compile(r"(?m)^[A-Za-z0-9+/]{43}=$")
_SIGNATURE: Final = re.compile(r"(?m)(?<=^— )(\S+) [A-Za-z0-9+/]+={0,2}$")
_VKEY: Final = re.compile(r"(?<= )([a-z0-9./]+)\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
_KEPT: Final = frozenset({"0" * 64})

_OPAQUE: Final = {
    "commit": 43,
    "salt": 22,
    "public_key": 43,
    "finished": 64,
    "entry": 64,
    "statement": 64,
    "root_public_key": 43,
}
"""Fields of base64url that say nothing to a reader, and how many characters are shown."""

_VKEY_TAIL: Final = "+4e1de3f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
_FIXED: Final[dict[str, Any]] = {
    "request_id": "5f1c6f0e2b7a9d34",
    "serial": "1234567890",
    "siblings": ["11" * 32, "22" * 32],
    "leaf": "00" + "33" * 72,
    "checkpoints": 62,
    "signatures": 180,
    "file_bytes": 1_200_000,
    "projections": [{"name": "royalties", "position": 63, "is_stopped": False}],
    "rendered": [
        {
            "row": 0,
            "source": {"from_frame": 660_330, "until_frame": 770_922},
            "output": {"from_frame": 0, "until_frame": 110_080},
        }
    ],
    "checkpoint_vkey": f"ledger.example/2026{_VKEY_TAIL}",
}
"""Fields that differ from run to run and whose value is of no interest."""


class Normal:
    """Replaces what differs from run to run; one object for a whole story."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    def value(self, value: Any, name: str = "") -> Any:
        """Return a JSON value with everything replaced; `name` is the field that it stands in."""
        if name in _FIXED:
            return _FIXED[name]
        if isinstance(value, str):
            return self._field(value, name)
        if isinstance(value, list):
            # Ids that a token derived have no order of their own; positions have.
            rows = sorted(value, key=_place) if name == "consents" else value
            return [self.value(item, name if isinstance(item, str) else "") for item in rows]
        if isinstance(value, dict):
            return {self.text(key): self.value(item, key) for key, item in value.items()}
        return value

    def _field(self, text: str, name: str) -> str:
        if name in _OPAQUE and not _ID.fullmatch(text):
            return self._numbered(f"opaque {name}", text, _opaque(_OPAQUE[name]))
        if name in {"token", "id"} and _BARE_TOKEN_ID.fullmatch(text):
            return self._numbered("token id", text, _token_id)
        return self.text(text)

    def text(self, text: str) -> str:
        """Return a text with ids, times, hashes and signatures replaced."""
        for kind, pattern, make in (
            ("token", _TOKEN, _token),
            ("token id", _TOKEN_ID, _token_id),
            ("uuid", _UUID, _uuid),
            ("instant", _INSTANT, _instant),
            ("sha256", _SHA256, _sha256),
            ("hash", _HASH_LINE, _hash),
        ):
            text = pattern.sub(self._replace(kind, make), text)
        text = _VKEY.sub(lambda found: found[1] + _VKEY_TAIL, _ID.sub(self._id, text))
        return _SIGNATURE.sub(lambda found: f"{found[1]} {_signature()}", text)

    def _replace(self, kind: str, make: Callable[[int], str]) -> Callable[[re.Match[str]], str]:
        return lambda found: self._numbered(kind, found[0], make)

    def _id(self, found: re.Match[str]) -> str:
        prefix = found[0].partition("_")[0]
        return self._numbered(prefix, found[0], lambda number: _made_id(prefix, number))

    def _numbered(self, kind: str, value: str, make: Callable[[int], str]) -> str:
        if value in _KEPT:
            return value
        seen = self._seen.setdefault(kind, {})
        return seen.setdefault(value, make(len(seen) + 1))


def _place(row: Any) -> int:
    """Return the position in a row that cites a consent."""
    return int(row["position"] if isinstance(row, dict) else row[1])


def _bytes(number: int, label: str) -> bytes:
    return hashlib.sha256(f"{label} {number}".encode()).digest()


def _made_id(prefix: str, number: int) -> str:
    chance = int.from_bytes(_bytes(number, prefix)[:8], "big") >> 2
    milliseconds = int(BEGIN.timestamp() * 1000) + number
    return id_of(prefix, UUID(int=milliseconds << 80 | 7 << 76 | 0b10 << 62 | chance))


def _uuid(number: int) -> str:
    return str(UUID(bytes=_bytes(number, "uuid")[:16], version=4))


def _instant(number: int) -> str:
    return format_instant(BEGIN + timedelta(seconds=number, microseconds=123_456))


def _sha256(number: int) -> str:
    return _bytes(number, "sha256").hex()


def _hash(number: int) -> str:
    return base64.b64encode(_bytes(number, "hash")).decode()


def _signature() -> str:
    return base64.b64encode(b"\0" * 4 + _bytes(0, "signature") * 2).decode()


def _token(number: int) -> str:
    secret = base64.urlsafe_b64encode(_bytes(number, "token")).rstrip(b"=").decode()
    return f"liner_{_token_id(number)}.{secret}"


def _token_id(number: int) -> str:
    return base64.b32encode(_bytes(number, "token id")[:10]).decode().lower()


def _opaque(characters: int) -> Callable[[int], str]:
    def make(number: int) -> str:
        raw = _bytes(number, f"opaque {characters}") * 2
        return base64.urlsafe_b64encode(raw).decode()[:characters]

    return make
