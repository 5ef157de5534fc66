"""From an authorization in the log to the message that a generation worker takes.

The log is the queue: what is authorized and not ended is work to do, also after a crash.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.decoding import read_recorded
from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import Policy
from ledger.evidence.proof import make_proof
from ledger.folding import FoldCache, LogSource
from ledger.rights.states.recordings import RECORDING
from ledger.rights.view import View
from ledger.storage.contract import Reader
from ledger.storage.errors import Damaged
from schemas import canonical
from schemas.envelope.keys import SigningKey
from schemas.events.generations import GenerationAuthorized
from schemas.messages import GenerationAuthorizedMessage, Input
from service.witnessed import best

ENDS: Final = (
    "GenerationCompleted",
    "GenerationFailed",
    "GenerationCanceled",
    "AuthorizationExpired",
)
"""Events after which a generation is no work any more."""


def unfinished(reader: Reader, *, within: timedelta) -> list[tuple[int, str]]:
    """Return position and generation of what is authorized and not ended, oldest first.

    Only authorizations younger than `within` are looked at: older ones have expired.
    """
    since = reader.position_at(reader.time() - within)
    query = DCBQuery(items=[DCBQueryItem(types=[GenerationAuthorized.TOPIC])])
    found = []
    for position in reader.positions(query, after=since):
        stored = reader.entry(position)
        assert stored is not None
        event = read_recorded(stored, ()).event
        assert isinstance(event, GenerationAuthorized)
        if not has_ended(reader, event.generation):
            found.append((position, event.generation))
    return found


def has_ended(reader: Reader, generation: str) -> bool:
    """Tell whether a generation is completed, failed, canceled or expired."""
    query = DCBQuery(items=[DCBQueryItem(types=list(ENDS), tags=[f"job:{generation}"])])
    return reader.matches(query)


def carried_on(reader: Reader, position: int) -> str | None:
    """Return the traceparent under which the authorization at `position` was asked for, if any.

    It lies in the log as a private field, so it outlives the process that took the request.
    """
    stored = reader.entry(position)
    openings = reader.openings(stored.event_id or "") if stored is not None else ()
    found = [opening.value for opening in openings if opening.pointer == "/correlation"]
    return str(found[0]) if found else None


class Proving(Protocol):
    """How an authorization is shown to others: under which policy, and with whose signatures."""

    def policy(self) -> Policy:
        """Return the policy that is in force."""
        ...

    def wait_for(self, position: int, timeout_s: float) -> bool:
        """Wait until a checkpoint over `position` meets the quorum; False when the time is over."""
        ...


def compose(
    reader: Reader,
    position: int,
    *,
    ledger: str,
    key: SigningKey,
    policy: Policy,
    cache: FoldCache,
) -> bytes:
    """Return the signed `generation.authorized` message of the authorization at `position`.

    Its proof has the cosignatures that the policy asks for, or those that there are. `cache` is the
    caller's, kept from one message to the next: a recording that everybody asks for has a long
    history, which is folded once.
    """
    stored = reader.entry(position)
    if stored is None:
        raise Damaged(f"there is no entry at position {position}")
    event = read_recorded(stored, ()).event
    if not isinstance(event, GenerationAuthorized):
        raise Damaged(f"position {position} authorizes nothing")
    checkpoint = best(reader, policy, covering=position)
    assert checkpoint.note is not None, "what is visible has an accepted note"
    path = TileHashes(reader, checkpoint.size).inclusion_path(position - 1)
    message = GenerationAuthorizedMessage(
        generation=event.generation,
        position=position,
        entry=canonical.b64u(stored.data),
        proof=make_proof(index=position - 1, path=path, checkpoint=checkpoint.note),
        inputs=_inputs(reader, event, cache),
    )
    return message.sign(key, ledger=ledger)


def _inputs(reader: Reader, event: GenerationAuthorized, cache: FoldCache) -> tuple[Input, ...]:
    """Name the audio of every row by its hash: the stem's where one is asked for, else the mix."""
    view = View(LogSource(reader, cache))
    found: dict[tuple[str, str | None], Input] = {}
    for row in event.references:
        state = view.ask(RECORDING, row.recording)
        mix = state.identity.audio if state.identity else None
        audio = state.stems.get(row.stem) if row.stem else mix
        if audio is None:
            raise Damaged(f"no audio of {row.recording} {row.stem or 'mix'} was registered")
        found[row.recording, row.stem] = Input(
            recording=row.recording, stem=row.stem, file_sha256=audio.file_sha256
        )
    return tuple(found.values())
