"""Whatever a file holds, reading it ends with a name and within its limits."""

import hashlib
import io
import struct
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
import soundfile

from ledger.provenance.match import differences
from ledger.provenance.model import ManifestReading
from ledger.provenance.reading import Limits
from ledger.provenance.verdict import give_verdict
from schemas.ids import new_id
from schemas.manifest import manifest_urn
from tests.support.local_server import serving
from tests.support.signed_files import Studio, two_references, write_sound
from tests.support.verdicts import QUESTION


def exit_code(reading: ManifestReading) -> int:
    return give_verdict(reading, "unknown", QUESTION).exit_code


@pytest.fixture(scope="module")
def signed(shared_studio: Studio) -> bytes:
    return shared_studio.sign(new_id("gen"), two_references()).path.read_bytes()


def noise(length: int, seed: bytes = b"") -> bytes:
    """Bytes without meaning, the same every time."""
    return hashlib.shake_256(seed).digest(length)


def truncated(raw: bytes, length: int) -> bytes:
    return raw[:length] if length > 0 else raw[: len(raw) + length]


@pytest.mark.parametrize(
    ("length", "state"),
    [
        (-2, "file_malformed"),  # one may be padding only: see below
        (-3000, "file_malformed"),
        (20_000, "file_malformed"),
        (12, "file_malformed"),
        (11, "file_unknown"),
        (1, "file_unknown"),
    ],
)
def test_cut_off(studio: Studio, signed: bytes, length: int, state: str) -> None:
    assert studio.read_bytes(truncated(signed, length)).state == state


def test_one_byte_of_the_end_is_missing(studio: Studio) -> None:
    """Content that is cut off is a broken file; a padding byte makes another file of a whole one.

    Writers of sound forget that byte often (RIFF asks for it), so it stops no reading; but the
    manifest signs for every byte, and without it the file is not the one that was signed.
    """
    states = {}
    for length in (1, 2):  # of two neighboring lengths of the last chunk one is odd
        manifest = studio.manifest(new_id("gen"), two_references())
        manifest["title"] = "x" * length
        out = studio.folder / "signed.wav"
        _embed(write_sound(studio.folder / "master.wav"), out, manifest, studio)
        raw = out.read_bytes()
        assert studio.read_bytes(raw).state == "trusted"
        chunk = raw.rindex(b"C2PA")
        is_odd = int.from_bytes(raw[chunk + 4 : chunk + 8], "little") % 2
        found = studio.read_bytes(raw[:-1])
        states["padding" if is_odd else "content"] = (found.state, exit_code(found))
    assert states == {"padding": ("invalid", 3), "content": ("file_malformed", 3)}


def test_nothing_at_all(studio: Studio) -> None:
    found = studio.read_bytes(b"")
    assert (found.state, exit_code(found)) == ("file_empty", 3)


def test_noise(studio: Studio) -> None:
    found = studio.read_bytes(noise(5000))
    assert (found.state, exit_code(found)) == ("file_unknown", 3)


@pytest.mark.parametrize("head", [b"fLaC", b"ID3\4\0\0\0\0\x7f\x7f", b"\xff\xfb\x94\x44"])
def test_noise_behind_a_good_beginning(studio: Studio, head: bytes) -> None:
    found = studio.read_bytes(head + noise(5000))
    assert found.state in {"no_manifest", "file_malformed"}
    assert found.frames is None
    assert found.frames_problem == "undecodable"


def test_text_with_the_name_of_a_song(studio: Studio) -> None:
    assert studio.read_bytes(b"once upon a time, a song", name="song.mp3").state == "file_unknown"


def test_a_million_chunks(studio: Studio, signed: bytes) -> None:
    body = signed[8:] + b"junk\0\0\0\0" * 1_000_000
    found = studio.read_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert (found.state, exit_code(found)) == ("chunks_too_many", 3)
    assert found.file_sha256 is None  # nothing more was done with it


@pytest.mark.parametrize("name", ["long.rf64", "song.ogg", "song.aiff"])
def test_audio_that_can_carry_no_manifest_is_heard(studio: Studio, name: str) -> None:
    path = write_sound(studio.folder / name)
    found = studio.read(path)
    assert (found.state, exit_code(found)) == ("container_unsupported", 2)
    assert found.frames is not None
    assert found.frames.frames == 12_000


def test_a_wave_without_sound(studio: Studio) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, [], 48_000, format="WAV", subtype="PCM_16")
    found = studio.read_bytes(buffer.getvalue())
    assert (found.state, found.frames_problem) == ("no_manifest", "no_frames")


def test_a_manifest_that_is_noise(studio: Studio) -> None:
    plain = write_sound(studio.folder / "plain.wav").read_bytes()
    body = plain[8:] + struct.pack("<4sI", b"C2PA", 2000) + noise(2000)
    found = studio.read_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert (found.state, exit_code(found)) == ("manifest_malformed", 3)


