"""Readings and records by hand, for what is decided on them without any file."""

import datetime as dt
from typing import Any

from ledger.provenance.match import Authorized
from ledger.provenance.model import (
    Action,
    ClaimSigner,
    Failure,
    Frames,
    Ingredient,
    ManifestReading,
)
from ledger.provenance.record import LedgerRecord, License, Question
from ledger.provenance.states import OUR_LIST
from schemas.ids import new_id
from schemas.manifest import ingredient_set, manifest_urn
from tests.support.signed_files import COMPOSITE, ENTRY, POSITION, assertion, two_references

GENERATION = new_id("gen")
ROWS = two_references()
WORKER = "aa" * 32
AT = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
FRAMES = Frames(
    sha256="ff" * 32, dtype="int16", frames=480, channels=2, rate_hz=48_000, decoder="x 1"
)
SIGNER = ClaimSigner(
    certificate_sha256=WORKER,
    serial="1",
    subject="CN=worker mosaic-1",
    issuer="CN=claim signing",
    algorithm="Es256",
    trust_list=OUR_LIST,
    timestamped_at=None,
)
AUTHORIZED = Authorized(
    urn=manifest_urn(GENERATION),
    signers=frozenset({WORKER}),
    references=ROWS,
    position=POSITION,
    entry=ENTRY,
    source_type=COMPOSITE,
)
QUESTION = Question(tier="private", channel="download", territory="DE", at=AT)


def read(**changes: Any) -> ManifestReading:
    """A trusted reading of the authorized file; every field can be changed by name."""
    recordings = tuple(ingredient_set(ROWS))
    fields: dict[str, Any] = {
        "state": "trusted",
        "container": "wav",
        "file_bytes": 1000,
        "file_sha256": "ee" * 32,
        "frames": FRAMES,
        "urn": AUTHORIZED.urn,
        "claim_sha256": "cc" * 32,
        "signer": SIGNER,
        "generator": "Linernotes 0.1.0",
        "source_type": COMPOSITE,
        "actions": (
            Action(action="c2pa.created", ingredients=recordings, source_type=COMPOSITE),
            Action(action="c2pa.placed", ingredients=(ROWS[0].recording,), source_type=None),
        ),
        "all_actions_included": True,
        "ingredients": tuple(
            Ingredient(instance_id=recording, title="A song", relationship=how)
            for recording, how in ingredient_set(ROWS).items()
        ),
        "assertion": assertion(ROWS),
    }
    return ManifestReading(**{**fields, **changes})


def failed(*codes: str, where: str = "manifest", **changes: Any) -> ManifestReading:
    """An invalid reading with these failure codes."""
    failures = tuple(Failure.read({"code": code, "where": where}) for code in codes)
    return read(state="invalid", failures=failures, **changes)


def bare(state: str, **changes: Any) -> ManifestReading:
    """A reading of a file without a manifest that says anything."""
    known = {"container": "wav", "file_sha256": "ee" * 32, "frames": FRAMES, "file_bytes": 1}
    return ManifestReading(**{"state": state, **known, **changes})


def record(**changes: Any) -> LedgerRecord:
    """What the ledger says of the completed generation."""
    fields: dict[str, Any] = {
        "generation": GENERATION,
        "status": "completed",
        "authorized": AUTHORIZED,
        "head": 90,
        "found_by": "urn",
        "completed_at": 14,
        "embedded_at": 15,
        "accrued_at": 16,
        "output": new_id("out"),
        "claim_sha256": "cc" * 32,
        "file_sha256": "ee" * 32,
        "frames_sha256": FRAMES.sha256,
        "decoder": FRAMES.decoder,
        "licenses": (License("private", "download", frozenset({"DE", "FR"}), POSITION),),
    }
    return LedgerRecord(**{**fields, **changes})
