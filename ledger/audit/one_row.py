"""What can be said of one row by itself, in any order and in any process.

Reading, hashing and verifying take nearly all of an audit's time and need no other row, but for the
keys. A look guesses those: it says by *which* key a signature verified, and the audit, which knows
what was enrolled at the position, takes only its own. Where a look has nothing good to say, the
audit walks the step itself, so the findings are the same however the looks were made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from ledger.audit.bound import unbound
from ledger.audit.log import AuditedEntry, Part
from ledger.decoding import SeenByRules, seen_by_rules
from schemas import canonical
from schemas.envelope.entry import Entry, read_entry_but_data
from schemas.envelope.statement import Head, Statement, read_head
from schemas.events.base import Event, concerned
from schemas.events.log import LogOpened
from schemas.events.parties import KeyEnrolled, KeyProposed
from schemas.model import Commitment
from schemas.refusals import Malformed

Keys = Mapping[str, bytes]
"""Public keys by their ids, as far as they are known."""

Signers = tuple[bytes | None, bytes | None]
"""The key that a statement itself brings, and the one by which its signature verified."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time before the first entry."""

_KID: Final = re.compile(rb"key_[0-9a-z]{26}")
_TELLS_KEYS: Final = re.compile(rb'"type":"(?:LogOpened|Key[A-Za-z]+)"')
_HEADER_BYTES: Final = 256


class Content(NamedTuple):
    """What an entry says. `event` is None where it is not read, or where nobody needs it again.

    `names` are the subjects that it is about. `is_closed`: a field that the ledger keeps private is
    not open to this reader; `wrong`: why it is no event.
    """

    event: Event | None = None
    names: tuple[str, ...] = ()
    is_closed: bool = False
    has_other_tags: bool = False
    wrong: str | None = None


class Told(NamedTuple):
    """What a statement says, and by which key its signature verified (None: by none so far).

    `content` is what was signed: bytes travel between processes for nothing, what they say does
    not. `own` is the key that the statement itself brings: of the log's opening, of an enrollment.
    `faults` are what is wrong between it and its first entry.
    """

    id: str
    kid: str
    content: bytes
    own: bytes | None
    signed_by: bytes | None
    faults: tuple[str, ...]

    @property
    def head(self) -> Head:
        """What it says, read anew each time."""
        return read_head(self.content)

    def without_content(self) -> Told:
        """Return the same for an audit that does not ask what was said."""
        return Told(self.id, self.kid, b"", self.own, self.signed_by, self.faults)


class Look(NamedTuple):
    """One row, looked at. Nothing after `wrong` is there where the bytes are no entry.

    `nth`: which of its command's entries this is, from 0.
    """

    leaf: bytes
    wrong: str | None = None
    ledger: str = ""
    kid: str = ""
    topic: str = ""
    version: int = 0
    event_id: str = ""
    command: str = ""
    nth: int = 0
    of: int = 0
    recorded_at: datetime = EPOCH
    statement_sha256: str = ""
    rules: int = 0
    signed_by: bytes | None = None
    actor: Any = None
    seen: SeenByRules | None = None
    content: Content | None = None
    has_statement: bool = False
    told: Told | None = None


def read_content(seen: Look, tags: tuple[str, ...] | None) -> Content:
    """Return what a row says: typed, with its tags compared where the bearer sent any."""
    if seen.content is not None:
        return seen.content
    assert seen.seen is not None, "what cannot be seen has a content that says why"
    try:
        event = seen.seen.event()
    except Malformed as error:
        return Content(wrong=str(error))
    is_closed = Commitment in [type(getattr(event, name)) for name in event.COMMITTED]
    # Tags of an event whose creator is not open cannot be recomputed.
    differ = tags is not None and not is_closed and set(event.tags()) != set(tags)
    return Content(event, concerned(event), is_closed, differ)


def tell(
    statement: Statement, seen: Look | Entry, *, actor: object, origin: str, by: Signers
) -> Told:
    """Return what a statement says, and what is wrong between it and its first entry."""
    own, signed_by = by
    content = statement.envelope.payload
    assert content is not None, "a statement has its payload inside"
    faults = tuple(unbound(statement, seen, actor, origin=origin))
    return Told(statement.id, statement.kid, content, own, signed_by, faults)


def rows_of(sent: Part | list[AuditedEntry]) -> list[AuditedEntry]:
    """Return the rows of a stretch as it was sent."""
    return sent if isinstance(sent, list) else sent.rows()


def tells_keys(topic: str) -> bool:
    """Tell whether an event of this name moves the life of a key."""
    return topic == LogOpened.TOPIC or topic.startswith("Key")


def kids_of(rows: list[AuditedEntry]) -> set[str]:
    """Return the ids of keys in the headers of these rows: a hint, which nothing rests on."""
    heads = [row.raw[:_HEADER_BYTES] for row in rows]
    heads += [row.statement[:_HEADER_BYTES] for row in rows if row.statement is not None]
    found = (_KID.search(head) for head in heads)
    return {match[0].decode() for match in found if match is not None}


def keys_told_by(rows: list[AuditedEntry]) -> dict[str, bytes]:
    """Return the public keys that these rows tell of: likewise a hint."""
    found: dict[str, bytes] = {}
    for row in rows:
        if _TELLS_KEYS.search(row.raw) is None:
            continue
        try:
            found.update(_keys_told(seen_by_rules(read_entry_but_data(row.raw), ()).event()))
        except Malformed:
            continue  # the audit says so at its position
    return found


def _keys_told(event: Event | None) -> dict[str, bytes]:
    try:
        if isinstance(event, LogOpened):
            return {row.key: canonical.unb64u(row.public_key) for row in event.keys}
        if isinstance(event, (KeyProposed, KeyEnrolled)):
            return {event.key: canonical.unb64u(event.public_key)}
    except Malformed:
        pass  # the audit says so where somebody signs with it
    return {}