def test_a_manifest_elsewhere_is_not_fetched(studio: Studio) -> None:
    own = studio.signer
    info = c2pa.C2paSignerInfo(b"es256", own.chain_pem, own.key_pem, None)
    manifest = studio.manifest(new_id("gen"), two_references())
    with serving() as visits:
        with (
            c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(manifest, context=context) as builder,
            write_sound(studio.folder / "master.wav").open("rb") as source,
            (studio.folder / "remote.wav").open("w+b") as remote,
        ):
            builder.set_no_embed()
            builder.set_remote_url(f"{visits.url}manifest")
            builder.sign(signer, "audio/wav", source, remote)
        found = studio.read(studio.folder / "remote.wav")
        assert visits.paths == []
    assert (found.state, exit_code(found)) == ("manifest_elsewhere", 2)


def test_what_takes_too_long_is_stopped(studio: Studio, signed: bytes) -> None:
    found = studio.read_bytes(signed, limits=Limits(timeout_s=0))
    assert (found.state, exit_code(found)) == ("timed_out", 3)


def test_what_takes_too_much_memory_is_stopped(studio: Studio, signed: bytes) -> None:
    found = studio.read_bytes(signed, limits=Limits(memory_bytes=1 << 20))
    assert (found.state, exit_code(found)) == ("reader_crashed", 3)


def test_what_is_too_large_is_not_opened(studio: Studio, signed: bytes) -> None:
    found = studio.read_bytes(signed, limits=Limits(file_bytes_max=1000))
    assert (found.state, exit_code(found)) == ("file_too_large", 3)


def test_silence_of_many_hours_in_a_small_file(studio: Studio) -> None:
    """Three hours of nothing are a few hundred kilobytes; the frames are not hashed."""
    path = studio.folder / "silence.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(180):
            file.write(np.zeros(8000 * 60, np.int16))
    assert path.stat().st_size < 1_000_000
    found = studio.read(path)
    assert (found.state, found.frames, found.frames_problem) == ("no_manifest", None, "too_long")


def test_names_that_steer_a_terminal_are_made_harmless(studio: Studio, stranger: Studio) -> None:
    manifest = stranger.manifest(new_id("gen"), two_references())
    manifest["ingredients"][0]["title"] = "\x1b[2J\u202egnos" + "x" * 1000
    source = write_sound(stranger.folder / "master.wav")
    from_stranger = stranger.folder / "odd.wav"
    _embed(source, from_stranger, manifest, stranger)
    (ingredient, _) = studio.read(from_stranger).ingredients
    assert ingredient.title.isprintable() or "\ufffd" in ingredient.title
    assert "\x1b" not in ingredient.title
    assert "\u202e" not in ingredient.title
    assert len(ingredient.title) <= 200


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"authorization": {"position": 1, "entry": "AAAA", "proof": "x"}, "references": []},
        {"deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},
        {"number": 2**60},
        {"float": 0.5},
        {"text": "x" * 600_000},
    ],
)
def test_an_assertion_that_is_not_ours_in_form(studio: Studio, data: dict[str, Any]) -> None:
    manifest = studio.manifest(new_id("gen"), two_references())
    manifest["assertions"][-1]["data"] = data
    out = studio.folder / "odd.wav"
    _embed(write_sound(studio.folder / "master.wav"), out, manifest, studio)
    found = studio.read(out)
    assert (found.state, found.assertion) == ("trusted", None)
    assert found.assertion_problem is not None


@pytest.mark.parametrize("how", ["twice", "gathered"])
def test_our_assertion_counts_once_and_signed_for(studio: Studio, how: str) -> None:
    manifest = studio.manifest(new_id("gen"), two_references())
    if how == "twice":
        manifest["assertions"].append(manifest["assertions"][-1])
    else:
        manifest["assertions"][-1]["created"] = False
    out = studio.folder / "odd.wav"
    _embed(write_sound(studio.folder / "master.wav"), out, manifest, studio)
    found = studio.read(out)
    assert (found.state, found.assertion) == ("trusted", None)
    problems = {"twice": "assertion_repeated", "gathered": "assertion_not_created"}
    assert found.assertion_problem == problems[how]


def test_any_flipped_bit_is_noticed_or_means_nothing(shared_studio: Studio, tmp_path: Path) -> None:
    """Ten bits all over the file: it is no longer trusted, or says exactly what it said."""
    studio = Studio(tmp_path, shared_studio.credentials)
    generation, rows = new_id("gen"), two_references()
    raw = studio.sign(generation, rows).path.read_bytes()
    whole = studio.read_bytes(raw)
    store = raw.index(b"C2PA")
    chosen = np.frombuffer(noise(20, b"places"), np.uint16).tolist()
    places = [at % store for at in chosen[:3]] + [
        store + at % (len(raw) - store) for at in chosen[3:]
    ]
    for place in places:
        flipped = bytearray(raw)
        flipped[place] ^= 1 << place % 8
        found = studio.read_bytes(bytes(flipped))
        if found.state == "trusted":
            assert place >= store, place
            assert found.claim_sha256 == whole.claim_sha256, place
            assert differences(studio.authorized(generation, rows), found) == (), place


def _embed(source: Path, out: Path, manifest: dict[str, Any], studio: Studio) -> None:
    """Sign whatever the definition says, without the checks that ours would make."""
    own = studio.signer
    manifest["label"] = manifest_urn(new_id("gen"))
    info = c2pa.C2paSignerInfo(b"es256", own.chain_pem, own.key_pem, None)
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest) as builder,
        source.open("rb") as audio,
        out.open("w+b") as signed,
    ):
        builder.sign(signer, "audio/wav", audio, signed)
