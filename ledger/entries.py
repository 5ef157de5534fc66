"""From decided events to signed entries: private fields become commitments with openings.

Openings that came with the statement follow their commitments into the entries that repeat them:
the same salt, another pointer. What the ledger itself keeps private (who the creator is, who pays)
gets a salt here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from eventsourcing.dcb.api import DCBEvent

from ledger.rights.decision import RULES, Asked
from ledger.storage.records import SubjectOpening
from schemas import canonical, commitments
from schemas.commitments import Opening, placed
from schemas.envelope.entry import Head, encode_made, sign_content
from schemas.envelope.keys import SigningKey
from schemas.events.base import Event
from schemas.events.erasure import OpeningsErased
from schemas.events.generations import GenerationAuthorized
from schemas.ids import new_id
from schemas.subjects import subject_of

CARRIED_ON: Final = frozenset({GenerationAuthorized.TOPIC})
"""Events whose work goes on in another process: there the correlation is needed, and private."""


class Made(NamedTuple):
    """One signed entry: what goes into the log, and what it says to whoever said it.

    `said` are the canonical bytes of its `data` with every opening in place.
    """

    id: str
    recorded_at: str
    said: bytes
    event: DCBEvent


class Built(NamedTuple):
    """Signed entries, ready for the log, with what lies beside them."""

    entries: tuple[Made, ...]
    openings: tuple[SubjectOpening, ...]
    erases: tuple[str, ...] = ()


class Unsigned(NamedTuple):
    """What an entry will say: all of `Made`, but to be signed, and its topic and tags."""

    id: str
    recorded_at: str
    content: bytes
    said: bytes
    topic: str
    tags: list[str]


class Draft(NamedTuple):
    """Entries that are still to be signed, with what lies beside them."""

    entries: Sequence[Unsigned]
    openings: tuple[SubjectOpening, ...]
    erases: tuple[str, ...]


def build(
    events: Sequence[Event],
    asked: Asked,
    *,
    ledger: str,
    key: SigningKey,
    statement_sha256: str,
    openings: Iterable[Opening],
    correlation: str | None = None,
) -> Built:
    """Draft and sign; raises `Malformed`, as the two do."""
    drafted = draft(
        events,
        asked,
        ledger=ledger,
        statement_sha256=statement_sha256,
        openings=openings,
        correlation=correlation,
    )
    return sign(drafted, ledger=ledger, key=key)


def sign(drafted: Draft, *, ledger: str, key: SigningKey) -> Built:
    """Sign what was drafted. Raises `Malformed("entry_too_large")`."""
    made = []
    for name, recorded_at, content, said, topic, tags in drafted.entries:
        raw = sign_content(content, key, ledger=ledger)
        made.append(Made(name, recorded_at, said, DCBEvent(topic, raw, tags)))
    return Built(tuple(made), drafted.openings, drafted.erases)


def draft(
    events: Sequence[Event],
    asked: Asked,
    *,
    ledger: str,
    statement_sha256: str,
    openings: Iterable[Opening],
    correlation: str | None = None,
) -> Draft:
    """Write one entry for each event; `openings` are those that came with the statement."""
    given = {_digest(opening): opening for opening in openings} if openings else {}
    recorded_at = _written(asked.at)
    actor, command, of = asked.actor, asked.command_id, len(events)
    drafted: list[Unsigned] = []
    beside: list[SubjectOpening] = []
    for index, event in enumerate(events):
        topic, event_id = event.TOPIC, new_id("evt")
        payload: dict[str, Any] = {
            "actor": actor,
            "correlation": correlation if topic in CARRIED_ON else None,
            "data": event.data() if given else dict(vars(event)),
        }
        own: list[tuple[str, Opening]] = []
        if given or event.COMMITTED or event.PRIVATE_ACTOR:
            own = [*_commit_private(payload, event, actor), *_follow(payload, event, actor, given)]
            beside += [SubjectOpening(event_id, who, opening) for who, opening in own]
        said = data = canonical.encode_json_inside(payload["data"])
        if own:
            opened = placed(payload, [opening for _, opening in own])
            said = canonical.encode_json_inside(opened["data"])
        head = Head(
            actor=_raw(payload["actor"]),
            command=command,
            correlation=_raw(payload["correlation"]),
            data=msgspec.Raw(data),
            id=event_id,
            index=index,
            ledger=ledger,
            of=of,
            recorded_at=recorded_at,
            rules=RULES,
            statement_sha256=statement_sha256,
            type=topic,
            version=event.VERSION,
        )
        content = encode_made(head, ledger=ledger)
        drafted.append(Unsigned(event_id, recorded_at, content, said, topic, event.tags()))
    erased = [name for event in events if type(event) is OpeningsErased for name in event.subjects]
    return Draft(drafted, tuple(beside), tuple(erased))


@lru_cache(maxsize=16)  # what is decided together has one instant
def _written(at: datetime) -> str:
    """Write an instant as the ledger does: UTC, microseconds."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


def _raw(value: str | dict[str, str] | None) -> msgspec.Raw:
    """Return what may be private as it is written: in the clear, as a commitment, or not there."""
    return msgspec.Raw(canonical.encode_json(value)) if isinstance(value, dict) else _open(value)


@lru_cache(maxsize=4096)  # whoever speaks speaks again
def _open(value: str | None) -> msgspec.Raw:
    return msgspec.Raw(canonical.encode_json(value))


def _digest(opening: Opening) -> str:
    return commitments.commit(opening.value, opening.salt)["commit"]


def _follow(
    payload: Mapping[str, Any], event: Event, actor: str, given: Mapping[str, Opening]
) -> Iterator[tuple[str, Opening]]:
    """Yield the given openings where their commitments stand here, and whose they are."""
    if not given:
        return
    subject = _subject(event, actor)
    for pointer, digest in commitments.find_commits(payload).items():
        if digest in given:
            yield subject, Opening(pointer, given[digest].salt, given[digest].value)


def _commit_private(
    payload: dict[str, Any], event: Event, actor: str
) -> Iterator[tuple[str, Opening]]:
    """Replace what this event keeps private by commitments; yield whose it is and its opening."""
    places = [(payload, "actor", "/actor"), (payload, "correlation", "/correlation")]
    chosen = places if event.PRIVATE_ACTOR else []
    data = payload["data"]
    for holder, name, pointer in [*chosen, *((data, n, f"/data/{n}") for n in event.COMMITTED)]:
        value = holder[name]
        if not isinstance(value, str):
            continue  # null, or a commitment whose opening was erased: it stays what it is
        opening = Opening(pointer, commitments.new_salt(), value)
        holder[name] = commitments.commit(value, opening.salt)
        # A creator's session is erased with the creator, not under a name of its own.
        yield (value if value.startswith("pty_") else actor), opening


def _subject(event: Event, actor: str) -> str:
    """Return whose private value a statement carried: the party it speaks of, else its actor."""
    party = getattr(event, "party", None)
    return subject_of(event.TOPIC, party if isinstance(party, str) else actor)
