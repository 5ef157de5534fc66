"""Embedding with the real library: the audio stays, the file is whole or not there."""

import dataclasses
import hashlib
import json
from pathlib import Path

import c2pa
import numpy as np
import pytest
import soundfile
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from generation.embedding import (
    ClaimSigner,
    SigningError,
    SourceRefusedError,
    TimestampError,
    embed,
)
from schemas.ids import new_id, uuid_of
from schemas.manifest import manifest_urn
from tests.support.local_server import serving
from tests.support.ports import free_port
from tests.support.signed_files import Studio, two_references, write_sound


@pytest.mark.parametrize(
    ("name", "subtype", "media_type"),
    [
        ("song.wav", "PCM_16", "audio/wav"),
        ("song.wav", "PCM_24", "audio/wav"),
        ("song.wav", "FLOAT", "audio/wav"),
        ("song.flac", "PCM_16", "audio/flac"),
        ("song.mp3", None, "audio/mpeg"),
    ],
)
def test_the_decoded_audio_stays_bit_for_bit(
    studio: Studio, name: str, subtype: str | None, media_type: str
) -> None:
    generation = new_id("gen")
    signed = studio.sign(generation, two_references(), name=name, subtype=subtype)
    master = studio.folder / f"master{Path(name).suffix}"
    before, after = (
        soundfile.read(master, dtype="int32"),
        soundfile.read(signed.path, dtype="int32"),
    )
    assert np.array_equal(before[0], after[0])
    assert signed.media_type == media_type
    assert signed.urn == manifest_urn(generation)
    assert signed.file_sha256 == hashlib.sha256(signed.path.read_bytes()).hexdigest()
    assert signed.certificate_sha256 == studio.credentials.fingerprint()


def test_the_library_takes_no_uuid_of_version_seven_as_a_name(studio: Studio) -> None:
    """Why `manifest_urn` exchanges a digit: should this ever pass, it need not."""
    generation = new_id("gen")
    source = write_sound(studio.folder / "master.wav")
    manifest = studio.manifest(generation, two_references())
    manifest["label"] = f"urn:c2pa:{uuid_of(generation)}"
    with pytest.raises(SigningError, match="invalid Claim GUID"):
        embed(source, studio.folder / "out.wav", manifest, signer=studio.signer)


def test_arrays_of_small_numbers_come_back_as_text(studio: Studio) -> None:
    """Why frames are spans with names: the library takes such an array for bytes."""
    manifest = studio.manifest(new_id("gen"), two_references())
    manifest["assertions"].append({"label": "com.example", "data": {"pair": [0, 100]}})
    source = write_sound(studio.folder / "master.wav")
    signed = embed(source, studio.folder / "out.wav", manifest, signer=studio.signer)
    with c2pa.Reader(signed.path) as reader:
        found = json.loads(reader.json())["manifests"][signed.urn]["assertions"]
    assert [one["data"] for one in found if one["label"] == "com.example"] == [{"pair": "AGQ="}]


@pytest.mark.parametrize("suffix", ["ogg", "aiff", "txt", "rf64"])
def test_a_container_that_cannot_carry_a_manifest_is_refused(studio: Studio, suffix: str) -> None:
    source = studio.folder / f"master.{suffix}"
    if suffix == "txt":
        source.write_text("not audio at all")
    else:
        write_sound(source)
    manifest = studio.manifest(new_id("gen"), two_references())
    with pytest.raises(SourceRefusedError, match="carry a manifest"):
        embed(source, studio.folder / "out", manifest, signer=studio.signer)
    assert sorted(path.name for path in studio.folder.iterdir()) == [source.name]


def test_a_signed_file_is_not_signed_again(studio: Studio) -> None:
    signed = studio.sign(new_id("gen"), two_references())
    manifest = studio.manifest(new_id("gen"), two_references())
    with pytest.raises(SourceRefusedError, match="already"):
        embed(signed.path, studio.folder / "again.wav", manifest, signer=studio.signer)


def test_a_source_that_is_cut_off_is_refused(studio: Studio) -> None:
    source = write_sound(studio.folder / "master.wav")
    source.write_bytes(source.read_bytes()[:1000])
    manifest = studio.manifest(new_id("gen"), two_references())
    with pytest.raises(SourceRefusedError, match="cannot be read"):
        embed(source, studio.folder / "out.wav", manifest, signer=studio.signer)


def test_what_was_there_stays_when_signing_fails(studio: Studio) -> None:
    source = write_sound(studio.folder / "master.wav")
    destination = studio.folder / "out.wav"
    destination.write_bytes(b"what was there")
    manifest = studio.manifest(new_id("gen"), two_references())
    manifest["assertions"][0]["data"]["actions"].reverse()  # placed before it was created
    with pytest.raises(SigningError, match="first action"):
        embed(source, destination, manifest, signer=studio.signer)
    assert destination.read_bytes() == b"what was there"
    assert sorted(path.name for path in studio.folder.iterdir()) == ["master.wav", "out.wav"]


def test_a_key_that_is_not_the_certificates_stops_signing(studio: Studio, stranger: Studio) -> None:
    signer = dataclasses.replace(studio.signer, key_pem=stranger.credentials.key.read_bytes())
    source = write_sound(studio.folder / "master.wav")
    manifest = studio.manifest(new_id("gen"), two_references())
    with pytest.raises(SigningError, match="does not match"):
        embed(source, studio.folder / "out.wav", manifest, signer=signer)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "es256"),
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (ec.generate_private_key(ec.SECP521R1()), "es512"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
    ],
)
def test_the_algorithm_follows_the_key(key: rsa.RSAPrivateKey, algorithm: str) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    assert ClaimSigner(b"", pem).algorithm == algorithm
    assert "PRIVATE" not in repr(ClaimSigner(b"", pem))


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256K1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(SigningError, match="P-256"):
        _ = ClaimSigner(b"", key).algorithm


def _closed_port() -> str:
    return f"http://127.0.0.1:{free_port()}/"


def test_a_timestamp_authority_that_fails_means_try_again(studio: Studio) -> None:
    source = write_sound(studio.folder / "master.wav")
    manifest = studio.manifest(new_id("gen"), two_references())
    with serving(status=200, kind="application/timestamp-reply", body=b"junk") as junk:
        for url in (junk.url, _closed_port()):
            signer = dataclasses.replace(studio.signer, timestamp_url=url)
            with pytest.raises(TimestampError):
                embed(source, studio.folder / "out.wav", manifest, signer=signer)
    assert sorted(path.name for path in studio.folder.iterdir()) == ["master.wav"]
