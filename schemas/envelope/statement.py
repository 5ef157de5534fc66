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

import msgspec

from schemas import canonical
from schemas.envelope import cose, fields, usual
from schemas.envelope.keys import Signed, SigningKey
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


_NOTHING: Final = msgspec.Raw()


class Head(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """The members of a payload in their order; what has a form of its own as it is written."""

    actor: str
    after: int | None
    command: str
    data: msgspec.Raw
    expires_at: str
    id: str
    issued_at: str
    ledger: str
    mandate: str | None
    version: int
    attested: msgspec.Raw = _NOTHING

    def how_attested(self) -> dict[str, Any] | None:
        """Return how the ledger knows what the actor said, where the actor did not sign."""
        found = bytes(self.attested)
        attested: dict[str, Any] | None = canonical.reread(found) if found else None
        return attested


read_head: Final = msgspec.json.Decoder(Head).decode
"""Reads the members of a payload whose form was checked before."""

_write_head: Final = msgspec.json.Encoder().encode


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
    head: Head
    envelope: cose.Sign1
    issued_at: datetime
    expires_at: datetime
    content: bytes | None = field(default=None, compare=False, repr=False)
    _sha256: bytes = field(default=b"", init=False, compare=False, repr=False)

    def verify(self, public: bytes) -> None:
        """Raise `Malformed("signature_invalid")` unless `public` signed exactly these bytes."""
        self.envelope.verify(public)

    def signed_by(self, public: bytes) -> Signed:
        """Return what must verify if `public` signed exactly these bytes."""
        return self.envelope.signed_by(public)

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
            chosen = {"actor": self.actor, "command": self.command, "data": self.data}
            content = self.content = canonical.encode(chosen)
        return hashlib.sha256(content).digest()

    @property
    def content_digest(self) -> str:
        """The same in hexadecimal."""
        return self.content_sha256.hex()

    @property
    def payload(self) -> dict[str, Any]:
        """What was signed, as JSON, read anew each time."""
        assert self.envelope.payload is not None, "a statement has its payload inside"
        payload: dict[str, Any] = canonical.reread(self.envelope.payload)
        return payload

    @property
    def id(self) -> str:
        """The command's id, `cmd_…`, which makes it idempotent."""
        return self.head.id

    @property
    def command(self) -> str:
        """The command's name."""
        return self.head.command

    @property
    def version(self) -> int:
        """The version of the command's schema."""
        return self.head.version

    @property
    def actor(self) -> str:
        """Who acts."""
        return self.head.actor

    @property
    def ledger(self) -> str:
        """The origin of the ledger that is spoken to."""
        return self.head.ledger

    @property
    def data_bytes(self) -> bytes:
        """The canonical bytes of `data`."""
        return bytes(self.head.data)

    @property
    def data(self) -> dict[str, Any]:
        """What the command says, read anew each time; commitments stand for what is private."""
        data: dict[str, Any] = canonical.reread(self.data_bytes)
        return data

    @property
    def after(self) -> int | None:
        """The position that the actor has seen, if it says so."""
        return self.head.after

    @property
    def mandate(self) -> str | None:
        """The mandate under which the actor acts for another, if any."""
        return self.head.mandate

    @property
    def attested(self) -> dict[str, Any] | None:
        """How the ledger knows what the actor said, where the actor did not sign."""
        return self.head.how_attested()


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
    envelope, content = _open(raw)
    payload = canonical.parse(content, bytes_max=STATEMENT_BYTES_MAX)
    times = _check_payload(payload, issuer=envelope.issuer, ledger=envelope.subject)
    same = None if "attested" in payload else usual.same(content)
    return Statement(raw, *_names(envelope), read_head(content), envelope, *times, same)


def read_statement_but_data(raw: bytes) -> Statement:
    """Return the same where `data` will be read as a command, which says whether it is in order.

    Raises `Malformed` like `read_statement`, but for what is wrong inside `data` alone.
    """
    envelope, content = _open(raw)
    same = usual.same(content)
    try:
        head = read_head(content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return read_statement(raw)
    times = _usual_times(head, envelope.issuer, envelope.subject)
    if same is None or times is None or _write_head(head) != content:
        return read_statement(raw)
    return Statement(raw, *_names(envelope), head, envelope, *times, same)


def _open(raw: bytes) -> tuple[cose.Sign1, bytes]:
    if len(raw) > STATEMENT_BYTES_MAX:
        raise Malformed("entry_too_large", f"a statement has at most {STATEMENT_BYTES_MAX} bytes")
    return cose.read_own(raw)


def _names(envelope: cose.Sign1) -> tuple[str, str, str]:
    """Return by which key, for whom and to whom a statement speaks."""
    return envelope.kid, envelope.issuer, envelope.subject


_Times = tuple[datetime, datetime]
"""When it was issued, and when it expires."""


def _usual_times(head: Head, issuer: str, ledger: str) -> _Times | None:
    """Return what `_check_payload` returns of the usual form; None where it may have to refuse."""
    if head.ledger != ledger or head.actor != issuer or head.version > canonical.INTEGER_MAX:
        return None
    if (head.after or 0) > canonical.INTEGER_MAX:
        return None
    try:
        issued_at, expires_at = fields.instant(head.issued_at), fields.instant(head.expires_at)
        is_due = issued_at < expires_at
    except (ValueError, TypeError):  # no such day or time; one of the two is in no zone
        return None
    return (issued_at, expires_at) if is_due else None


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
