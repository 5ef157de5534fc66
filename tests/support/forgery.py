"""What a worker can do that holds its own key and lies: rewrite a signed file and sign again.

The signing library would refuse each of these, so the boxes are rewritten by hand, in place and
without a change of length: the rest of the file stays as the library wrote it.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def _box(raw: bytes, label: str) -> tuple[int, int]:
    """Find a superbox by its label; return where its description begins and where it ends."""
    at = raw.index(label.encode() + b"\0") - 1 - 16 - 8  # toggles, type, header of `jumd`
    return at, at - 8 + int.from_bytes(raw[at - 8 : at - 4])


def _content(raw: bytes, label: str) -> tuple[int, int]:
    """Return the span of a superbox's CBOR content, which follows its description."""
    start, _ = _box(raw, label)
    at = start + int.from_bytes(raw[start : start + 4])
    assert raw[at + 4 : at + 8] == b"cbor"
    return at + 8, at + int.from_bytes(raw[at : at + 4])


def resign(raw: bytes, chain_pem: bytes, key_pem: bytes) -> bytes:
    """Replace the signature by one under another chain and key (ES256), padding kept in step."""
    claim = raw[slice(*_content(raw, "c2pa.claim.v2"))]
    start, end = _content(raw, "c2pa.signature")
    tag = cbor2.loads(raw[start:end])
    protected, unprotected, payload, _ = tag.value
    unprotected = dict(unprotected)
    header = cbor2.loads(protected)
    header[33] = [
        certificate.public_bytes(serialization.Encoding.DER)
        for certificate in x509.load_pem_x509_certificates(chain_pem)
    ]
    protected = cbor2.dumps(header)
    key = serialization.load_pem_private_key(key_pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    message = cbor2.dumps(["Signature1", protected, b"", claim])
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32) + s.to_bytes(32)
    pad = len(unprotected["pad"])
    while True:
        unprotected["pad"] = bytes(pad)
        forged = cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, signature]))
        if len(forged) == end - start:
            return raw[:start] + forged + raw[end:]
        pad += end - start - len(forged)


def edit_data_hash(
    raw: bytes, edit: Callable[[dict[str, Any]], None], chain_pem: bytes, key_pem: bytes
) -> bytes:
    """Change the assertion that hashes the audio, hash anew what it says, and sign the claim.

    Its padding is adjusted, so there must be enough of it for what is added.
    """
    before = hashlib.sha256(raw[slice(*_box(raw, "c2pa.hash.data"))]).digest()
    start, end = _content(raw, "c2pa.hash.data")
    data = cbor2.loads(raw[start:end])
    edit(data)
    digest, at = hashlib.sha256(), 0
    for hole in data["exclusions"]:
        digest.update(raw[at : hole["start"]])
        at = hole["start"] + hole["length"]
    digest.update(raw[at:])
    data["hash"] = digest.digest()
    data["pad"] = bytes(len(data["pad"]) + end - start - len(cbor2.dumps(data)))
    forged = cbor2.dumps(data)
    assert len(forged) == end - start, "an edit keeps the length"
    raw = raw[:start] + forged + raw[end:]
    after = hashlib.sha256(raw[slice(*_box(raw, "c2pa.hash.data"))]).digest()
    start, end = _content(raw, "c2pa.claim.v2")
    claim = raw[start:end].replace(before, after)
    assert claim != raw[start:end], "the claim names the assertion by its hash"
    return resign(raw[:start] + claim + raw[end:], chain_pem, key_pem)
