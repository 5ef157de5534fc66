"""Reading files back with the real library, in the guarded process."""

import hashlib
import os
import sys

import pytest
import soundfile

from generation import audio
from generation.embedding import embed
from ledger.provenance.match import require_match
from ledger.provenance.model import Failure
from ledger.provenance.reading import ReaderUnavailableError, read_manifest
from ledger.provenance.states import OUR_LIST
from schemas.ids import new_id
from schemas.manifest import FrameSpan, Rendered, manifest_urn
from tests.support.forgery import edit_data_hash, resign
from tests.support.signed_files import (
    COMPOSITE,
    Studio,
    assertion,
    expired_signer,
    reference,
    two_references,
    write_sound,
)


@pytest.mark.parametrize("name", ["song.wav", "song.flac", "song.mp3"])
def test_everything_that_was_written_is_read(studio: Studio, name: str) -> None:
    generation, rows = new_id("gen"), two_references()
    signed = studio.sign(generation, rows, name=name)
    found = studio.read(signed.path)
    assert (found.state, found.failures, found.notes) == ("trusted", (), ())
    assert (found.urn, found.claim_sha256) == (manifest_urn(generation), signed.claim_sha256)
    assert found.file_sha256 == signed.file_sha256
    assert found.assertion == assertion(rows)
    assert [(i.instance_id, i.relationship) for i in found.ingredients] == [
        (rows[0].recording, "componentOf"),
        (rows[1].recording, "inputTo"),
    ]
    assert [(a.action, a.ingredients) for a in found.actions] == [
        ("c2pa.created", (rows[0].recording, rows[1].recording)),
        ("c2pa.placed", (rows[0].recording,)),
    ]
    assert (found.source_type, found.all_actions_included) == (COMPOSITE, True)
    assert found.generator == "Linernotes 0.1.0"
    require_match(studio.authorized(generation, rows), found)


def test_the_signer_is_known_by_the_whole_certificate(studio: Studio) -> None:
    found = studio.read(studio.sign(new_id("gen"), two_references()).path)
    assert found.signer is not None
    assert found.signer.certificate_sha256 == studio.credentials.fingerprint()
    assert found.signer.trust_list == OUR_LIST
    assert "worker mosaic-1" in found.signer.subject
    assert found.signer.timestamped_at is None


def test_evidence_comes_back_as_it_was(studio: Studio) -> None:
    small = FrameSpan(from_frame=0, until_frame=100)
    rendered = tuple(Rendered(row=0, source=small, output=small) for _ in range(3))
    rows = two_references()
    manifest = studio.manifest(new_id("gen"), rows, rendered=rendered)
    source, out = write_sound(studio.folder / "m.wav"), studio.folder / "out.wav"
    embed(source, out, manifest, signer=studio.signer)
    found = studio.read(out)
    assert found.assertion == assertion(rows, rendered)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_32"),
        ("a.wav", "PCM_U8"),
        ("a.wav", "FLOAT"),
        ("a.wav", "DOUBLE"),
        ("a.flac", "PCM_16"),
        ("a.flac", "PCM_24"),
        ("a.mp3", None),
        ("a.ogg", "VORBIS"),
        ("a.aiff", "PCM_16"),
    ],
)
def test_frames_are_hashed_as_the_worker_hashes_them(
    studio: Studio, name: str, subtype: str | None
) -> None:
    path = write_sound(studio.folder / name, subtype=subtype)
    found = studio.read(path).frames
    worker = audio.frame_hash(path)
    assert found is not None
    assert (found.sha256, found.dtype, found.frames, found.channels, found.rate_hz) == (
        (worker.sha256, worker.dtype, worker.frames, worker.channels, worker.rate_hz)
    )
    assert found.decoder == worker.decoder


def test_sound_is_known_again_in_another_container_of_one_depth(studio: Studio) -> None:
    signed = studio.sign(new_id("gen"), two_references())
    frames, rate = soundfile.read(signed.path, dtype="int16")
    soundfile.write(studio.folder / "stripped.flac", frames, rate)
    stripped = studio.read(studio.folder / "stripped.flac")
    whole = studio.read(signed.path)
    assert stripped.state == "no_manifest"
    assert stripped.frames == whole.frames
    identity = whole.audio()
    assert identity is not None
    assert stripped.frames is not None
    assert identity.frames_sha256 == stripped.frames.sha256


def test_nobody_is_trusted_without_our_anchors(studio: Studio, stranger: Studio) -> None:
    path = studio.sign(new_id("gen"), two_references()).path
    for anchors in ("", stranger.anchors_pem):
        found = read_manifest(path, anchors_pem=anchors)
        assert found.state == "untrusted"
        assert found.failures == (Failure(code="signingCredential.untrusted", where="manifest"),)
        assert found.signer is not None
        assert found.signer.trust_list is None


