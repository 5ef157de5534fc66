"""COSE_Sign1 (RFC 9052, section 4.2) with Ed25519 and CWT claims (RFC 9597), read strictly.

`write` makes the one form that we emit. `read` takes what others write too (any map order, alg -8
beside -19), keeps the received bytes and never encodes them anew: the signature is over what
came. What it refuses: another tag than 18, missing `kid`, `iss` or `sub`, a label twice, `crit`,
anything in the unprotected header that the caller did not allow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from schemas.envelope import cbor, keys
from schemas.refusals import Malformed

ALG: Final = 1
"""Label: algorithm (RFC 9052, table 3)."""
CRIT: Final = 2
"""Label: critical headers; refused, since we would have to understand them (RFC 9052, 3.1)."""
CONTENT_TYPE: Final = 3
"""Label: content type of the payload (RFC 9052, table 3)."""
KID: Final = 4
"""Label: key identifier, here the ASCII bytes of the key's id (RFC 9052, table 3)."""
CWT_CLAIMS: Final = 15
"""Label: CWT claims (RFC 9597)."""
ISS: Final = 1
"""Claim: issuer, who speaks (RFC 8392, section 3.1.1)."""
SUB: Final = 2
"""Claim: subject, about what (RFC 8392, section 3.1.2)."""

ED25519: Final = -19
"""The fully specified algorithm that we emit (RFC 9864)."""
EDDSA: Final = -8
"""Its polymorphic forerunner, accepted from others (RFC 9053, section 2.2)."""

JSON: Final = "application/json"
"""Content type of every payload of ours."""

TAG: Final = 18
"""CBOR tag of COSE_Sign1 (RFC 9052, section 2)."""

