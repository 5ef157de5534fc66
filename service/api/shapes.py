"""The shapes of bodies: what the OpenAPI document says of them, and what tests hold examples to.

Handlers make plain JSON; these models say what may be relied on. Ids, money, fractions and
instants are texts in the forms of contracts, section 3.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """The base of all shapes: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Opening(Shape):
    """What opens a commitment: where it stands, its salt (base64url), its value."""

    pointer: str
    salt: str
    value: Any


class StatementBody(Shape):
    """A signed statement in base64url, and the openings that go beside it."""

    statement: str
    openings: list[Opening] = Field(default_factory=list)


class EntryRef(Shape):
    """An entry of the log, where it stands, and the C2SP tlog-proof that it stands there."""

    id: str
    type: str
    position: int
    recorded_at: str
    proof: str


class AnsweredEntry(EntryRef):
    """The same with what it says; private fields are in the clear for whoever said them."""

    data: dict[str, Any]


class CommandAnswer(Shape):
    """What a command led to. `checkpoint` is that of its batch, `head` how far it has seen."""

    command: str
    entries: list[AnsweredEntry]
    checkpoint: str
    head: int


class ShownReason(Shape):
    """One reason of a refusal; `party` and `consent` only where they are yours to see."""

    code: str
    reference: int | None = None
    side: str | None = None
    clause: str = ""
    message: str
    detail: str = ""
    party: str | None = None
    consent: str | None = None


class VerdictOfRights(Shape):
    """Why the rights do not allow it: the first code decides, all reasons follow in order."""

    cleared: bool
    code: str
    message: str
    reasons: list[ShownReason]


class ProblemError(Shape):
    """What is at fault where (a JSON pointer, RFC 6901)."""

    pointer: str
    code: str
    message: str


class Problem(BaseModel):
    """A problem (RFC 9457); other members may follow, as its type says."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[ProblemError] | None = None
    verdict: VerdictOfRights | None = None
    alternatives: list[dict[str, Any]] | None = None
    event: dict[str, Any] | None = None


class Event(Shape):
    """An event; `{"commit": …}` stands where something is private and not yours to see."""

    position: int
    id: str
    type: str
    version: int
    recorded_at: str
    actor: str | dict[str, str]
    command: str
    correlation: str | dict[str, str] | None
    index: int
    of: int
    rules: int
    statement_sha256: str
    data: dict[str, Any]


class EventPage(Shape):
    """A page of events. `next` is the cursor to go on with, null at the head."""

    items: list[Event]
    next: int | None
    head: int


class EventWithProof(Shape):
    """One event, and the proof that it stands there in the newest checkpoint."""

    event: Event
    proof: str
    head: int


class OpeningList(Shape):
    """The openings of one event that are yours to see."""

    position: int
    items: list[Opening]


class Health(Shape):
    """That the process answers, for which log, and how far the log is visible."""

    status: str
    origin: str
    head: int


class Me(Shape):
    """Who presented the token."""

    token: str
    name: str
    party: str
    roles: list[str]


class IssuedToken(Shape):
    """A token's secret, once, and the id by which it is revoked."""

    token: str
    id: str


class TokenRow(Shape):
    """What is kept of a token."""

    id: str
    name: str
    party: str
    roles: list[str]
    issued_at: str
    revoked_at: str | None


class TokenList(Shape):
    """All tokens in the order of their issue."""

    items: list[TokenRow]


class ProjectionAt(Shape):
    """How far a projection has read, and whether it stopped."""

    name: str
    position: int
    is_stopped: bool


class Ready(Shape):
    """That this process takes requests, and how far its reading models are."""

    status: str
    head: int
    projections: list[ProjectionAt]
