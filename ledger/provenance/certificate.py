"""The certificate that signed a claim, out of the claim's COSE signature.

The library tells subject and serial number; the ledger knows workers by the hash of the whole
certificate, so we look into the signature that the library has verified.

Source: C2PA 2.4, section 13.2 (`x5chain`); RFC 9360, section 2; RFC 9052, section 4.2 (COSE_Sign1).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import cbor2
from cryptography import x509

_X5CHAIN: Final = (33, "x5chain")  # the label of RFC 9360, and the name of C2PA 1.x


class CertificateError(ValueError):
    """The signature holds no certificate that can be read."""


def leaf_certificate(signature: bytes) -> x509.Certificate:
    """Return the first certificate of a COSE_Sign1's chain; raises `CertificateError`."""
    try:
        message = cbor2.loads(signature)
        parts = message.value if isinstance(message, cbor2.CBORTag) else message
        protected, unprotected = cbor2.loads(parts[0]), parts[1]
        chain = _chain(protected) or _chain(unprotected)
        return x509.load_der_x509_certificate(chain[0])
    except (cbor2.CBORDecodeError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise CertificateError(f"not a COSE signature with a certificate [{error}]") from error


def _chain(header: Any) -> Sequence[bytes]:
    """Return the certificates (DER) that a header carries: one alone is no list (RFC 9360).

    Inside a tag the decoder gives tuples and frozen maps instead of lists and dicts.
    """
    for label in _X5CHAIN:
        found = header.get(label) if isinstance(header, Mapping) else None
        if isinstance(found, bytes):
            return (found,)
        if isinstance(found, list | tuple) and all(isinstance(item, bytes) for item in found):
            return found
    return ()
