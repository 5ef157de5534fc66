"""Our signed files, as two verifiers of C2PA that others wrote take them.

Neither stands on the library that we sign with (c2pa-rs). Numbers: docs/guides/interoperability.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.interop.c2pa.cases import CASES, CODEC, make_all
from tests.interop.outside import HERE, run
from tests.support.signed_files import open_studio

TRUSTED = {"state": "Trusted", "integrity": "valid", "binding": "match", "failures": []}
UNTIMED = [
    "com.encypher.conformance.revocationInformationMissing",
    "com.encypher.conformance.trustedTimeStampMissing",
]


@dataclass(frozen=True)
class Said:
    """What each verifier said of each file."""

    verifier: dict[str, dict[str, Any]]
    library: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, outside_python: Path, js: Path) -> Said:
    studio = open_studio(tmp_path_factory.mktemp("c2pa") / "studio")
    files = make_all(studio)
    names = [str(path) for path in files.values()]
    script, anchors = HERE / "c2pa" / "verify.py", studio.credentials.anchors
    lines = run(studio.folder, str(outside_python), str(script), str(anchors), *names)
    verifier = [json.loads(line) for line in lines.splitlines()]
    wavs = [name for name in names if name.endswith(".wav")]
    library = [json.loads(line) for line in run(js, "node", "c2pa.mjs", *wavs).splitlines()]
    return Said(*({row["file"]: row for row in rows} for rows in (verifier, library)))


def fits(row: dict[str, Any], **wanted: object) -> None:
    assert {name: row[name] for name in wanted} == wanted, row


@pytest.mark.interop(42)
@pytest.mark.parametrize("name", CODEC)
def test_42_every_container_and_key_that_we_sign_is_taken(said: Said, name: str) -> None:
    fits(said.verifier[name], **TRUSTED)
    if name.endswith(".wav"):
        fits(said.library[name], valid=True, failures=[])


def test_42_the_root_may_be_in_the_chain_and_the_intermediate_must(said: Said) -> None:
    fits(said.verifier["with-root.wav"], **TRUSTED)
    alone = said.verifier["leaf-alone.wav"]
    fits(alone, state="Valid", failures=["signingCredential.untrusted"])


@pytest.mark.interop(43)
@pytest.mark.parametrize(
    ("name", "failures"),
    [
        ("metadata-cbor.wav", ["com.encypher.cawg.metadata.invalid"]),
        ("mining-maybe.wav", ["com.encypher.cawg.trainingMining.invalid"]),
        ("source-unknown.wav", ["assertion.action.malformed"]),
    ],
)
def test_43_what_the_signing_library_lets_pass_is_refused_outside(
    said: Said, name: str, failures: list[str]
) -> None:
    """Why `generation.manifest` checks them before signing."""
    fits(said.verifier[name], failures=failures)


def test_44_no_verifier_complains_of_a_loose_ingredient(said: Said) -> None:
    """Why the builder names every one of them itself, and a test of ours holds it to that."""
    fits(said.verifier["loose.wav"], **TRUSTED)
    fits(said.library["loose.wav"], valid=True)


@pytest.mark.interop(45)
@pytest.mark.parametrize("name", ["appended.wav", "appended-and-counted.wav", "in-front.wav"])
def test_45_nothing_may_stand_behind_or_in_front_of_the_chunk(said: Said, name: str) -> None:
    fits(said.verifier[name], state="Invalid", failures=["assertion.dataHash.mismatch"])
    fits(said.library[name], valid=False, failures=["assertion.dataHash.mismatch"])


def test_45_a_flipped_sample_is_found(said: Said) -> None:
    fits(said.verifier["flipped.wav"], state="Invalid", failures=["assertion.dataHash.mismatch"])
    fits(said.library["flipped.wav"], valid=False, failures=["assertion.dataHash.mismatch"])


@pytest.mark.interop(46)
def test_46_a_file_signed_again_shows_its_parent_and_what_became_of_it(said: Said) -> None:
    fits(said.verifier["signed-again.wav"], **TRUSTED)
    damaged = said.verifier["parent-damaged.wav"]
    fits(damaged, state="Invalid", failures=["ingredient.manifest.mismatch"])
    # The library does not follow this reference: its word does not reach the parent.
    fits(said.library["parent-damaged.wav"], valid=True)


@pytest.mark.interop(47)
def test_47_only_the_strictest_mode_asks_for_a_timestamp_and_revocation(said: Said) -> None:
    row = said.verifier["pcm16.wav"]
    fits(row, **TRUSTED)
    assert sorted(row["strict"]) == UNTIMED


def test_every_case_was_shown_to_both(said: Said) -> None:
    assert set(said.verifier) == set(CASES)
    assert set(said.library) == {name for name in CASES if name.endswith(".wav")}
