"""A worker's claim-signing certificates: where they lie, and whether they are fit for use.

Production names three paths in its settings; `service.authority` makes the same three for a local
installation. Profile: C2PA 2.4, section 14.5 (certificate profiles).
"""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

CLAIM_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
"""Extended key usage c2pa-kp-claimSigning (C2PA 2.4, section 14.5.1)."""


class CredentialsError(Exception):
    """The certificates cannot be used as they are; the text says what is wrong with which file."""


@dataclass(frozen=True)
class ClaimCredentials:
    """Three paths that belong together.

    `anchors` is the PEM of the roots that readers trust, `chain` the PEM of the leaf followed by
    its intermediates (without them nobody can build the chain), `key` the leaf's PKCS #8 PEM.
    """

    anchors: Path
    chain: Path
    key: Path

    def fingerprint(self) -> str:
        """Return the SHA-256 of the leaf's DER in lowercase hex: how the ledger knows the signer.

        Raises `CredentialsError` if the chain cannot be read.
        """
        return load_chain(self.chain)[0].fingerprint(hashes.SHA256()).hex()


def check_credentials(credentials: ClaimCredentials, *, at: dt.datetime) -> None:
    """Refuse certificates that would make files nobody trusts, before the first is signed.

    Raises `CredentialsError`. Not checked: whether a reader elsewhere trusts these anchors.
    """
    chain = load_chain(credentials.chain)
    # (1) The key is the leaf's.
    if load_key(credentials.key).public_key() != chain[0].public_key():
        raise CredentialsError(f"the key is not the first certificate's [{credentials.key}]")
    # (2) The leaf fits the profile.
    _check_leaf(chain[0], credentials.chain)
    # (3) Every certificate is valid now. A worker that signs with an expired one fails each time.
    for certificate in chain:
        if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
            raise CredentialsError(
                f"{certificate.subject.rfc4514_string()} is valid from "
                f"{certificate.not_valid_before_utc:%Y-%m-%d} until "
                f"{certificate.not_valid_after_utc:%Y-%m-%d} [{credentials.chain}]"
            )
    # (4) Each was issued by the next, and the last by an anchor (or it is one).
    for child, parent in pairwise(chain):
        _check_issued(child, (parent,))
    anchors = load_chain(credentials.anchors)
    if chain[-1] not in anchors:
        _check_issued(chain[-1], anchors)


def load_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """Read the certificates of a PEM file, at least one, or raise `CredentialsError`."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise CredentialsError(f"no certificate can be read [{path}: {error}]") from error


def load_key(path: Path) -> PrivateKeyTypes:
    """Read an unencrypted private key in PEM, or raise `CredentialsError`."""
    try:
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise CredentialsError(f"no private key can be read [{path}: {error}]") from error


def _check_leaf(leaf: x509.Certificate, path: Path) -> None:
    try:
        constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise CredentialsError(f"the profile asks for more: {error} [{path}]") from error
    if constraints.ca or not usage.digital_signature or usage.key_cert_sign:
        raise CredentialsError(f"the first certificate is an authority, not a signer [{path}]")
    if CLAIM_SIGNING not in purposes and ExtendedKeyUsageOID.EMAIL_PROTECTION not in purposes:
        raise CredentialsError(f"neither for claim signing nor for email protection [{path}]")


def _check_issued(child: x509.Certificate, parents: tuple[x509.Certificate, ...]) -> None:
    """Raise unless one of `parents` issued `child`."""
    for parent in parents:
        try:
            child.verify_directly_issued_by(parent)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return
    raise CredentialsError(f"its issuer is not there: {child.subject.rfc4514_string()}")
