"""Embed and sign a manifest in an audio file. The only file of the worker that imports c2pa.

Containers: WAV, FLAC and MP3 carry a manifest; the decoded audio stays bit for bit the same. RF64,
Ogg and AIFF cannot, and are refused by name.

Three ends: the source is *refused* (`SourceRefusedError`), the timestamp authority did not answer
(`TimestampError`: *retry*), anything else is *fatal* (`SigningError`: our certificate, our
definition or the disk is at fault, and so will the next file be).
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from schemas.containers import MEDIA_TYPES, container_of
from schemas.drafts import OWNER_ONLY, draft
from schemas.jumbf import JumbfError, active_manifest

LOCKED_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "version": 1,
        "core": {"allowed_network_hosts": []},  # stops OCSP and remote manifests, not timestamps
        "verify": {
            "verify_after_sign": True,
            "verify_after_sign_hash": True,  # the check after signing skips the audio otherwise
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        "builder": {
            "thumbnail": {"enabled": False},
            "actions": {  # what happened is written by `generation.manifest` alone
                "auto_created_action": {"enabled": False},
                "auto_opened_action": {"enabled": False},
                "auto_placed_action": {"enabled": False},
            },
        },
    }
)
"""c2pa takes unknown keys in silence: a test shows for each of these that it bites."""

WAV_BYTES_MAX: Final = 2**31 - 1
"""Beyond 2 GiB c2pa-rs reads a WAV wrongly."""

WRITTEN: Final = ("wav", "flac", "mp3")
"""The containers that we sign; MP4 could carry a manifest as well, but nothing here writes it."""

_CURVES: Final = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


class SourceRefusedError(Exception):
    """This file cannot carry a manifest; another would."""


class TimestampError(Exception):
    """The timestamp authority failed. Nothing was written; try again later."""


class SigningError(Exception):
    """Signing failed for a reason that the next file will meet too. Stop and look."""


@dataclass(frozen=True)
class ClaimSigner:
    """What signs claims: the chain (PEM, leaf first), the leaf's key (PEM) and how to timestamp.

    `timestamp_url` is an RFC 3161 authority, or None; without one a file turns invalid when the
    certificate expires. A hanging authority takes 30 s.
    """

    chain_pem: bytes
    key_pem: bytes = field(repr=False)
    timestamp_url: str | None = None

    @property
    def certificate_sha256(self) -> str:
        """SHA-256 of the leaf's DER in lowercase hex: how the ledger knows this worker."""
        leaf = x509.load_pem_x509_certificates(self.chain_pem)[0]
        return leaf.fingerprint(hashes.SHA256()).hex()

    @property
    def algorithm(self) -> str:
        """C2PA's name of the signature algorithm that goes with the key (2.4, section 13.2)."""
        key = serialization.load_pem_private_key(self.key_pem, password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
            return _CURVES[key.curve.name]
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return "ed25519"
        if isinstance(key, rsa.RSAPrivateKey):
            return "ps256"
        raise SigningError("claims are signed with a P-256, P-384, P-521, Ed25519 or RSA key")


@dataclass(frozen=True)
class EmbeddedFile:
    """A signed file: where it lies and what names it.

    `file_sha256` names these very bytes. The manifest is known by `urn` and `claim_sha256`, since
    padding in the file can change without touching what was signed.
    """

    path: Path
    media_type: str
    urn: str
    file_sha256: str
    claim_sha256: str
    certificate_sha256: str
    manifest_bytes: int


def embed(
    source: Path, destination: Path, manifest: Mapping[str, Any], *, signer: ClaimSigner
) -> EmbeddedFile:
    """Write `source` with `manifest` (see `generation.manifest`) embedded and signed.

    `destination` holds the whole signed file afterwards, or what it held before. The signature and
    the hash of the audio are verified by the library before the file is moved into place.
    """
    with source.open("rb") as audio:
        media_type = _media_type(audio)
        _refuse_signed(audio, media_type)
        with draft(destination.parent, destination.name, mode=OWNER_ONLY) as begun:
            store = _sign(audio, begun.file, media_type, manifest, signer)
            begun.file.seek(0)
            digest = hashlib.file_digest(begun.file, "sha256").hexdigest()
            boxes = _boxes(store, manifest)
            begun.name(destination)
    return EmbeddedFile(
        path=destination,
        media_type=media_type,
        urn=boxes[0],
        file_sha256=digest,
        claim_sha256=boxes[1],
        certificate_sha256=signer.certificate_sha256,
        manifest_bytes=len(store),
    )


def media_type_of(path: Path) -> str:
    """Return the media type of a file that can be signed, else raise `SourceRefusedError`."""
    with path.open("rb") as audio:
        return _media_type(audio)


def _media_type(audio: BinaryIO) -> str:
    container = container_of(audio)
    if container is None or container not in WRITTEN:
        raise SourceRefusedError(f"WAV, FLAC and MP3 files carry a manifest [{container}]")
    size = audio.seek(0, os.SEEK_END)
    audio.seek(0)
    if container == "wav" and size > WAV_BYTES_MAX:
        raise SourceRefusedError(f"a WAV file carries a manifest up to 2 GiB [{size} bytes]")
    return MEDIA_TYPES[container]


def _refuse_signed(audio: BinaryIO, media_type: str) -> None:
    """Refuse a source with a manifest of its own: signing again would discard it in silence."""
    with c2pa.Context.from_dict(dict(LOCKED_SETTINGS)) as context:
        try:
            reader = c2pa.Reader.try_create(media_type, audio, context=context)
        except c2pa.C2paError as error:
            raise SourceRefusedError(f"the audio cannot be read [{error}]") from error
        if reader is not None:
            reader.close()
            raise SourceRefusedError("the audio carries a manifest already")
    audio.seek(0)


def _sign(
    audio: BinaryIO,
    signed: BinaryIO,
    media_type: str,
    manifest: Mapping[str, Any],
    signer: ClaimSigner,
) -> bytes:
    """Sign into `signed` and return the manifest store's bytes."""
    timestamp_url = None if signer.timestamp_url is None else signer.timestamp_url.encode()
    try:
        info = c2pa.C2paSignerInfo(
            signer.algorithm.encode(), signer.chain_pem, signer.key_pem, timestamp_url
        )
        # A context does not live across a fork, so it is made here, where it is used.
        with (
            c2pa.Context.from_dict(dict(LOCKED_SETTINGS)) as context,
            c2pa.Signer.from_info(info) as native,
            c2pa.Builder(dict(manifest), context=context) as builder,
        ):
            store: bytes = builder.sign(native, media_type, audio, signed)
    except c2pa.C2paError as error:
        # The library has no kinds of error for these; only the text tells them apart (c2pa-rs
        # 0.91.3; tests hold it).
        if "asset could not be parsed" in str(error):
            raise SourceRefusedError(f"the audio cannot be read [{error}]") from error
        if timestamp_url is not None and "Signature: internal error" in str(error):
            raise TimestampError(f"no timestamp [{error}]") from error
        raise SigningError(str(error)) from error
    return store


def _boxes(store: bytes, manifest: Mapping[str, Any]) -> tuple[str, str]:
    """Return URN and claim hash of what was signed; it must be what was asked for."""
    try:
        boxes = active_manifest(store)
    except JumbfError as error:
        raise SigningError(f"the library returned no manifest [{error}]") from error
    if boxes.urn != manifest["label"]:
        raise SigningError(f"signed under another name [{boxes.urn}]")
    return boxes.urn, hashlib.sha256(boxes.claim).hexdigest()
