"""Ed25519 keys (RFC 8032) through libsodium, which refuses what must be refused.

Of the two libraries at hand only libsodium refuses small-order public keys. Under the identity
point as public key one signature verifies *every* message, which would end non-repudiation;
so keys are checked when they are enrolled, and again by libsodium at each verification.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from nacl import bindings
from nacl.exceptions import BadSignatureError

from schemas.refusals import Malformed

PUBLIC_BYTES: Final = 32
"""Bytes of a public key (RFC 8032, section 5.1.5)."""

SIGNATURE_BYTES: Final = 64
"""Bytes of a signature (RFC 8032, section 5.1.6)."""

SEED_BYTES: Final = 32
"""Bytes of a private key's seed (RFC 8032, section 5.1.5)."""

_ORDER_8: Final = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)

SMALL_ORDER: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "01" + "00" * 31,  # the identity, y = 1
        "01" + "00" * 30 + "80",  # the same with the sign bit of x = 0 set: not canonical
        "ee" + "ff" * 30 + "7f",  # y = p + 1: not canonical
        "ee" + "ff" * 31,  # likewise, sign bit set
        "ec" + "ff" * 30 + "7f",  # order 2, y = -1
        "ec" + "ff" * 31,  # the same with the sign bit of x = 0 set: not canonical
        "00" * 32,  # order 4, y = 0
        "00" * 31 + "80",  # order 4, the other x
        "ed" + "ff" * 30 + "7f",  # y = p: not canonical
        "ed" + "ff" * 31,  # likewise, the other x
        *_ORDER_8,
    )
)
"""All encodings of the eight points whose order divides eight, canonical or not."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name. `kid` is the id under which the public key is enrolled."""

    kid: str
    seed: bytes = field(repr=False)
    public: bytes = field(init=False)
    _secret: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the public key; a seed of another length is a mistake of the caller."""
        public, secret = bindings.crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "public", public)
        object.__setattr__(self, "_secret", secret)

    @classmethod
    def generate(cls, kid: str) -> "SigningKey":
        """Return a fresh key. For callers at the edge; nothing pure may ask for it."""
        return cls(kid, secrets.token_bytes(SEED_BYTES))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over `message`."""
        return bindings.crypto_sign(message, self._secret)[:SIGNATURE_BYTES]


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Raise `Malformed("signature_invalid")` unless `signature` is `public`'s over `message`.

    libsodium checks RFC 8032 strictly: canonical S, canonical key and no key of small order.
    """
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        raise Malformed("signature_invalid", "key or signature has a wrong length")
    try:
        bindings.crypto_sign_open(signature + message, public)
    except BadSignatureError as error:
        raise Malformed("signature_invalid", "the signature does not verify") from error


class Signed(NamedTuple):
    """What is to be verified: bytes, the signature that should be over them, and by which key."""

    public: bytes
    signature: bytes
    message: bytes

    def verify(self) -> None:
        """Raise `Malformed("signature_invalid")` unless it is."""
        verify(*self)


def check_public_key(public: bytes) -> None:
    """Raise `Malformed("key_weak")` unless `public` may be enrolled.

    It must be 32 bytes, a canonical encoding of a point on the curve, in the prime-order group.
    """
    if len(public) != PUBLIC_BYTES:
        raise Malformed("key_weak", f"a public key has {PUBLIC_BYTES} bytes [{len(public)}]")
    if public in SMALL_ORDER:
        raise Malformed("key_weak", "a point of small order: any message would verify")
    if not bindings.crypto_core_ed25519_is_valid_point(public):
        raise Malformed("key_weak", "not a canonical point of the prime-order group")
