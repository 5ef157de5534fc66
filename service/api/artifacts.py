"""Audio by its content hash: uploaded as a stream, decoded before it is kept, read in ranges.

The name of an artifact is what it is, so a body that is something else is refused; nothing is
half-written, because the bytes lie in a file of their own until all of them are there.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from generation.artifacts import ArtifactError
from generation.audio import AudioError, probe
from projections.catalog.queries import recordings
from projections.permissions.queries import shares_of_asset
from projections.provenance.files import outputs_by_hash
from projections.provenance.queries import generation_of
from service.api.bodies import answer
from service.api.context import Context, Door, Who, readings
from service.api.described import binary, operation
from service.api.problems import DoorError
from service.api.ranges import send_file
from service.api.shapes_rights import Artifact
from service.api.uploads import uploaded
from service.identity import Role
from service.ingest import ingest

router: Final = APIRouter(prefix="/v1/artifacts")

UPLOADERS: Final[tuple[Role, ...]] = ("holder", "creator", "registrar", "platform", "operator")
"""Who brings audio. Auditors and streaming services only look."""

MEDIA_TYPES: Final = {
    "WAV": "audio/wav",
    "WAVEX": "audio/wav",
    "RF64": "audio/wav",
    "FLAC": "audio/flac",
    "MP3": "audio/mpeg",
    "OGG": "audio/ogg",
    "AIFF": "audio/aiff",
}
"""Media types by libsndfile's names of containers."""

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, hex.")]


@router.put(
    "/{sha256}",
    **operation(
        "upload_artifact",
        "holder",
        "Upload audio under its hash",
        status=201,
        shape=Artifact,
        body=binary("audio/wav", "audio/flac", "audio/mpeg", "audio/ogg", "audio/aiff"),
    ),
)
async def upload_artifact(sha256: Sha256, request: Request, door: Door, who: Who) -> Response:
    """Keep audio that decodes, and say by which two hashes it is known.

    201 the first time and 200 from then on. `content_mismatch` if the bytes have another hash,
    `audio_unusable` if they are no audio of ours.
    """
    if not who.has(*UPLOADERS):
        raise DoorError("role_missing", f"this needs the role {' or '.join(UPLOADERS)}")
    async with uploaded(request, door.instance.settings.home / "incoming") as upload:
        if upload.sha256 != sha256:
            raise DoorError("content_mismatch", f"the bytes have the SHA-256 {upload.sha256}")
        known, content = await run_in_threadpool(_keep, door, upload.path, sha256)
    headers = {"Location": f"/v1/artifacts/{sha256}"}
    return answer({**content, "bytes": upload.size}, status=200 if known else 201, headers=headers)


def _keep(door: Context, path: FilePath, sha256: str) -> tuple[bool, dict[str, Any]]:
    """Store audio; tell whether it was here already, and what it is."""
    artifacts = door.instance.artifacts
    try:
        artifacts.path(sha256)
        known = True
    except ArtifactError:
        known = False  # never stored, or damaged: then it is stored anew
    found = ingest(path, artifacts)
    return known, {
        "audio": found.audio.model_dump(mode="json"),
        "duration_ms": found.duration_ms,
        "sample_rate_hz": found.sample_rate_hz,
    }


@router.get(
    "/{sha256}",
    **operation(
        "download_artifact", "creator", "Download audio by its hash", media_type="audio/wav"
    ),
)
def download_artifact(sha256: Sha256, request: Request, door: Door, who: Who) -> Response:
    """Return a file, whole or in a range: its creator's, its rights holders', an auditor's."""
    path = door.instance.artifacts.path(sha256)
    if not who.has("auditor", "operator") and who.party not in concerned(door, sha256):
        raise DoorError("not_yours", "this audio is another party's")
    return send_file(request, path, sha256=sha256, media_type=media_type_of(path))


def media_type_of(path: FilePath) -> str:
    """Return the media type of a stored file; bytes where it is no audio."""
    try:
        return MEDIA_TYPES.get(probe(path).format, "application/octet-stream")
    except AudioError:
        return "application/octet-stream"


def concerned(door: Context, sha256: str) -> frozenset[str]:
    """Return the parties whose audio this is: who had it made, and whose rights it touches.

    Confirmed shares alone count: hashes are public in the log, and whoever reads one there can
    register a recording with it, and claim it too.
    """
    found: set[str] = set()
    for recording in recordings(readings(door), sha256=sha256).rows:
        held = shares_of_asset(readings(door), recording.recording).rows
        found.update(share.party for share in held)
    for row in outputs_by_hash(readings(door), sha256).rows:
        made = generation_of(readings(door), row.generation).one
        found.update(filter(None, [made.creator if made else None]))
        with door.instance.store.snapshot() as reader:
            for stored in reader.events(f"job:{row.generation}"):
                found.update(tag.removeprefix("about:") for tag in stored.tags)
    return frozenset(name for name in found if name.startswith("pty_"))
