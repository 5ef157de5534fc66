"""The local authority and the check of any certificates, production's included."""

import dataclasses
import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from service.authority import AuthorityError, issue_worker, make_authority, worker_credentials
from service.credentials import (
    CLAIM_SIGNING,
    ClaimCredentials,
    CredentialsError,
    check_credentials,
    load_chain,
)

AT = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    folder = tmp_path / "state" / "c2pa"
    make_authority(folder, name="Test Ledger", at=AT)
    return folder


@pytest.fixture
def credentials(authority: Path) -> ClaimCredentials:
    return issue_worker(authority, worker="mosaic-1", at=AT)


def test_a_worker_gets_a_certificate_of_the_profile(credentials: ClaimCredentials) -> None:
    check_credentials(credentials, at=AT)
    leaf, intermediate = load_chain(credentials.chain)
    (root,) = load_chain(credentials.anchors)
    intermediate.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert CLAIM_SIGNING in usage
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).critical
    assert leaf.version is x509.Version.v3
    limits = intermediate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


def test_keys_are_readable_by_their_owner_alone(
    authority: Path, credentials: ClaimCredentials
) -> None:
    for key in [*authority.glob("*-key.pem"), credentials.key]:
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.stat().st_mode) == 0o700


def test_no_draft_is_left_behind(authority: Path, credentials: ClaimCredentials) -> None:
    assert not list(authority.parent.rglob("*.part"))
    assert credentials == worker_credentials(authority, worker="mosaic-1")


def test_an_authority_is_never_replaced(authority: Path) -> None:
    before = (authority / "root.pem").read_bytes()
    with pytest.raises(AuthorityError, match="not replaced"):
        make_authority(authority, name="Another", at=AT)
    assert (authority / "root.pem").read_bytes() == before


def test_a_worker_is_certified_once(authority: Path, credentials: ClaimCredentials) -> None:
    with pytest.raises(AuthorityError, match="already"):
        issue_worker(authority, worker="mosaic-1", at=AT)
    other = issue_worker(authority, worker="mosaic-2", at=AT)
    assert other.fingerprint() != credentials.fingerprint()


@pytest.mark.parametrize("worker", ["", "..", "a/b", "A", "-a", "a b", "x" * 65, "ä"])
def test_a_workers_name_is_a_plain_word(authority: Path, worker: str) -> None:
    with pytest.raises(AuthorityError, match="name"):
        issue_worker(authority, worker=worker, at=AT)


def test_without_an_authority_no_worker(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError):
        issue_worker(tmp_path, worker="mosaic-1", at=AT)


def test_certificates_that_are_not_valid_now_are_refused(credentials: ClaimCredentials) -> None:
    for at in (AT - dt.timedelta(days=1), AT + dt.timedelta(days=365 * 11)):
        with pytest.raises(CredentialsError, match="valid from"):
            check_credentials(credentials, at=at)


def test_another_key_is_refused(authority: Path, credentials: ClaimCredentials) -> None:
    other = issue_worker(authority, worker="mosaic-2", at=AT)
    with pytest.raises(CredentialsError, match="not the first certificate"):
        check_credentials(dataclasses.replace(credentials, key=other.key), at=AT)


def test_a_chain_without_its_intermediate_is_refused(credentials: ClaimCredentials) -> None:
    leaf = load_chain(credentials.chain)[0]
    credentials.chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(CredentialsError, match="issuer"):
        check_credentials(credentials, at=AT)


def test_anchors_of_another_authority_are_refused(
    tmp_path: Path, credentials: ClaimCredentials
) -> None:
    make_authority(tmp_path / "other", name="Test Ledger", at=AT)
    other = dataclasses.replace(credentials, anchors=tmp_path / "other" / "root.pem")
    with pytest.raises(CredentialsError, match="issuer"):
        check_credentials(other, at=AT)


def test_a_chain_may_end_with_its_anchor(credentials: ClaimCredentials) -> None:
    whole = credentials.chain.read_bytes() + credentials.anchors.read_bytes()
    credentials.chain.write_bytes(whole)
    check_credentials(credentials, at=AT)


def test_an_authority_is_no_signer(authority: Path, credentials: ClaimCredentials) -> None:
    own = ClaimCredentials(
        credentials.anchors, authority / "intermediate.pem", authority / "intermediate-key.pem"
    )
    with pytest.raises(CredentialsError):
        check_credentials(own, at=AT)


@pytest.mark.parametrize("broken", [b"", b"no PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_files_that_are_no_certificates_are_named(
    credentials: ClaimCredentials, broken: bytes
) -> None:
    credentials.chain.write_bytes(broken)
    with pytest.raises(CredentialsError, match=r"chain\.pem"):
        check_credentials(credentials, at=AT)
    with pytest.raises(CredentialsError):
        credentials.fingerprint()


def test_a_key_that_needs_a_password_is_named(credentials: ClaimCredentials) -> None:
    locked = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    credentials.key.write_bytes(locked)
    with pytest.raises(CredentialsError, match=r"key\.pem"):
        check_credentials(credentials, at=AT)
