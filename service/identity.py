"""Tokens: who speaks at the HTTP door, for which party, in which roles (contracts, section 10).

A token is 256 random bits that its owner sees once; the file keeps their SHA-256, which is enough
for a secret that nobody can guess (a slow password hash protects guessable ones). What was said
with a token is signed by the ledger's intake key, and the log says so for ever.

From the presented secret, and only while it is presented, the door derives ids and salts, so that
a repeated request becomes the same statement again; the ledger alone cannot derive them.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args
from uuid import UUID

from ledger import whole_file
from schemas.drafts import OWNER_ONLY
from schemas.ids import check_id, id_of
from schemas.lists import KeyRole
from schemas.period import format_instant, parse_instant

Role = Literal[
    "holder",
    "creator",
    "auditor",
    "streaming_service",
    "registrar",
    "finance",
    "operator",
    "platform",
    "worker",
]
"""What a token may be for (contracts, section 10; console)."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Every role of a token."""

OWN_KEY_ROLES: Final[frozenset[Role]] = frozenset({"worker"})
"""Roles that read by token, but whose statements need a key of their own."""

SECRET_BYTES: Final = 32
"""Bytes of a token's secret: 256 bits, beyond guessing."""

NAME_CHARACTERS_MAX: Final = 100
"""Characters of a token's name, which is for people."""

_TOKEN: Final = re.compile(r"liner_(?P<id>[a-z2-7]{16})\.(?P<secret>[A-Za-z0-9_-]{43})")
_SEED_LABEL: Final = b"linernotes/door/1"


class TokenError(Exception):
    """A token is not taken, or cannot be made: the text says why and never repeats the secret."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is kept of a token: everything but its secret."""

    id: str
    name: str
    party: str
    roles: tuple[Role, ...]
    sha256: str
    issued_at: str
    revoked_at: str | None = None

    def public(self) -> dict[str, Any]:
        """Return what may be shown of it."""
        return {
            "id": self.id,
            "name": self.name,
            "party": self.party,
            "roles": list(self.roles),
            "issued_at": self.issued_at,
            "revoked_at": self.revoked_at,
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks in one request: a token's party and roles, and what only its secret can derive."""

    token: str
    name: str
    party: str
    roles: frozenset[Role]
    issued_at: datetime
    _seed: bytes = field(repr=False)

    def has(self, *roles: Role) -> bool:
        """Tell whether the token has one of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def attested_roles(self) -> frozenset[KeyRole]:
        """The roles that go into a statement's `attested`."""
        return cast("frozenset[KeyRole]", self.roles - OWN_KEY_ROLES)

    @property
    def evidence(self) -> str:
        """How the log names this token: its id, never its secret."""
        return f"token/{self.token}"

    def derive(self, *label: str) -> bytes:
        """Return 32 bytes that follow from the secret and the label: HMAC-SHA-256 (RFC 2104).

        The parts of the label are length-prefixed, so no two labels are the same bytes.
        """
        parts = (part.encode() for part in label)
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._seed, message, "sha256")

    def derive_id(self, prefix: str, *label: str) -> str:
        """Return an id that follows from the secret and the label.

        A UUIDv7 (RFC 9562, section 5.7) with the instant of the token's issue, which is constant,
        and 74 derived bits where others have chance.
        """
        milliseconds = int(self.issued_at.timestamp() * 1000)
        digest = int.from_bytes(self.derive("id", prefix, *label)[:10], "big")
        number = milliseconds << 80 | digest
        number = number & ~(0xF << 76) | 7 << 76
        number = number & ~(0b11 << 62) | 0b10 << 62
        return id_of(prefix, UUID(int=number))


