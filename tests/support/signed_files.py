"""A small world for provenance tests: an authority, a worker, a melody, and files signed by it."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from generation.embedding import ClaimSigner, EmbeddedFile, embed, media_type_of
from generation.manifest import Generator, ManifestContent, SourceType, build_manifest
from ledger.provenance.match import Authorized
from ledger.provenance.model import ManifestReading
from ledger.provenance.reading import Limits, read_manifest
from schemas import canonical
from schemas.ids import new_id
from schemas.manifest import ReferencesAssertion, Rendered, bounded, manifest_urn
from schemas.terms import AuthorizedReference
from service.authority import LEAF_DAYS, issue_worker, make_authority
from service.credentials import ClaimCredentials

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/composite"
ENTRY = b"the bytes of an entry"
POSITION = 12
PROOF = "c2sp.org/tlog-proof@v1\nindex 11\n\nledger.example/2026\n12\nroot\n\n— sig\n"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def reference(row: int, recording: str, **changes: Any) -> AuthorizedReference:
    """One authorized row; every field can be changed by name."""
    fields = {
        "row": row,
        "recording": recording,
        "isrc": None,
        "title": f"Song {row}",
        "works": [new_id("wrk")],
        "weight": "1/2",
        "use": "song",
        "parameters": [],
        "role": "timbre",
        "source": {"from_ms": 0, "until_ms": 12_000},
        "output": None,
        "stem": None,
        "by": "person",
        "copied": False,
        "consents": [{"consent": new_id("cns"), "position": 5}],
    }
    return AuthorizedReference.read({**fields, **changes})


def two_references() -> tuple[AuthorizedReference, ...]:
    """A copied timbre and a conditioning melody, of two recordings."""
    return (
        reference(0, new_id("rec"), copied=True, isrc="DEA622600017"),
        reference(1, new_id("rec"), role="melody", use="parameter", parameters=["melody"]),
    )


def assertion(
    references: tuple[AuthorizedReference, ...], rendered: tuple[Rendered, ...] = ()
) -> ReferencesAssertion:
    evidence = bounded(rendered)
    return ReferencesAssertion.read(
        {
            "authorization": {
                "position": POSITION,
                "entry": canonical.b64u(ENTRY),
                "proof": PROOF,
            },
            "references": [reference.data() for reference in references],
            "rendered": [row.data() for row in evidence]
            if isinstance(evidence, tuple)
            else evidence.data(),
        }
    )


def write_sound(path: Path, *, seconds: float = 0.25, subtype: str | None = None) -> Path:
    """A short noise in stereo, the same every time; the name's ending chooses the container."""
    frames = np.random.default_rng(7).standard_normal((int(48_000 * seconds), 2)) * 0.1
    with path.open("wb") as file:  # not by name: the library refuses names it does not know
        soundfile.write(file, frames, 48_000, subtype=subtype, format=path.suffix[1:].upper())
    return path


@dataclass(frozen=True)
class Studio:
    """A worker with its certificates, and a folder for its files."""

    folder: Path
    credentials: ClaimCredentials

    @property
    def signer(self) -> ClaimSigner:
        return ClaimSigner(self.credentials.chain.read_bytes(), self.credentials.key.read_bytes())

    @property
    def anchors_pem(self) -> str:
        return self.credentials.anchors.read_text()

    def manifest(
        self,
        generation: str,
        references: tuple[AuthorizedReference, ...],
        *,
        media_type: str = "audio/wav",
        source_type: SourceType = "composite",
        rendered: tuple[Rendered, ...] = (),
    ) -> dict[str, Any]:
        return build_manifest(
            ManifestContent(
                generation=generation,
                title="A new song",
                media_type=media_type,
                generator=Generator("Linernotes", "0.1.0", "mosaic"),
                source_type=source_type,
                created_at=now(),
                assertion=assertion(references, rendered),
            )
        )

    def sign(
        self,
        generation: str,
        references: tuple[AuthorizedReference, ...],
        *,
        name: str = "output.wav",
        subtype: str | None = None,
    ) -> EmbeddedFile:
        source = write_sound(self.folder / f"master{Path(name).suffix}", subtype=subtype)
        manifest = self.manifest(generation, references, media_type=media_type_of(source))
        return embed(source, self.folder / name, manifest, signer=self.signer)

    def read(self, path: Path, *, limits: Limits | None = None, **more: Any) -> ManifestReading:
        more |= {} if limits is None else {"limits": limits}
        return read_manifest(path, anchors_pem=self.anchors_pem, **more)

    def read_bytes(self, raw: bytes, name: str = "case.wav", **more: Any) -> ManifestReading:
        path = self.folder / name
        path.write_bytes(raw)
        return self.read(path, **more)

    def authorized(
        self, generation: str, references: tuple[AuthorizedReference, ...], **changes: Any
    ) -> Authorized:
        fields: dict[str, Any] = {
            "urn": manifest_urn(generation),
            "signers": frozenset({self.credentials.fingerprint()}),
            "references": references,
            "position": POSITION,
            "entry": ENTRY,
            "source_type": COMPOSITE,
        }
        return Authorized(**{**fields, **changes})


def open_studio(folder: Path, *, name: str = "Test Ledger") -> Studio:
    """Make an authority and a worker of its own in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    make_authority(folder / "authority", name=name, at=now())
    credentials = issue_worker(folder / "authority", worker="mosaic-1", at=now())
    (folder / "files").mkdir()
    return Studio(folder / "files", credentials)


def expired_signer(credentials: ClaimCredentials) -> ClaimSigner:
    """A worker of the same authority whose certificate ran out long ago."""
    then = now() - dt.timedelta(days=LEAF_DAYS + 1)
    worker = f"old-{new_id('key')[-6:]}"
    old = issue_worker(credentials.anchors.parent, worker=worker, at=then)
    return ClaimSigner(old.chain.read_bytes(), old.key.read_bytes())
