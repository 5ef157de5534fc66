"""From decided events to signed entries: private fields become commitments with openings.

Openings that came with the statement follow their commitments into the entries that repeat them:
the same salt, another pointer. What the ledger itself keeps private (who the creator is, who pays)
gets a salt here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import chain
from typing import Any, Final

from eventsourcing.dcb.api import DCBEvent

from ledger.rights.decision import RULES, Asked
from ledger.storage.records import SubjectOpening
from schemas import canonical, commitments
from schemas.commitments import Opening
from schemas.envelope.entry import encode_made, sign_content
from schemas.envelope.keys import SigningKey
from schemas.events.base import Event
from schemas.events.erasure import OpeningsErased
from schemas.events.generations import GenerationAuthorized
from schemas.ids import new_id
from schemas.subjects import subject_of

CARRIED_ON: Final = frozenset({GenerationAuthorized.TOPIC})
"""Events whose work goes on in another process: there the correlation is needed, and private."""


@dataclass(frozen=True, slots=True)
class Made:
    """One signed entry: its payload as bytes, its openings, and what goes into the log."""

    id: str
    recorded_at: str
    content: bytes
    openings: tuple[Opening, ...]
    event: DCBEvent

    @property
    def data(self) -> dict[str, Any]:
        """What it says, with every opening in place, as it is read back from the log."""
        # Our own bytes, written a moment ago: nothing is to be checked.
        opened = commitments.placed(canonical.reread(self.content), map(_as_kept, self.openings))
        data: dict[str, Any] = opened["data"]
        return data


@dataclass(frozen=True, slots=True)
class Built:
    """Signed entries, ready for the log, with what lies beside them."""

    entries: tuple[Made, ...]
    openings: tuple[SubjectOpening, ...]
    erases: tuple[str, ...] = ()


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
    """Sign one entry for each event; `openings` are those that came with the statement.

    Raises `Malformed("entry_too_large")`.
    """
    given = {_digest(opening): opening for opening in openings}
    instant = asked.at.astimezone(UTC).replace(tzinfo=None)
    recorded_at = f"{instant.isoformat(timespec='microseconds')}Z"
    made, beside = [], []
    for index, event in enumerate(events):
        event_id = new_id("evt")
        payload: dict[str, Any] = {
            "actor": asked.actor,
            "command": asked.command_id,
            "correlation": correlation if event.TOPIC in CARRIED_ON else None,
            "data": event.data(),
            "id": event_id,
            "index": index,
            "ledger": ledger,
            "of": len(events),
            "recorded_at": recorded_at,
            "rules": RULES,
            "statement_sha256": statement_sha256,
            "type": event.TOPIC,
            "version": event.VERSION,
        }
        own = list(_commit_private(payload, event, asked.actor))
        found = _follow(payload, given)
        beside += [SubjectOpening(event_id, who, opening) for who, opening in own]
        if found:
            subject = _subject(event, asked.actor)
            beside += [SubjectOpening(event_id, subject, opening) for opening in found]
        content = encode_made(payload, ledger=ledger)
        raw = sign_content(content, key, ledger=ledger)
        row = DCBEvent(type=event.TOPIC, data=raw, tags=event.tags())
        openings_of = (*(opening for _, opening in own), *found)
        made.append(Made(event_id, recorded_at, content, openings_of, row))
    erased = (event.subjects for event in events if isinstance(event, OpeningsErased))
    return Built(tuple(made), tuple(beside), tuple(chain.from_iterable(erased)))


def _as_kept(opening: Opening) -> Opening:
    """Return an opening with its value in canonical form, in which it is kept."""
    if isinstance(opening.value, str):
        return opening
    return replace(opening, value=canonical.reread(canonical.encode(opening.value)))


def _digest(opening: Opening) -> str:
    return commitments.commit(opening.value, opening.salt)["commit"]


def _follow(payload: Mapping[str, Any], given: Mapping[str, Opening]) -> list[Opening]:
    """Return the given openings where their commitments stand in this payload."""
    if not given:
        return []
    return [
        Opening(pointer, given[digest].salt, given[digest].value)
        for pointer, digest in commitments.find_commits(payload).items()
        if digest in given
    ]


def _commit_private(
    payload: dict[str, Any], event: Event, actor: str
) -> Iterable[tuple[str, Opening]]:
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
