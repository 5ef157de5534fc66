"""The library takes unknown settings in silence, so each of ours is shown to change what happens.

Every test does the same thing twice: as locked, and with one setting turned the other way.
"""

import copy
import datetime as dt
import io
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from generation.embedding import LOCKED_SETTINGS
from ledger.provenance.reading_process import locked_settings
from ledger.provenance.states import OUR_LIST
from schemas.ids import new_id
from schemas.manifest import manifest_urn
from service.credentials import load_chain, load_key
from tests.support.local_server import Visits, serving
from tests.support.signed_files import Studio, two_references, write_sound

SILENT = {"version": 1, "verify": {"verify_after_sign": False, "verify_after_sign_hash": False}}
NO_ACTIONS = "assertion.action.malformed"


@pytest.fixture
def visits() -> Iterator[Visits]:
    with serving() as found:
        yield found


def changed(settings: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """Return settings with some set, by a path with double underscores; None removes one."""
    made = copy.deepcopy(dict(settings))
    for path, value in values.items():
        *parents, last = path.split("__")
        at = made
        for parent in parents:
            at = at[parent]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return made


def sign(
    studio: Studio,
    settings: Mapping[str, Any],
    manifest: Mapping[str, Any],
    *,
    source: Path | None = None,
    signed: Any = None,
    media_type: str = "audio/wav",
    chain: bytes | None = None,
    key: bytes | None = None,
    url: str | None = None,
) -> bytes:
    """Sign with any settings; return the file's bytes."""
    source = source or write_sound(studio.folder / "master.wav")
    signed = signed or io.BytesIO()
    own = studio.signer
    info = c2pa.C2paSignerInfo(b"es256", chain or own.chain_pem, key or own.key_pem, None)
    with (
        c2pa.Context.from_dict(dict(settings)) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(dict(manifest), context=context) as builder,
        source.open("rb") as audio,
    ):
        if url is not None:
            builder.set_no_embed()
            builder.set_remote_url(url)
        builder.sign(signer, media_type, audio, signed)
    return bytes(signed.getvalue())


def read(raw: bytes, settings: Mapping[str, Any]) -> dict[str, Any]:
    with (
        c2pa.Context.from_dict(dict(settings)) as context,
        c2pa.Reader("audio/wav", io.BytesIO(raw), context=context) as reader,
    ):
        found: dict[str, Any] = json.loads(reader.json())
        return found


def failures(found: Mapping[str, Any]) -> list[str]:
    return [one["code"] for one in found["validation_results"]["activeManifest"]["failure"]]


def actions(raw: bytes) -> list[str]:
    found = read(raw, SILENT)
    assertions = found["manifests"][found["active_manifest"]]["assertions"]
    return [a["action"] for one in assertions for a in one["data"].get("actions", [])]


@pytest.fixture
def manifest(studio: Studio) -> dict[str, Any]:
    return studio.manifest(new_id("gen"), two_references())


@pytest.fixture(params=["embedding", "reading"])
def locked(request: pytest.FixtureRequest, studio: Studio) -> dict[str, Any]:
    if request.param == "embedding":
        return dict(LOCKED_SETTINGS)
    return locked_settings({OUR_LIST: studio.anchors_pem})


def test_anchors_make_trust(studio: Studio, manifest: dict[str, Any]) -> None:
    raw = sign(studio, LOCKED_SETTINGS, manifest)
    found = read(raw, locked_settings({OUR_LIST: studio.anchors_pem}))
    assert found["validation_state"] == "Trusted"
    assert found["validation_results"]["trustListUri"] == OUR_LIST
    assert failures(read(raw, locked_settings({}))) == ["signingCredential.untrusted"]


def test_trust_is_verified(studio: Studio, manifest: dict[str, Any]) -> None:
    raw = sign(studio, LOCKED_SETTINGS, manifest)
    assert failures(read(raw, locked_settings({}))) == ["signingCredential.untrusted"]
    blind = changed(locked_settings({}), verify__verify_trust=False)
    assert failures(read(raw, blind)) == []


def test_no_manifest_is_fetched(
    studio: Studio, manifest: dict[str, Any], locked: dict[str, Any], visits: Visits
) -> None:
    raw = sign(studio, SILENT, manifest, url=f"{visits.url}manifest")
    with pytest.raises(c2pa.C2paError, match="Remote"):
        read(raw, locked)
    # Either of the two settings alone keeps it from fetching; without both it does.
    for half in ({"verify__remote_manifest_fetch": True}, {"core__allowed_network_hosts": None}):
        with pytest.raises(c2pa.C2paError, match="Remote"):
            read(raw, changed(locked, **half))
    assert visits.paths == []
    unlocked = {"verify__remote_manifest_fetch": True, "core__allowed_network_hosts": None}
    with pytest.raises(c2pa.C2paError, match="Remote"):
        read(raw, changed(locked, **unlocked))
    assert visits.paths == ["/manifest"]


def with_ocsp(studio: Studio, url: str) -> tuple[bytes, bytes]:
    """Issue a leaf that names an OCSP responder, which ours never do."""
    folder = studio.credentials.anchors.parent
    issuer, key = (
        load_chain(folder / "intermediate.pem")[0],
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer_key = load_key(folder / "intermediate-key.pem")
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    own = load_chain(studio.credentials.chain)[0]
    draft = x509.CertificateBuilder(own.issuer, own.subject, key.public_key(), 4711)
    draft = draft.not_valid_before(own.not_valid_before_utc)
    draft = draft.not_valid_after(own.not_valid_before_utc + dt.timedelta(days=30))
    for extension in own.extensions:
        draft = draft.add_extension(extension.value, extension.critical)
    responder = x509.AccessDescription(
        x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url)
    )
    draft = draft.add_extension(x509.AuthorityInformationAccess([responder]), critical=False)
    leaf = draft.sign(issuer_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return leaf.public_bytes(pem) + issuer.public_bytes(pem), private


def test_no_responder_is_asked(
    studio: Studio, manifest: dict[str, Any], locked: dict[str, Any], visits: Visits
) -> None:
    chain, key = with_ocsp(studio, f"{visits.url}ocsp")
    raw = sign(studio, LOCKED_SETTINGS, manifest, chain=chain, key=key)
    read(raw, locked)
    read(raw, changed(locked, verify__ocsp_fetch=True))
    read(raw, changed(locked, core__allowed_network_hosts=None))
    assert visits.paths == []
    read(raw, changed(locked, verify__ocsp_fetch=True, core__allowed_network_hosts=None))
    assert len(visits.paths) == 1


class _Flipping(io.BytesIO):
    """A disk that turns one bit of the audio while the file is written."""

    def write(self, data: Any) -> int:
        at = 5000 - self.tell()
        data = bytearray(data)
        if 0 <= at < len(data):
            data[at] ^= 1
        return super().write(bytes(data))


def test_the_audio_is_hashed_again_after_signing(studio: Studio, manifest: dict[str, Any]) -> None:
    with pytest.raises(c2pa.C2paError, match=r"assertion\.dataHash\.mismatch"):
        sign(studio, LOCKED_SETTINGS, manifest, signed=_Flipping())
    blind = changed(LOCKED_SETTINGS, verify__verify_after_sign_hash=False)
    raw = sign(studio, blind, manifest, signed=_Flipping())
    assert "assertion.dataHash.mismatch" in failures(read(raw, SILENT))


def test_the_manifest_is_verified_after_signing(studio: Studio, manifest: dict[str, Any]) -> None:
    del manifest["assertions"][0]  # the actions
    with pytest.raises(c2pa.C2paError, match=r"assertion\.action\.malformed"):
        sign(studio, LOCKED_SETTINGS, manifest)
    raw = sign(studio, changed(LOCKED_SETTINGS, verify__verify_after_sign=False), manifest)
    assert NO_ACTIONS in failures(read(raw, SILENT))


def test_no_action_is_invented(studio: Studio, manifest: dict[str, Any]) -> None:
    settings = changed(LOCKED_SETTINGS, verify=SILENT["verify"])
    actions_made = manifest["assertions"][0]["data"]["actions"]
    del actions_made[1]  # placed
    assert actions(sign(studio, settings, manifest)) == ["c2pa.created"]
    invented = {"enabled": True}
    placing = changed(settings, builder__actions__auto_placed_action=invented)
    assert actions(sign(studio, placing, manifest)) == ["c2pa.created", "c2pa.placed"]
    del manifest["assertions"][0]
    assert actions(sign(studio, settings, manifest)) == []
    source = {"enabled": True, "source_type": "http://c2pa.org/digitalsourcetype/empty"}
    creating = changed(settings, builder__actions__auto_created_action=source)
    assert actions(sign(studio, creating, manifest)) == ["c2pa.created"]
    manifest["ingredients"][0]["relationship"] = "parentOf"
    opening = changed(settings, builder__actions__auto_opened_action=invented)
    assert actions(sign(studio, settings, manifest)) == []
    assert actions(sign(studio, opening, manifest)) == ["c2pa.opened"]


def test_no_thumbnail_is_made(studio: Studio) -> None:
    """Audio has none; a picture shows that the setting holds for whatever has."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(range(192)) for _ in range(64)))
    picture = studio.folder / "cover.png"
    picture.write_bytes(
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", pixels) + part(b"IEND", b"")
    )
    manifest = studio.manifest(new_id("gen"), two_references(), media_type="image/png")
    plain = sign(studio, LOCKED_SETTINGS, manifest, source=picture, media_type="image/png")
    manifest["label"] = manifest_urn(new_id("gen"))
    drawing = changed(LOCKED_SETTINGS, builder__thumbnail=None)
    drawn = sign(studio, drawing, manifest, source=picture, media_type="image/png")
    assert b"c2pa.thumbnail.claim" not in plain
    assert b"c2pa.thumbnail.claim" in drawn
