"""A worker whose file says something else than was authorized: it fails, and nobody owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generation.artifacts import ArtifactsUnavailableError
from ledger.provenance.record import Question
from schemas import canonical
from schemas.envelope.entry import read_entry, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.events.generations import GenerationFailed
from schemas.ids import new_id
from service.authority import issue_worker, make_authority
from service.instance import Instance
from tests.integration.thread.liars import (
    Lies,
    assertion_of,
    finished_changed,
    liar,
    message,
    message_changed,
    rows_changed,
    work,
)
from tests.kit.instance import Place
from tests.kit.sound import events, topics

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]


def one_row_fewer(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return rows[:1]


def another_weight(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    first, second = rows
    return (
        first.model_copy(update={"weight": "9/10"}),
        second.model_copy(update={"weight": "1/10"}),
    )


def another_recording(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return (rows[0], rows[1].model_copy(update={"recording": new_id("rec")}))


def nothing_copied(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(row.model_copy(update={"copied": False}) for row in rows)


def one_ingredient_fewer(manifest: dict[str, Any]) -> dict[str, Any]:
    """Leave out the second song where files are listed, and keep it in our assertion."""
    gone = manifest["ingredients"][1]["label"]
    for action in actions(manifest):
        named = action["parameters"]["ingredientIds"]
        action["parameters"]["ingredientIds"] = [name for name in named if name != gone]
    return {**manifest, "ingredients": manifest["ingredients"][:1]}


def only_conditioned(manifest: dict[str, Any]) -> dict[str, Any]:
    """Say of a song whose sound is copied that it only conditioned."""
    for ingredient in manifest["ingredients"]:
        ingredient["relationship"] = "inputTo"
    del actions(manifest)[1]  # c2pa.placed
    return manifest


def copied_both(manifest: dict[str, Any]) -> dict[str, Any]:
    """Say of a song that only conditioned that it sounds in the output."""
    names = [ingredient["label"] for ingredient in manifest["ingredients"]]
    for ingredient in manifest["ingredients"]:
        ingredient["relationship"] = "componentOf"
    actions(manifest)[1]["parameters"]["ingredientIds"] = names
    return manifest


def another_urn(manifest: dict[str, Any]) -> dict[str, Any]:
    return {**manifest, "label": "urn:c2pa:0194d4a8-0b8e-4c59-8a5b-6f0f5a9d0c11"}


def long_names(manifest: dict[str, Any]) -> dict[str, Any]:
    """Name an ingredient at such length that no line of the log could hold it."""
    manifest["ingredients"][1]["instance_id"] = "x" * 400
    return manifest


def hundreds(manifest: dict[str, Any]) -> dict[str, Any]:
    """Name as many ingredients as would burst the report of them."""
    more = [
        {
            "label": f"more{number}",
            "instance_id": f"{number}-" + "x" * 390,
            "title": "more",
            "relationship": "inputTo",
        }
        for number in range(300)
    ]
    return {**manifest, "ingredients": [*manifest["ingredients"], *more]}


def no_assertion(manifest: dict[str, Any]) -> dict[str, Any]:
    ours = assertion_of(manifest)
    return {**manifest, "assertions": [a for a in manifest["assertions"] if a["data"] != ours]}


def trained(manifest: dict[str, Any]) -> dict[str, Any]:
    """Say that a trained model made it."""
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    actions(manifest)[0]["digitalSourceType"] = kind
    return manifest


def actions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    row = next(one for one in manifest["assertions"] if one["label"] == "c2pa.actions.v2")
    found: list[dict[str, Any]] = row["data"]["actions"]
    return found


LIES = {
    "one reference too few": (Lies(job=rows_changed(one_row_fewer)), "reference rows: "),
    "another weight": (Lies(job=rows_changed(another_weight)), "row_differs /references/0/weight"),
    "another recording": (Lies(job=rows_changed(another_recording)), "was not authorized"),
    "nothing copied": (Lies(job=rows_changed(nothing_copied)), "relationship_differs"),
    "one ingredient too few": (Lies(manifest=one_ingredient_fewer), "is missing"),
    "copied called conditioning": (Lies(manifest=only_conditioned), "relationship_differs"),
    "conditioning called copied": (Lies(manifest=copied_both), "relationship_differs"),
    "another URN": (Lies(manifest=another_urn), "manifest URN: "),
    "no assertion": (Lies(manifest=no_assertion), "assertion_missing"),
    "another way of making": (Lies(manifest=trained), "source_type_differs"),
    "another position": (Lies(job=message_changed(position=3)), "authorization_differs"),
    "a name too long": (Lies(manifest=long_names), "was not authorized"),
    "hundreds of names": (Lies(manifest=hundreds), "was not authorized"),
    "another certificate named": (
        Lies(finished=finished_changed(claim_signer_sha256="0" * 64)),
        "claim signer: ",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_lies_fails_its_generation(
    name: str, instance: Instance, shared: Place
) -> None:
    lies, said = LIES[name]
    generation = shared.authorize(instance)
    finished = work(liar(instance, lies), message(instance, generation))
    instance.finisher.finish(finished)
    failed = check_failed(instance, generation)
    assert any(said in line for line in failed.differences), failed.differences
    # The worker's word again, and an honest file after it: the generation has ended.
    assert instance.finisher.finish(finished).replayed
    check_failed(instance, generation)


def check_failed(
    instance: Instance, generation: str, code: str = "reference_set_mismatch"
) -> GenerationFailed:
    """One failure, nothing owed, the file kept by its hash and its verdict against it."""
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationFailed"]
    failed = events(instance, f"job:{generation}")[-1]
    assert isinstance(failed, GenerationFailed)
    assert failed.code == code
    assert failed.quarantined_sha256 is not None
    path = instance.artifacts.path(failed.quarantined_sha256)
    assert verdict(instance, path) != 0
    return failed


def verdict(instance: Instance, path: Path) -> int:
    """Return the exit code with which an inspection of a file ends; 0 says that it is allowed."""
    question = Question(tier="private", channel="download", territory="DE", at=datetime.now(UTC))
    return instance.inspector.inspect(path, question)[1].exit_code


def test_an_honest_file_completes(instance: Instance, shared: Place) -> None:
    """The same way without a lie: else the tests above would show nothing."""
    generation = shared.authorize(instance)
    answer = instance.finisher.finish(work(liar(instance), message(instance, generation)))
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
    digest = answer.entries[0].data["artifact_sha256"]
    assert verdict(instance, instance.artifacts.path(digest)) == 0


def test_an_invented_authorization_entry(instance: Instance, shared: Place) -> None:
    """The entry of the authorization, told otherwise and signed by a key that nobody enrolled."""
    generation = shared.authorize(instance)
    raw = message(instance, generation)

    def invent(manifest: dict[str, Any]) -> dict[str, Any]:
        carried = assertion_of(manifest)["authorization"]
        entry = read_entry(canonical.unb64u(carried["entry"]))
        payload = {**entry.payload, "data": {**entry.data, "tier": "commercial"}}
        forged = SigningKey.generate(entry.kid)
        carried["entry"] = canonical.b64u(sign_entry(payload, forged, ledger=entry.ledger))
        return manifest

    instance.finisher.finish(work(liar(instance, Lies(manifest=invent)), raw))
    failed = check_failed(instance, generation)
    assert any("/authorization/entry" in line for line in failed.differences)


def test_the_authorization_of_another_generation(instance: Instance, shared: Place) -> None:
    """A valid entry with a valid proof, in the file of a generation that it does not speak of."""
    other, generation = shared.authorize(instance), shared.authorize(instance)
    stolen = message(instance, other)

    def steal(manifest: dict[str, Any]) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def noted(one: dict[str, Any]) -> dict[str, Any]:
            found.append(assertion_of(one))
            return one

        keep = Lies(manifest=noted)
        work(liar(instance, keep), stolen)
        assertion_of(manifest)["authorization"] = found[0]["authorization"]
        return manifest

    worker = liar(instance, Lies(manifest=steal))
    instance.finisher.finish(work(worker, message(instance, generation)))
    failed = check_failed(instance, generation)
    assert any("authorization_differs" in line for line in failed.differences)
    assert topics(instance, f"job:{other}") == AUTHORIZED


def test_a_certificate_of_another_authority(
    instance: Instance, shared: Place, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    make_authority(tmp_path / "authority", name="Somebody else", at=now)
    foreign = issue_worker(tmp_path / "authority", worker="embedded", at=now)
    generation = shared.authorize(instance)
    worker = liar(instance, credentials=foreign)
    instance.finisher.finish(work(worker, message(instance, generation)))
    failed = check_failed(instance, generation)
    assert any("manifest_not_trusted" in line for line in failed.differences)


@pytest.mark.parametrize("damage", ["altered", "gone", "no audio"])
def test_a_file_that_is_not_what_was_finished(
    damage: str, instance: Instance, shared: Place
) -> None:
    generation = shared.authorize(instance)
    lies = Lies()
    if damage == "no audio":
        digest = instance.artifacts.put(b"RIFF no audio at all" * 9)
        lies = replace(lies, finished=finished_changed(artifact_sha256=digest))
    finished = work(liar(instance, lies), message(instance, generation))
    if damage != "no audio":
        found = [p for p in instance.settings.artifacts.glob("*/*") if p.stat().st_mtime_ns]
        path = max(found, key=lambda one: one.stat().st_mtime_ns)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        if damage == "gone":
            path.unlink()
    instance.finisher.finish(finished)
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationFailed"]
    failed = events(instance, f"job:{generation}")[-1]
    assert isinstance(failed, GenerationFailed)
    expected = "artifact_unreadable" if damage == "no audio" else "artifact_missing"
    assert failed.code == expected


class Away:
    """A store that does not answer now."""

    def put(self, source: Path | bytes) -> str:
        raise ArtifactsUnavailableError(f"the store does not answer [{source!r}]")

    def path(self, sha256: str) -> Path:
        raise ArtifactsUnavailableError(f"the store does not answer [{sha256}]")


def test_a_store_that_is_away_ends_no_generation(instance: Instance, shared: Place) -> None:
    generation = shared.authorize(instance)
    finished = work(liar(instance), message(instance, generation))
    with pytest.raises(ArtifactsUnavailableError):
        replace(instance.make_finisher(), artifacts=Away()).finish(finished)
    assert topics(instance, f"job:{generation}") == AUTHORIZED
    instance.finisher.finish(finished)
    assert "GenerationCompleted" in topics(instance, f"job:{generation}")


def test_a_store_that_is_away_is_no_word_of_the_worker(instance: Instance, shared: Place) -> None:
    generation = shared.authorize(instance)
    worker = liar(instance)
    worker._artifacts = Away()
    with pytest.raises(ArtifactsUnavailableError):
        work(worker, message(instance, generation))
    assert work(liar(instance), message(instance, generation))
