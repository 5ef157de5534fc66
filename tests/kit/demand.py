"""What creators ask, in tests: requests by the names of songs, and who says what about them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ledger.rights.generations_states import GENERATION
from schemas import canonical
from schemas.commands.generations import (
    AuthorizeGeneration,
    FinishGeneration,
    ReportManifestRead,
    VerifyGeneration,
)
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import sign_statement
from schemas.events.generations import GenerationAuthorized
from schemas.ids import KeyId
from schemas.period import format_instant
from schemas.terms import Request
from tests.kit.log import Said, name_id
from tests.kit.words import audio, sha
from tests.kit.world import World
from tests.scenarios.fixtures import Given, copy_of, fixture_f

ORIGIN = "ledger.example/2026"

CERTIFICATE = sha("certificate")
"""SHA-256 of the certificate by which the worker signs claims."""

NOON = "2026-03-01T12:00:00Z"
"""When fixture F is asked, unless a test says otherwise."""


def songs(**given: Any) -> World:
    """Return fixture F on 1 March at noon; `given` gives consents other words, by party."""
    if not given:
        return copy_of(_songs())
    world = fixture_f(Given(words=given))
    world.log.at(NOON)
    return world


@functools.cache
def _songs() -> World:
    world = fixture_f(Given())
    world.log.at(NOON)
    return world


def row(world: World, song: str, **more: Any) -> dict[str, Any]:
    """Return one reference row: the whole song in the role `lead`, unless it says otherwise."""
    words = {"use": "song", "role": "lead", "weight": "1", **more}
    return {"recording": world.asset(song), **words}


def request(world: World, *rows: str | dict[str, Any], **more: Any) -> Request:
    """Return a private request for Germany; a song's name stands for its whole row."""
    name = more.pop("name", "g")
    data = {
        "generation": world.id("gen", name),
        "references": [row(world, each) if isinstance(each, str) else each for each in rows],
        "weights": "relative",
        "model": world.id("mod", more.pop("model", "mosaic")),
        "tier": "private",
        "purpose": "personal",
        "channel": "download",
        "territory": "DE",
        "seed": 7,
        "duration_ms": 30_000,
    }
    return Request.read(data | more)


def verify(world: World, asked: Request, name: str = "v", by: str = "C") -> Said:
    """Say a verification."""
    command = VerifyGeneration(verification=world.id("ver", name), request=asked)
    return world.log.say(command, by=world[by])


def authorize(world: World, asked: Request, name: str = "v", **more: Any) -> Said:
    """Say an authorization with its verification in the same append."""
    command = AuthorizeGeneration(verification=world.id("ver", name), request=asked, **more)
    return world.log.say(command, by=world["C"])


def reasons(said: Said) -> list[tuple[Any, ...]]:
    """Return code, row, side, party and clause of each reason of a refusal."""
    return [
        (each.code, each.reference, each.side, each.party, each.clause)
        for each in said.event.reasons
    ]


def codes(said: Said) -> list[str]:
    """Return the codes of a refusal's reasons, in order."""
    return [each.code for each in said.event.reasons]


def authorized(world: World, name: str = "g") -> GenerationAuthorized:
    """Return the authorization of a generation."""
    found = world.log.ask(GENERATION, world.id("gen", name)).authorized
    assert found is not None
    return found


def finished(
    event: GenerationAuthorized,
    now: datetime,
    *,
    worker: str = "worker",
    party: str = "Operator",
    ledger: str = ORIGIN,
    command: str = "FinishGeneration",
    **said: Any,
) -> str:
    """Return what a worker signs when it is done, as it stands in a command."""
    signing = SigningKey(name_id("key", worker), hashlib.sha256(worker.encode()).digest())
    words = {
        "generation": event.generation,
        "outcome": "completed",
        "artifact_sha256": audio("output")["file_sha256"],
        "claim_signer_sha256": CERTIFICATE,
    }
    actor = name_id("pty", party)
    payload = {
        "actor": actor,
        "after": None,
        "command": command,
        "data": FinishGeneration.read(words | said).data(),
        "expires_at": format_instant(now + timedelta(minutes=10)),
        "id": name_id("cmd", f"finish {event.generation}"),
        "issued_at": format_instant(now),
        "ledger": ledger,
        "mandate": None,
        "version": FinishGeneration.VERSION,
    }
    return canonical.b64u(sign_statement(payload, signing, issuer=actor, ledger=ledger))


def reading(event: GenerationAuthorized, **differs: Any) -> dict[str, Any]:
    """Return what the finisher reads in a true file; `differs` changes it."""
    ingredients: Sequence[str] = sorted({each.recording for each in event.references})
    return {
        "urn": event.manifest_urn,
        "claim_signer_sha256": CERTIFICATE,
        "references_sha256": event.references_sha256,
        "ingredients": list(ingredients),
        "audio": audio("output"),
        "failures": [],
        **differs,
    }


def report(world: World, name: str = "g", said: str | None = None, **differs: Any) -> Any:
    """Return the finisher's report of a generation's file."""
    event = authorized(world, name)
    return ReportManifestRead.read(
        {
            "generation": event.generation,
            "output": world.id("out", name),
            "finished": said or finished(event, world.log.now),
            "reading": reading(event, **differs),
        }
    )


def complete(world: World, name: str = "g") -> Said:
    """Have a generation's true file come back and be read."""
    return world.log.say(report(world, name), by=world["process"])


def worker_key(world: World) -> KeyId:
    """Return the id of the worker's key."""
    return world["worker"].key
