"""Statements: signed commands (contracts.md, section 1).

A statement is a COSE_Sign1 by its actor: `iss` is the party that acts, `sub` the ledger's origin,
the payload canonical JSON. Who has no key of its own is spoken for by the ledger's intake key:
then `iss` is the ledger and the payload says how we know (`attested`). Bytes are kept as they
came; reading never checks the signature, because the key must be looked up by what was read.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schemas import canonical
from schemas.envelope import cose, fields, usual
from schemas.envelope.keys import SigningKey
from schemas.refusals import Malformed

STATEMENT_BYTES_MAX: Final = 262_144
"""Bytes of a statement: 200 rows of a command with room; it is no leaf, so 65,535 is no limit."""

_FIELDS: Final[dict[str, fields.Check]] = {
    "actor": fields.check_name,
    "after": fields.or_null(fields.check_ordinal),
    "command": fields.check_type_name,
    "data": fields.check_object,
    "expires_at": fields.check_instant,
    "id": fields.check_id("cmd"),
    "issued_at": fields.check_instant,
    "ledger": fields.check_origin,
    "mandate": fields.or_null(fields.check_name),
    "version": fields.check_ordinal,
}


def _check_roles(value: object) -> None:
    """Require names in order, each once: one set of roles has one form."""
    if not isinstance(value, list):
        raise Malformed("value_unknown", "a list of roles is due")
    for role in value:
        fields.check_name(role)
    if value != sorted(set(value)):
        raise Malformed("value_unknown", "roles are sorted, each once")


_ATTESTED: Final[dict[str, fields.Check]] = {
    "method": fields.check_name,
    "evidence": fields.check_name,
    "roles": _check_roles,
}


@dataclass(slots=True)
class Statement:
    """A statement as it came, its structure checked, its signature **not**: see `verify`.

    `issued_at` is when the actor says it spoke, and decides nothing; until `expires_at` it may be
    taken (UTC, exclusive). `content` are the canonical bytes of what makes it the same as another,
    where they were found. Nobody changes one: it is not frozen because every command makes one,
    and because its hash is taken once.
    """

    raw: bytes
    kid: str
    issuer: str
    subject: str
    payload: dict[str, Any]
    envelope: cose.Sign1
    issued_at: datetime
    expires_at: datetime
    content: bytes | None = field(default=None, compare=False, repr=False)
    _sha256: bytes = field(default=b"", init=False, compare=False, repr=False)

    def verify(self, public: bytes) -> None:
        """Raise `Malformed("signature_invalid")` unless `public` signed exactly these bytes."""
        self.envelope.verify(public)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes."""
        if not self._sha256:
            self._sha256 = hashlib.sha256(self.raw).digest()
        return self._sha256

    @property
    def sha256(self) -> str:
        """The same in hexadecimal: how entries refer to their statement."""
        return self.digest.hex()

    @property
    def content_sha256(self) -> bytes:
        """SHA-256 over command, actor and data alone.

        The same id with the same digest is a repetition (answered again), with another one
        `id_reused`; when it was issued, by which key, and until when it waits do not matter.
        """
        content = self.content
        if content is None:
            chosen = {name: self.payload[name] for name in ("actor", "command", "data")}
            content = self.content = canonical.encode(chosen)
        return hashlib.sha256(content).digest()

    @property
    def content_digest(self) -> str:
        """The same in hexadecimal."""
        return self.content_sha256.hex()

    @property
    def id(self) -> str:
        """The command's id, `cmd_…`, which makes it idempotent."""
        return str(self.payload["id"])

    @property
    def command(self) -> str:
        """The command's name."""
        return str(self.payload["command"])

    @property
    def version(self) -> int:
        """The version of the command's schema."""
        return int(self.payload["version"])

    @property
    def actor(self) -> str:
        """Who acts."""
        return str(self.payload["actor"])

    @property
    def ledger(self) -> str:
        """The origin of the ledger that is spoken to."""
        return str(self.payload["ledger"])

    @property
    def data(self) -> dict[str, Any]:
        """What the command says; commitments stand where something is private."""
        data: dict[str, Any] = self.payload["data"]
        return data

    @property
    def after(self) -> int | None:
        """The position that the actor has seen, if it says so."""
        after: int | None = self.payload["after"]
        return after

    @property
    def mandate(self) -> str | None:
        """The mandate under which the actor acts for another, if any."""
        mandate: str | None = self.payload["mandate"]
        return mandate

    @property
    def attested(self) -> dict[str, Any] | None:
        """How the ledger knows what the actor said, where the actor did not sign."""
        return self.payload.get("attested")


def sign_statement(payload: dict[str, Any], key: SigningKey, *, issuer: str, ledger: str) -> bytes:
    """Return the signed statement. What `read_statement` would refuse is refused here already."""
    _check_payload(payload, issuer=issuer, ledger=ledger)
    raw = cose.sign1(canonical.encode(payload), key, issuer=issuer, subject=ledger)
    if len(raw) > STATEMENT_BYTES_MAX:
        raise Malformed("entry_too_large", f"a statement has at most {STATEMENT_BYTES_MAX} bytes")
    return raw


def read_statement(raw: bytes) -> Statement:
    """Return the statement whose bytes these are; the signature is **not** checked.

    Raises `Malformed`: `entry_too_large`, `not_canonical` (COSE, CBOR or JSON in another form),
    `value_unknown` (a field missing, unknown or of another form; names that contradict).
    """
    if len(raw) > STATEMENT_BYTES_MAX:
        raise Malformed("entry_too_large", f"a statement has at most {STATEMENT_BYTES_MAX} bytes")
    envelope, content = cose.read_own(raw)
    payload = canonical.parse(content, bytes_max=STATEMENT_BYTES_MAX)
    issuer, ledger = envelope.issuer, envelope.subject
    same = usual.same(content)
    times = None if same is None else _usual_times(payload, issuer, ledger)
    if times is None:
        times = _check_payload(payload, issuer=issuer, ledger=ledger)
        same = None
    return Statement(raw, envelope.kid, issuer, ledger, payload, envelope, *times, same)


_Times = tuple[datetime, datetime]
"""When it was issued, and when it expires."""


def _usual_times(payload: Any, issuer: str, ledger: str) -> _Times | None:
    """Return what `_check_payload` returns of the usual form; None where it may have to refuse."""
    if len(payload) != len(_FIELDS) or payload["ledger"] != ledger or payload["actor"] != issuer:
        return None
    try:
        issued_at = fields.instant(payload["issued_at"])
        expires_at = fields.instant(payload["expires_at"])
    except ValueError:  # no such day or time
        return None
    return (issued_at, expires_at) if issued_at < expires_at else None


def _check_payload(payload: object, *, issuer: str, ledger: str) -> _Times:
    """Refuse a payload of another form, or one that contradicts its header; return its times."""
    attested = isinstance(payload, dict) and "attested" in payload
    checked = fields.check(
        payload, {**_FIELDS, "attested": fields.check_object} if attested else _FIELDS
    )
    if checked["ledger"] != ledger:
        raise Malformed("wrong_ledger", "sub is not the payload's ledger", pointer="/ledger")
    if attested:
        fields.check(checked["attested"], _ATTESTED, pointer="/attested")
    if issuer != (ledger if attested else checked["actor"]):
        raise Malformed("value_unknown", "iss is not who speaks", pointer="/actor")
    issued_at, expires_at = map(fields.instant, (checked["issued_at"], checked["expires_at"]))
    if issued_at >= expires_at:
        raise Malformed("value_unknown", "expires before it is issued", pointer="/expires_at")
    return issued_at, expires_at
