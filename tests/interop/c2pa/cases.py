"""Signed files for outside verifiers: as we sign them, as we do not, and changed afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from generation.embedding import LOCKED_SETTINGS, ClaimSigner, embed, media_type_of
from schemas.ids import new_id
from service.credentials import load_chain, load_key
from tests.support.signed_files import Studio, two_references, write_sound

Manifest = dict[str, Any]
Case = Callable[[Studio, Path], None]
"""Writes a file into a place."""

CHUNK: Final = b"JUNK\x04\x00\x00\x00abcd"


def _signed(
    subtype: str | None = "PCM_16",
    *,
    head: bytes = b"",
    change: Callable[[Manifest], None] = lambda _manifest: None,
    signer: Callable[[Studio], ClaimSigner] = lambda studio: studio.signer,
) -> Case:
    """Return a case that signs, after the manifest definition was changed."""

    def make(studio: Studio, path: Path) -> None:
        source = write_sound(path.with_name(f"source-{path.name}"), subtype=subtype)
        source.write_bytes(head + source.read_bytes())
        manifest = studio.manifest(
            new_id("gen"), two_references(), media_type=media_type_of(source)
        )
        change(manifest)
        embed(source, path, manifest, signer=signer(studio))

    return make


def _after(change: Callable[[bytes], bytes]) -> Case:
    """Return a case that signs, and changes the file then."""

    def make(studio: Studio, path: Path) -> None:
        _signed()(studio, path)
        path.write_bytes(change(path.read_bytes()))

    return make


def _id3(version: int) -> bytes:
    """Return a tag with one title, as players write them."""
    frame = b"TIT2\x00\x00\x00\x05\x00\x00\x00Song"
    return b"ID3" + bytes((version, 0, 0, 0, 0, 0, len(frame))) + frame


def _assertion(manifest: Manifest, label: str) -> Manifest:
    found: Manifest = next(one for one in manifest["assertions"] if one["label"] == label)
    return found


def _metadata_in_cbor(manifest: Manifest) -> None:
    del _assertion(manifest, "cawg.metadata")["kind"]


def _mining_maybe(manifest: Manifest) -> None:
    entries = _assertion(manifest, "cawg.training-mining")["data"]["entries"]
    entries["cawg.data_mining"]["use"] = "maybe"


def _created(manifest: Manifest) -> Manifest:
    action: Manifest = _assertion(manifest, "c2pa.actions.v2")["data"]["actions"][0]
    return action


def _unknown_source(manifest: Manifest) -> None:
    _created(manifest)["digitalSourceType"] = "http://source.example/unknown"


def _loose_ingredient(manifest: Manifest) -> None:
    """Let no action name what conditioned the sound."""
    conditioning = manifest["ingredients"][1]
    assert conditioning["relationship"] == "inputTo"
    _created(manifest)["parameters"]["ingredientIds"].remove(conditioning["label"])


def _with_root(studio: Studio) -> ClaimSigner:
    return ClaimSigner(studio.signer.chain_pem + studio.anchors_pem.encode(), studio.signer.key_pem)


def _leaf_alone(studio: Studio) -> ClaimSigner:
    leaf = load_chain(studio.credentials.chain)[0]
    return ClaimSigner(leaf.public_bytes(serialization.Encoding.PEM), studio.signer.key_pem)


def _ed25519(studio: Studio) -> ClaimSigner:
    """Return a signer of the same authority with a key of the other kind."""
    like, issuer = load_chain(studio.credentials.chain)
    authority = studio.credentials.anchors.parent
    key = ed25519.Ed25519PrivateKey.generate()
    draft = (
        x509.CertificateBuilder(
            issuer.subject, like.subject, key.public_key(), x509.random_serial_number(),
            like.not_valid_before_utc, like.not_valid_after_utc,
        )
    )  # fmt: skip
    of_the_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    for one in like.extensions:
        is_key = isinstance(one.value, x509.SubjectKeyIdentifier)
        draft = draft.add_extension(of_the_key if is_key else one.value, critical=one.critical)
    issuing: Any = load_key(authority / "intermediate-key.pem")
    leaf = draft.sign(issuing, hashes.SHA256())
    pem = serialization.Encoding.PEM
    chain = leaf.public_bytes(pem) + issuer.public_bytes(pem)
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ClaimSigner(chain, key.private_bytes(pem, *form))


def _counted(raw: bytes) -> bytes:
    """Return a RIFF file whose header says the size that it has."""
    return raw[:4] + (len(raw) - 8).to_bytes(4, "little") + raw[8:]


def _flipped(raw: bytes) -> bytes:
    at = raw.index(b"data") + 100
    return raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]


def _signed_again(studio: Studio, path: Path) -> None:
    """Sign as somebody does who opened our file: it becomes the parent."""
    first = path.with_name(f"first-{path.name}")
    _signed()(studio, first)
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
    manifest = {
        "title": "Opened again",
        "format": "audio/wav",
        "claim_generator_info": [{"name": "Somebody", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [opened]}}],
    }
    parent = {"title": "A new song", "relationship": "parentOf", "label": "parent"}
    signer = studio.signer
    info = c2pa.C2paSignerInfo(b"es256", signer.chain_pem, signer.key_pem, None)
    with (
        c2pa.Context.from_dict(dict(LOCKED_SETTINGS)) as context,
        c2pa.Signer.from_info(info) as native,
        c2pa.Builder(manifest, context=context) as builder,
        first.open("rb") as ingredient,
        first.open("rb") as audio,
        path.open("w+b") as signed,
    ):
        builder.add_ingredient(json.dumps(parent), "audio/wav", ingredient)
        builder.sign(native, "audio/wav", audio, signed)


def _parent_damaged(studio: Studio, path: Path) -> None:
    _signed_again(studio, path)
    raw = path.read_bytes()
    # The parent stands first in the store; its metadata names the song.
    assert raw.count(b'"dc:title":"A new song"') == 1
    path.write_bytes(raw.replace(b'"dc:title":"A new song"', b'"dc:title":"A mew song"'))


CODEC: Final[dict[str, Case]] = {
    "pcm16.wav": _signed(),
    "pcm24.wav": _signed("PCM_24"),
    "float.wav": _signed("FLOAT"),
    "ed25519.wav": _signed(signer=_ed25519),
    "plain.flac": _signed(),
    "plain.mp3": _signed(None),
    "id3-2.3.mp3": _signed(None, head=_id3(3)),
    "id3-2.4.mp3": _signed(None, head=_id3(4)),
}
"""Every container and kind of key that a worker may sign with."""

CASES: Final[dict[str, Case]] = {
    **CODEC,
    "with-root.wav": _signed(signer=_with_root),
    "leaf-alone.wav": _signed(signer=_leaf_alone),
    "metadata-cbor.wav": _signed(change=_metadata_in_cbor),
    "mining-maybe.wav": _signed(change=_mining_maybe),
    "source-unknown.wav": _signed(change=_unknown_source),
    "loose.wav": _signed(change=_loose_ingredient),
    "appended.wav": _after(lambda raw: raw + CHUNK),
    "appended-and-counted.wav": _after(lambda raw: _counted(raw + CHUNK)),
    "in-front.wav": _after(lambda raw: _counted(raw[:12] + CHUNK + raw[12:])),
    "flipped.wav": _after(_flipped),
    "signed-again.wav": _signed_again,
    "parent-damaged.wav": _parent_damaged,
}
"""Every file that the verifiers are shown."""


def make_all(studio: Studio) -> dict[str, Path]:
    """Make every file in the studio's folder."""
    for name, make in CASES.items():
        make(studio, studio.folder / name)
    return {name: studio.folder / name for name in CASES}
