"""A local certificate authority for C2PA claim signatures: root, intermediate, one leaf a worker.

`init` makes it, so that the first generation on a fresh machine carries a signature that this
ledger trusts. Nobody else does: a streaming service trusts it by naming our root, and a public
trust list wants certificates of its own, which are a setting (`service.credentials`).

Profile: C2PA 2.4, section 14.5 (certificate profiles): X.509 v3, leaf not an authority, key usage
digitalSignature, extended key usage emailProtection and claimSigning, authority key identifier.
"""

import datetime as dt
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from schemas import drafts
from service.credentials import (
    CLAIM_SIGNING,
    ClaimCredentials,
    CredentialsError,
    load_chain,
    load_key,
)

ROOT_DAYS: Final = 20 * 365
INTERMEDIATE_DAYS: Final = 15 * 365
LEAF_DAYS: Final = 10 * 365
"""Long, because without a trusted timestamp a file turns invalid with its certificate."""

_BACKDATED: Final = dt.timedelta(minutes=5)  # a reader's clock may be behind ours
_WORKER: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class AuthorityError(CredentialsError):
    """The authority is not made: something is there already, or a name is unfit."""


def make_authority(folder: Path, *, name: str, at: dt.datetime) -> None:
    """Make root and intermediate in `folder`, which must not exist yet.

    `name` is the organization in every certificate. Writes `root.pem`, `root-key.pem` (move it off
    the machine: it is needed only to replace the intermediate), `intermediate.pem` and
    `intermediate-key.pem`. Raises `AuthorityError` if the folder exists: a second root would make
    a stranger of every file signed so far.
    """
    if folder.exists():
        raise AuthorityError(f"there is an authority already; it is not replaced [{folder}]")
    root_key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, "root")
    root = _sign(_draft(subject, root_key, at, ROOT_DAYS), root_key, subject, path_length=1)
    key = ec.generate_private_key(ec.SECP256R1())
    draft = _draft(_name(name, "claim signing"), key, at, INTERMEDIATE_DAYS)
    intermediate = _sign(draft, root_key, root.subject, path_length=0)
    _write_folder(
        folder,
        {
            "root.pem": _pem(root),
            "root-key.pem": _key_pem(root_key),
            "intermediate.pem": _pem(intermediate),
            "intermediate-key.pem": _key_pem(key),
        },
    )


def issue_worker(folder: Path, *, worker: str, at: dt.datetime) -> ClaimCredentials:
    """Issue a leaf for one worker from the authority in `folder`; it lies in `workers/<worker>/`.

    `worker` is a name of lowercase letters, digits, `-` and `_`. Raises `AuthorityError` if it has
    a certificate already (renewing takes a new name, so that old files keep naming the certificate
    that signed them), `CredentialsError` if the authority cannot be read.
    """
    if not _WORKER.fullmatch(worker):
        raise AuthorityError(f"a worker's name is made of a-z, 0-9, - and _ [{worker!r}]")
    credentials = worker_credentials(folder, worker=worker)
    if credentials.chain.parent.exists():
        raise AuthorityError(f"this worker has a certificate already [{worker}]")
    issuer = load_chain(folder / "intermediate.pem")[0]
    issuer_key = load_key(folder / "intermediate-key.pem")
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise CredentialsError(f"not a key of ours [{folder / 'intermediate-key.pem'}]")
    organization = issuer.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    key = ec.generate_private_key(ec.SECP256R1())  # ES256: every reader of C2PA knows it
    leaf = _draft(_name(str(organization), f"worker {worker}"), key, at, LEAF_DAYS)
    chain = _pem(_sign(leaf, issuer_key, issuer.subject)) + _pem(issuer)
    _write_folder(credentials.chain.parent, {"chain.pem": chain, "key.pem": _key_pem(key)})
    return credentials


def worker_credentials(folder: Path, *, worker: str) -> ClaimCredentials:
    """Return the paths of a worker's certificates, as `issue_worker` writes them."""
    home = folder / "workers" / worker
    return ClaimCredentials(folder / "root.pem", home / "chain.pem", home / "key.pem")


def _name(organization: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _draft(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, at: dt.datetime, days: int
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BACKDATED)
        .not_valid_after(at + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _sign(
    draft: x509.CertificateBuilder,
    signing_key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    *,
    path_length: int | None = None,
) -> x509.Certificate:
    """Finish a certificate: an authority if `path_length` is given, else a claim signer."""
    authority = path_length is not None
    if not authority:
        purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION, CLAIM_SIGNING]
        draft = draft.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        draft.issuer_name(issuer)
        .add_extension(key_id, critical=False)
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        .add_extension(usage, critical=True)
        .sign(signing_key, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),  # the file's mode protects it, as that of every key here
    )


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or none: into a draft beside `folder`, which is renamed at the end."""
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    draft.mkdir(mode=0o700, parents=True)
    try:
        for name, content in files.items():
            mode = 0o600 if name.endswith("key.pem") else 0o644
            descriptor = os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        # If we stop before this line there is no authority, only a draft that nobody reads.
        drafts.name_folder(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