_PREFIX: Final = b"\xd2\x84"  # tag 18, array of four
_SIGNED_START: Final = b"\x84\x6aSignature1"  # of a Sig_structure (RFC 9052, section 4.4)


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 as it came. `payload` is None where it is detached; headers are read-only."""

    raw: bytes
    protected_raw: bytes
    protected: Mapping[int | str, Any]
    unprotected: Mapping[int | str, Any]
    payload: bytes | None
    signature: bytes

    @property
    def kid(self) -> str:
        """The key identifier as text."""
        return str(bytes(self.protected[KID]), "ascii")

    @property
    def issuer(self) -> str:
        """Claim `iss`."""
        return str(self.protected[CWT_CLAIMS][ISS])

    @property
    def subject(self) -> str:
        """Claim `sub`."""
        return str(self.protected[CWT_CLAIMS][SUB])

    def verify(self, public: bytes, *, payload: bytes | None = None) -> None:
        """Raise `Malformed("signature_invalid")` unless `public` signed this.

        `payload` must be given if, and only if, it is detached here.
        """
        if (self.payload is None) == (payload is None):
            raise Malformed("signature_invalid", "the payload is given twice or not at all")
        signed = self.payload if payload is None else payload
        assert signed is not None
        keys.verify(public, self.signature, to_be_signed(self.protected_raw, signed))


def to_be_signed(protected_raw: bytes, payload: bytes) -> bytes:
    """Return the bytes of the Sig_structure (RFC 9052, section 4.4), without external data."""
    return b"".join(
        (
            _SIGNED_START,
            cbor.head(2, len(protected_raw)),
            protected_raw,
            b"\x40",
            cbor.head(2, len(payload)),
            payload,
        )
    )


def protected_header(
    *,
    kid: str,
    issuer: str,
    subject: str,
    content_type: str | None = JSON,
    extra: Mapping[int | str, Any] | None = None,
) -> bytes:
    """Return the bytes of the protected header that we emit, `extra` labels among the others."""
    header: dict[int | str, Any] = {ALG: ED25519, KID: kid.encode("ascii")}
    if content_type is not None:
        header[CONTENT_TYPE] = content_type
    header[CWT_CLAIMS] = {ISS: issuer, SUB: subject}
    return cbor.encode({**header, **(extra or {})})


def write(
    key: keys.SigningKey,
    payload: bytes,
    *,
    protected: bytes,
    unprotected: Mapping[int | str, Any] | None = None,
    detached: bool = False,
) -> bytes:
    """Sign `payload` and return the tagged COSE_Sign1; with `detached` the payload is nil in it."""
    signature = key.sign(to_be_signed(protected, payload))
    return assemble(
        protected=protected,
        unprotected=unprotected or {},
        payload=None if detached else payload,
        signature=signature,
    )


def sign1(
    payload: bytes, key: keys.SigningKey, *, issuer: str, subject: str, content_type: str = JSON
) -> bytes:
    """Return a COSE_Sign1 over `payload` in the profile of our statements and entries."""
    signed, written = _own_start(key.kid, issuer, subject, content_type)
    body = cbor.head(2, len(payload)) + payload
    return b"".join((written, body, _SIGNATURE_HEAD, key.sign(signed + body)))


def assemble(
    *,
    protected: bytes,
    unprotected: Mapping[int | str, Any],
    payload: bytes | None,
    signature: bytes,
) -> bytes:
    """Put four parts together again; used to add or remove unprotected headers, never to sign."""
    body = b"\xf6" if payload is None else cbor.head(2, len(payload)) + payload
    return b"".join(
        (
            _PREFIX,
            cbor.head(2, len(protected)),
            protected,
            cbor.encode(dict(unprotected)),
            body,
            cbor.head(2, len(signature)),
            signature,
        )
    )


def read(raw: bytes, *, unprotected: Iterable[int] = (), content_type: str | None = JSON) -> Sign1:
    """Return the structure of `raw`. The signature is **not** checked here: see `Sign1.verify`.

    `unprotected` lists the labels that may stand in the unprotected header, none by default.
    `content_type` must be in the protected header as given, or absent where it is None.
    Raises `Malformed("not_canonical")`.
    """
    protected_raw, loose, payload, signature = _plain_parts(raw) or _parts(raw)
    if not set(loose) <= set(unprotected):
        raise Malformed("not_canonical", "unexpected unprotected headers")
    if len(signature) != keys.SIGNATURE_BYTES:
        raise Malformed("not_canonical", "an Ed25519 signature has 64 bytes")
    protected = _read_protected(protected_raw)
    if protected.get(CONTENT_TYPE) != content_type:
        raise Malformed("not_canonical", f"content type is not {content_type}")
    return Sign1(raw, protected_raw, protected, MappingProxyType(loose), payload, signature)


def read_own(raw: bytes) -> tuple[Sign1, bytes]:
    """Return envelope and payload of a statement or entry: the profile of contracts.md, section 1.

    Exactly the protected labels and claims that we write, because one that we do not understand
    might say something; nothing unprotected; the payload inside.
    """
    envelope = read(raw)
    labels = envelope.protected
    if set(labels) != _OWN_LABELS or set(labels[CWT_CLAIMS]) != _OWN_CLAIMS:
        raise Malformed("not_canonical", "protected headers beyond the profile")
    if envelope.payload is None:
        raise Malformed("not_canonical", "the payload is not inside")
    return envelope, envelope.payload


def _parts(raw: bytes) -> tuple[bytes, dict[int | str, Any], bytes | None, bytes]:
    """Return the four parts of any COSE_Sign1 that is written as RFC 8949, section 4.2.1, asks."""
    value = cbor.decode(raw)
    if not isinstance(value, cbor.Tagged) or value.tag != TAG:
        raise Malformed("not_canonical", "not a tagged COSE_Sign1")
    parts = value.value
    if not isinstance(parts, list) or list(map(type, parts)) not in _SHAPES:
        raise Malformed("not_canonical", "not the four parts of a COSE_Sign1")
    protected_raw, loose, payload, signature = parts
    return protected_raw, loose, payload, signature


def _plain_parts(raw: bytes) -> tuple[bytes, dict[int | str, Any], bytes | None, bytes] | None:
    """Return the four parts where the form is the one that we emit, else None: then read it all.

    That form is fixed but for two lengths: tag, array, protected header of 24 to 255 bytes, an
    empty map, a payload of 24 to 65,535 bytes, a signature of 64. Whatever is written anew from
    the parts and gives the same bytes is what the general reader would have found.
    """
    if raw[:3] != _PLAIN_START or len(raw) < _PLAIN_BYTES_MIN:
        return None
    end = _PROTECTED_AT + raw[_PROTECTED_AT - 1]
    width = _LENGTH_WIDTHS.get(raw[end : end + 2], 0)
    at = end + 2 + width
    split = at + int.from_bytes(raw[end + 2 : at], "big")
    protected_raw, payload, signature = raw[_PROTECTED_AT:end], raw[at:split], raw[split + 2 :]
    written = (
        _PREFIX, cbor.head(2, len(protected_raw)), protected_raw, b"\xa0",
        cbor.head(2, len(payload)), payload, _SIGNATURE_HEAD, signature,
    )  # fmt: skip
    if len(signature) != keys.SIGNATURE_BYTES or b"".join(written) != raw:
        return None
    return protected_raw, {}, payload, signature


_PLAIN_START: Final = _PREFIX + b"\x58"  # a protected header of 24 to 255 bytes
_PROTECTED_AT: Final = 4
_PLAIN_BYTES_MIN: Final = 96  # the four parts at their shortest
_LENGTH_WIDTHS: Final = {b"\xa0\x58": 1, b"\xa0\x59": 2, b"\xa0\x5a": 4}
_SIGNATURE_HEAD: Final = b"\x58\x40"
_OWN_LABELS: Final = {ALG, CONTENT_TYPE, KID, CWT_CLAIMS}
_OWN_CLAIMS: Final = {ISS, SUB}
_SHAPES: Final = ([bytes, dict, bytes, bytes], [bytes, dict, type(None), bytes])


@lru_cache(maxsize=1024)  # one key signs the same header again and again
def _own_start(kid: str, issuer: str, subject: str, content_type: str) -> tuple[bytes, bytes]:
    """Return how the signed and the written bytes begin, each up to the payload."""
    protected = protected_header(kid=kid, issuer=issuer, subject=subject, content_type=content_type)
    head = cbor.head(2, len(protected)) + protected
    return _SIGNED_START + head + b"\x40", _PREFIX + head + b"\xa0"


@lru_cache(maxsize=1024)  # likewise; read-only, so that no reader can change another's
def _read_protected(raw: bytes) -> Mapping[int | str, Any]:
    header = cbor.decode(raw)
    if not isinstance(header, dict):
        raise Malformed("not_canonical", "the protected header is not a map")
    if CRIT in header:
        raise Malformed("not_canonical", "critical headers are refused")
    if type(header.get(ALG)) is not int or header[ALG] not in {ED25519, EDDSA}:
        raise Malformed("not_canonical", "the algorithm is not Ed25519")
    kid = header.get(KID)
    if not isinstance(kid, bytes) or not kid.isascii() or not _is_name(kid.decode()):
        raise Malformed("not_canonical", "kid is missing or no ASCII text")
    claims = header.get(CWT_CLAIMS)
    if not isinstance(claims, dict) or not all(_is_name(claims.get(c)) for c in (ISS, SUB)):
        raise Malformed("not_canonical", "iss or sub is missing")
    return MappingProxyType(header)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()
