"""COSE_Sign1 (RFC 9052, section 4.2) with Ed25519 and CWT claims (RFC 9597), read strictly.

`write` makes the one form that we emit. `read` takes what others write too (any map order, alg -8
beside -19), keeps the received bytes and never encodes them anew: the signature is over what
came. What it refuses: another tag than 18, missing `kid`, `iss` or `sub`, a label twice, `crit`,
anything in the unprotected header that the caller did not allow.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

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


class _Header(NamedTuple):
    """A protected header, read. `is_own`: it has the labels and claims that we write, no others."""

    labels: Mapping[int | str, Any]
    kid: str
    issuer: str
    subject: str
    is_own: bool


class Sign1(NamedTuple):
    """A COSE_Sign1 as it came. `payload` is None where it is detached; headers are read-only.

    A tuple with names, as more that every statement makes: a third of what a frozen dataclass is.
    """

    raw: bytes
    protected_raw: bytes
    header: _Header
    unprotected: Mapping[int | str, Any]
    payload: bytes | None
    signature: bytes

    @property
    def protected(self) -> Mapping[int | str, Any]:
        """The protected header."""
        return self.header.labels

    @property
    def kid(self) -> str:
        """The key identifier as text."""
        return self.header.kid

    @property
    def issuer(self) -> str:
        """Claim `iss`."""
        return self.header.issuer

    @property
    def subject(self) -> str:
        """Claim `sub`."""
        return self.header.subject

    def signed_by(self, public: bytes, *, payload: bytes | None = None) -> keys.Signed:
        """Return what must verify if `public` signed this.

        `payload` must be given if, and only if, it is detached here: else `Malformed`.
        """
        if (self.payload is None) == (payload is None):
            raise Malformed("signature_invalid", "the payload is given twice or not at all")
        signed = self.payload if payload is None else payload
        assert signed is not None
        return keys.Signed(public, self.signature, to_be_signed(self.protected_raw, signed))

    def verify(self, public: bytes, *, payload: bytes | None = None) -> None:
        """Raise `Malformed("signature_invalid")` unless `public` signed this; see `signed_by`."""
        self.signed_by(public, payload=payload).verify()


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
    header = _read_protected(protected_raw)
    if header.labels.get(CONTENT_TYPE) != content_type:
        raise Malformed("not_canonical", f"content type is not {content_type}")
    return Sign1(raw, protected_raw, header, MappingProxyType(loose), payload, signature)


def read_own(raw: bytes) -> tuple[Sign1, bytes]:
    """Return envelope and payload of a statement or entry: the profile of contracts.md, section 1.

    Exactly the protected labels and claims that we write, because one that we do not understand
    might say something; nothing unprotected; the payload inside.
    """
    plain = _plain_parts(raw)
    if plain is not None and (header := _read_protected(plain[0])).is_own:
        protected_raw, _, payload, signature = plain
        return Sign1(raw, protected_raw, header, _NONE, payload, signature), payload
    envelope = read(raw)
    if not envelope.header.is_own:
        raise Malformed("not_canonical", "protected headers beyond the profile")
    if envelope.payload is None:
        raise Malformed("not_canonical", "the payload is not inside")
    return envelope, envelope.payload


def read_own_payload(raw: bytes) -> bytes:
    """Return the payload alone. Raises what `read_own` raises."""
    plain = _plain_parts(raw)
    return plain[2] if plain and _read_protected(plain[0]).is_own else read_own(raw)[1]


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


def _plain_parts(raw: bytes) -> tuple[bytes, dict[int | str, Any], bytes, bytes] | None:
    """Return the four parts where the form is the one that we emit, else None: then read it all.

    That form is fixed but for two lengths, each written as short as can be: tag, array, protected
    header of 24 to 255 bytes, an empty map, a payload of 24 bytes or more, a signature of 64.
    """
    if len(raw) < _PLAIN_BYTES_MIN or raw[:3] != _PLAIN_START or raw[3] < _LENGTH_OF_ONE_BYTE:
        return None
    end = _PROTECTED_AT + raw[3]
    width, shortest = _LENGTHS.get(raw[end : end + 2], (0, 1))
    at = end + 2 + width
    length = int.from_bytes(raw[end + 2 : at], "big")
    split = at + length
    if length < shortest or raw[split : -keys.SIGNATURE_BYTES] != _SIGNATURE_HEAD:
        return None
    return raw[_PROTECTED_AT:end], {}, raw[at:split], raw[split + 2 :]


_PLAIN_START: Final = _PREFIX + b"\x58"  # a protected header of 24 to 255 bytes
_PROTECTED_AT: Final = 4
_PLAIN_BYTES_MIN: Final = 96  # the four parts at their shortest
_LENGTH_OF_ONE_BYTE: Final = 24  # below, a length sits in the head itself (RFC 8949, section 3)
_NONE: Final[Mapping[int | str, Any]] = MappingProxyType({})
# of a payload's length: its bytes, and the least that is not written shorter
_LENGTHS: Final = {b"\xa0\x58": (1, 24), b"\xa0\x59": (2, 1 << 8), b"\xa0\x5a": (4, 1 << 16)}
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
def _read_protected(raw: bytes) -> _Header:
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
    is_own = set(header) == _OWN_LABELS and set(claims) == _OWN_CLAIMS
    is_own = is_own and header[CONTENT_TYPE] == JSON
    return _Header(MappingProxyType(header), kid.decode(), claims[ISS], claims[SUB], is_own)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()
