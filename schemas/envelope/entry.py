"""Entries: one signed event each, whose bytes are a leaf of the log (contracts.md, section 1).

An entry is a COSE_Sign1 by an entry key of the ledger (`iss` = `sub` = its origin). It holds
neither its position (the leaf's index binds it) nor its statement (bound by its hash).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from schemas import canonical
from schemas.commitments import is_commit
from schemas.envelope import cose, fields, usual
from schemas.envelope.keys import SigningKey
from schemas.refusals import Malformed

ENTRY_BYTES_MAX: Final = 65_535
"""Bytes of an entry, envelope included: what a length in a bundle can say (C2SP tlog-tiles)."""

EVENTS_MAX: Final = 1_024
"""Events of one command: 200 rows of a command, some events each, with room."""


def _check_private_name(value: object) -> None:
    """Require a name, or a commitment to it: who the creator is stays private."""
    if not is_commit(value):
        fields.check_name(value)


_FIELDS: Final[dict[str, fields.Check]] = {
    "actor": _check_private_name,
    "command": fields.check_id("cmd"),
    "correlation": fields.or_null(_check_private_name),
    "data": fields.check_object,
    "id": fields.check_id("evt"),
    "index": fields.check_count,
    "ledger": fields.check_origin,
    "of": fields.check_ordinal,
    "recorded_at": fields.check_instant_micro,
    "rules": fields.check_ordinal,
    "statement_sha256": fields.check_sha256_hex,
    "type": fields.check_type_name,
    "version": fields.check_ordinal,
}


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The members of a payload in their order; what has a form of its own as it is written."""

    actor: msgspec.Raw
    command: str
    correlation: msgspec.Raw
    data: msgspec.Raw
    id: str
    index: int
    ledger: str
    of: int
    recorded_at: str
    rules: int
    statement_sha256: str
    type: str
    version: int


_read_head: Final = msgspec.json.Decoder(Head).decode
_write_head: Final = msgspec.json.Encoder().encode
_read_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass
class Entry:
    """An entry as it came, its structure checked, its signature **not**: see `verify`.

    `content` are the bytes of its payload. Nobody changes one: it is not frozen because every entry
    of a log makes one, and because its members are read once.
    """

    raw: bytes
    kid: str
    content: bytes
    head: Head
    envelope: cose.Sign1
    _members: dict[str, msgspec.Raw] | None = field(
        default=None, init=False, compare=False, repr=False
    )

    def verify(self, public: bytes) -> None:
        """Raise `Malformed("signature_invalid")` unless `public` signed exactly these bytes."""
        self.envelope.verify(public)

    def member(self, pointer: str) -> bytes | None:
        """Return the canonical bytes of what stands at a pointer into the payload.

        None where nothing does, and for whatever is deeper than a member of `data`: see `payload`.
        """
        if pointer == "/actor":
            return bytes(self.head.actor)
        if pointer == "/correlation":
            return bytes(self.head.correlation)
        if self._members is None:
            self._members = _read_members(self.head.data)
        found = self._members.get(pointer.removeprefix("/data/"))
        return bytes(found) if found is not None and pointer.startswith("/data/") else None

    @cached_property
    def leaf_hash(self) -> bytes:
        """The hash under which the log holds this entry."""
        return leaf_hash(self.raw)

    @cached_property
    def payload(self) -> dict[str, Any]:
        """What was signed, as JSON; commitments stand where something is private."""
        payload: dict[str, Any] = canonical.reread(self.content)
        return payload

    @property
    def actor(self) -> str | dict[str, str]:
        """Who acted: a party's id, or the commitment to it."""
        actor: str | dict[str, str] = canonical.reread(bytes(self.head.actor))
        return actor

    @property
    def command(self) -> str:
        """The id of the command that caused this event."""
        return self.head.command

    @property
    def correlation(self) -> str | dict[str, str] | None:
        """What this event belongs together with, for instance a session."""
        correlation: str | dict[str, str] | None = canonical.reread(bytes(self.head.correlation))
        return correlation

    @property
    def data(self) -> dict[str, Any]:
        """What happened; commitments stand where something is private."""
        data: dict[str, Any] = self.payload["data"]
        return data

    @property
    def id(self) -> str:
        """The event's id, `evt_…`."""
        return self.head.id

    @property
    def index(self) -> int:
        """Which of the command's events this is, from 0."""
        return self.head.index

    @property
    def of(self) -> int:
        """How many events the command has caused."""
        return self.head.of

    @property
    def ledger(self) -> str:
        """The origin of the ledger."""
        return self.head.ledger

    @property
    def recorded_at(self) -> datetime:
        """The instant of the decision (UTC, microseconds)."""
        return fields.instant(self.head.recorded_at)

    @property
    def rules(self) -> int:
        """The number of the rules under which it was decided."""
        return self.head.rules

    @property
    def statement_sha256(self) -> str:
        """SHA-256 of the statement's bytes, in hexadecimal."""
        return self.head.statement_sha256

    @property
    def type(self) -> str:
        """The event's name."""
        return self.head.type

    @property
    def version(self) -> int:
        """The version of the event's schema."""
        return self.head.version