class Tokens:
    """The tokens of an instance, in one file that several processes may read and change.

    The file is read again whenever it changed on disk: a token that another process revoked is
    refused from the next request on.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] | None = None) -> None:
        self._path = path
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._records: dict[str, TokenRecord] = {}

    def issue(self, party: str, roles: Iterable[str], name: str) -> str:
        """Make a token and return it: the only time that its secret exists outside of its owner.

        Raises `TokenError` for an unknown role, none at all, or an unfit name; `Malformed` for
        what is no party's id. Whether the party is registered is the rules' business.
        """
        check_id(party, "pty")
        chosen = _check_roles(roles)
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
            raise TokenError(f"a token's name has 1 to {NAME_CHARACTERS_MAX} printable characters")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        record = TokenRecord(
            id=_new_id(),
            name=name,
            party=party,
            roles=chosen,
            sha256=_digest(secret),
            issued_at=format_instant(self._clock()),
        )
        with self._changing() as records:
            records[record.id] = record
        return f"liner_{record.id}.{secret}"

    def authenticate(self, token: str) -> Identity:
        """Return who presents this token; `TokenError` if it is none, or was revoked."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise TokenError("this is not the form of a token")
        self._refresh()
        record = self._records.get(found["id"])
        # The same work for an unknown id, so that time says nothing about which ids exist.
        expected = record.sha256 if record else "0" * 64
        if not hmac.compare_digest(_digest(found["secret"]), expected) or record is None:
            raise TokenError("this token is not known here")
        if record.revoked_at is not None:
            raise TokenError(f"this token was revoked at {record.revoked_at}")
        return Identity(
            token=record.id,
            name=record.name,
            party=record.party,
            roles=frozenset(record.roles),
            issued_at=parse_instant(record.issued_at),
            _seed=hmac.digest(found["secret"].encode(), _SEED_LABEL, "sha256"),
        )

    def revoke(self, token_id: str) -> None:
        """Refuse a token from now on; `TokenError` if there is none. A second time changes none."""
        with self._changing() as records:
            record = records.get(token_id)
            if record is None:
                raise TokenError(f"there is no token of this id [{token_id[:40]}]")
            if record.revoked_at is None:
                revoked = {**_fields(record), "revoked_at": format_instant(self._clock())}
                records[token_id] = _read(revoked)

    def list(self) -> tuple[TokenRecord, ...]:
        """Return all tokens, revoked ones too, in the order of their issue."""
        self._refresh()
        return tuple(self._records.values())

    def _refresh(self) -> None:
        with self._lock:
            seen = _stamp(self._path)
            if seen != self._seen:
                self._records = _load(self._path)
                self._seen = seen

    @contextmanager
    def _changing(self) -> Iterator[dict[str, TokenRecord]]:
        """Give the records to change, alone among all processes, and write them at the end."""
        lock = self._path.with_name(f"{self._path.name}.lock")
        with self._lock, lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            records = _load(self._path)
            yield records
            _write(self._path, records)
            self._records, self._seen = records, _stamp(self._path)


def _check_roles(roles: Iterable[str]) -> tuple[Role, ...]:
    chosen = set(roles)
    unknown = chosen.difference(ROLES)
    if unknown or not chosen:
        raise TokenError(f"a token has one or more of {', '.join(ROLES)} [{sorted(unknown)}]")
    return tuple(role for role in ROLES if role in chosen)


def _new_id() -> str:
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(secrets.choice(digits) for _ in range(16))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _load(path: Path) -> dict[str, TokenRecord]:
    try:
        rows = json.loads(path.read_bytes())["tokens"]
    except FileNotFoundError:
        return {}
    return {row["id"]: _read(row) for row in rows}


def _read(row: dict[str, Any]) -> TokenRecord:
    return TokenRecord(**{**row, "roles": _check_roles(row["roles"])})


def _fields(record: TokenRecord) -> dict[str, Any]:
    return {**record.public(), "sha256": record.sha256}


def _write(path: Path, records: dict[str, TokenRecord]) -> None:
    text = json.dumps({"tokens": [_fields(record) for record in records.values()]}, indent=1)
    # If we stop before it has its name, the old tokens hold and nobody has seen the new one.
    whole_file.replace(path, f"{text}\n".encode(), mode=OWNER_ONLY)