def test_another_list_vouches_but_not_for_us(studio: Studio, stranger: Studio) -> None:
    path = stranger.sign(new_id("gen"), two_references()).path
    found = studio.read(path, other_anchors={"urn:example:list": stranger.anchors_pem})
    assert found.state == "trusted_elsewhere"
    assert found.signer is not None
    assert found.signer.trust_list == "urn:example:list"
    own = studio.read(
        studio.sign(new_id("gen"), two_references()).path,
        other_anchors={"urn:example:list": stranger.anchors_pem},
    )
    assert own.state == "trusted"


def test_anchors_that_cannot_be_read_are_our_fault(studio: Studio) -> None:
    path = studio.sign(new_id("gen"), two_references()).path
    with pytest.raises(ReaderUnavailableError, match="anchors"):
        read_manifest(path, anchors_pem="-----BEGIN CERTIFICATE-----\nAAAA\n")


def test_a_process_that_cannot_start_is_our_fault(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = studio.sign(new_id("gen"), two_references()).path
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReaderUnavailableError, match="did not start"):
        studio.read(path)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (b"data", "assertion.dataHash.mismatch"),
        (b'"weight":"1/2', "assertion.hashedURI.mismatch"),
        (b"A new son", "claimSignature.mismatch"),
    ],
)
def test_one_changed_bit_is_noticed(studio: Studio, at: bytes, code: str) -> None:
    raw = bytearray(studio.sign(new_id("gen"), two_references()).path.read_bytes())
    first = at == b"data"  # the others are in the manifest, behind the audio
    raw[raw.index(at) + 100 if first else raw.rindex(at) + len(at)] ^= 1
    found = studio.read_bytes(bytes(raw))
    assert found.state == "invalid"
    assert code in found.failure_codes()


def test_appended_bytes_are_noticed(studio: Studio) -> None:
    raw = studio.sign(new_id("gen"), two_references()).path.read_bytes()
    found = studio.read_bytes(raw + b"x")
    assert (found.state, found.notes) == ("invalid", ("riff_size_mismatch",))
    assert found.failure_codes() == ("assertion.dataHash.mismatch",)


def test_an_expired_certificate_is_named(studio: Studio) -> None:
    expired = expired_signer(studio.credentials)
    raw = studio.sign(new_id("gen"), two_references()).path.read_bytes()
    found = studio.read_bytes(resign(raw, expired.chain_pem, expired.key_pem))
    assert found.state == "invalid"
    assert "signingCredential.expired" in found.failure_codes()
    assert found.signer is not None
    assert found.signer.certificate_sha256 == expired.certificate_sha256


def test_signing_again_by_hand_changes_nothing(studio: Studio) -> None:
    """The forger's tool itself: what it does not change must stay good."""
    raw = studio.sign(new_id("gen"), two_references()).path.read_bytes()
    own = studio.signer
    assert studio.read_bytes(resign(raw, own.chain_pem, own.key_pem)).state == "trusted"


def test_a_signer_may_not_leave_audio_out(studio: Studio) -> None:
    """The library calls this Trusted; anyone could then change that audio unnoticed."""

    def make_hole(data: dict[str, object]) -> None:
        holes = data["exclusions"]
        assert isinstance(holes, list)
        data["exclusions"] = [{"start": 1000, "length": 500}, *holes]
        data["name"] = ""

    raw = studio.sign(new_id("gen"), two_references()).path.read_bytes()
    own = studio.signer
    holed = edit_data_hash(raw, make_hole, own.chain_pem, own.key_pem)
    found = studio.read_bytes(holed)
    assert found.state == "invalid"
    assert found.failure_codes() == ("assertion.dataHash.additionalExclusionsPresent",)


def test_our_assertion_under_another_label_is_not_ours(studio: Studio) -> None:
    path = studio.sign(new_id("gen"), two_references()).path
    found = studio.read(path, label="com.example.references")
    assert (found.state, found.assertion, found.assertion_problem) == ("trusted", None, None)


def test_a_file_that_is_not_there_or_no_file(studio: Studio) -> None:
    assert studio.read(studio.folder / "missing.wav").state == "file_missing"
    assert studio.read(studio.folder).state == "file_missing"
    os.mkfifo(studio.folder / "pipe")
    assert studio.read(studio.folder / "pipe").state == "file_missing"


def test_the_hash_is_of_the_bytes(studio: Studio) -> None:
    path = write_sound(studio.folder / "plain.wav")
    found = studio.read(path)
    assert found.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.file_bytes == path.stat().st_size


def test_sixty_four_references_are_read_back(studio: Studio) -> None:
    generation = new_id("gen")
    rows = tuple(reference(row, new_id("rec"), weight="1/64") for row in range(64))
    found = studio.read(studio.sign(generation, rows).path)
    require_match(studio.authorized(generation, rows), found)