def leaf_hash(raw: bytes) -> bytes:
    """Return SHA-256(0x00 || entry): the leaf's hash (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + raw).digest()


def sign_entry(payload: dict[str, Any], key: SigningKey, *, ledger: str) -> bytes:
    """Return the signed entry; more than `ENTRY_BYTES_MAX` is `Malformed("entry_too_large")`."""
    return sign_content(encode_entry(payload, ledger=ledger), key, ledger=ledger)


def encode_entry(payload: dict[str, Any], *, ledger: str) -> bytes:
    """Return the canonical bytes of an entry's payload; `Malformed` where it has another form."""
    _check_payload(payload, ledger=ledger)
    return canonical.encode(payload)


def encode_made(head: Head, *, ledger: str) -> bytes:
    """Return what `encode_entry` does, of members whose `Raw` is canonical there."""
    content = _write_head(head)
    if not _is_usual(content, head, ledger):
        _check_payload(canonical.parse(content), ledger=ledger)
    return content


def sign_content(content: bytes, key: SigningKey, *, ledger: str) -> bytes:
    """Return the signed entry over what `encode_entry` returned, else as `sign_entry`."""
    raw = cose.sign1(content, key, issuer=ledger, subject=ledger)
    _check_size(raw)
    return raw


def read_entry(raw: bytes) -> Entry:
    """Return the entry whose bytes these are; the signature is **not** checked.

    Raises `Malformed`: `entry_too_large`, `not_canonical`, `value_unknown`.
    """
    envelope, content = _open(raw)
    payload = canonical.parse(content, bytes_max=ENTRY_BYTES_MAX)
    head = _usual_head(content, envelope.subject)
    if head is None:
        _check_payload(payload, ledger=envelope.subject)
        head = _read_head(content)
    entry = Entry(raw, envelope.kid, content, head, envelope)
    entry.__dict__["payload"] = payload  # it was read here
    return entry


def read_entry_but_data(raw: bytes) -> Entry:
    """Return the same where `data` will be read as an event, which says whether it is in order.

    Raises `Malformed` like `read_entry`, but for what is wrong inside `data` alone.
    """
    envelope, content = _open(raw)
    head = _usual_head(content, envelope.subject)
    if head is None or _write_head(head) != content:
        return read_entry(raw)  # which says what is wrong
    return Entry(raw, envelope.kid, content, head, envelope)


def read_entry_unchecked(raw: bytes) -> Entry:
    """Return an entry of a store of our own, whose payload was looked at when it was written.

    Raises `Malformed` where it is none; its members have the right types, and are not looked into.
    """
    envelope, content = cose.read_own(raw)
    try:
        head = _read_head(content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return read_entry(raw)  # which says what is wrong
    return Entry(raw, envelope.kid, content, head, envelope)


def _open(raw: bytes) -> tuple[cose.Sign1, bytes]:
    _check_size(raw)
    envelope, content = cose.read_own(raw)
    if envelope.issuer != envelope.subject:
        raise Malformed("value_unknown", "an entry speaks for its ledger about its ledger")
    return envelope, content


def _usual_head(content: bytes, ledger: str) -> Head | None:
    """Return the members of a payload of which `_check_payload` has nothing to say, else None."""
    try:
        head = _read_head(content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return head if _is_usual(content, head, ledger) else None


def _is_usual(content: bytes, head: Head, ledger: str) -> bool:
    """Tell whether `_check_payload` has nothing to say, at one look; where not, it is asked."""
    return (
        usual.ENTRY.fullmatch(content) is not None
        and head.ledger == ledger
        and head.index < head.of <= EVENTS_MAX
        and max(head.version, head.rules) <= canonical.INTEGER_MAX
        and fields.is_instant(head.recorded_at)
    )


def _check_payload(payload: object, *, ledger: str) -> None:
    checked = fields.check(payload, _FIELDS)
    if checked["ledger"] != ledger:
        raise Malformed("wrong_ledger", "sub is not the payload's ledger", pointer="/ledger")
    if not checked["index"] < checked["of"] <= EVENTS_MAX:
        raise Malformed("value_unknown", "index is not below of", pointer="/index")


def _check_size(raw: bytes) -> None:
    if len(raw) > ENTRY_BYTES_MAX:
        raise Malformed("entry_too_large", f"an entry has at most {ENTRY_BYTES_MAX} bytes")
