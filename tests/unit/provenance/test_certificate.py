"""A signature's certificate, wherever the standard lets it lie, and nothing worse than an error."""

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from ledger.provenance.certificate import CertificateError, leaf_certificate
from service.authority import issue_worker, make_authority
from service.credentials import load_chain

AT = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder: Path = tmp_path_factory.mktemp("authority") / "c2pa"
    make_authority(folder, name="Test Ledger", at=AT)
    certificates = load_chain(issue_worker(folder, worker="mosaic-1", at=AT).chain)
    return [one.public_bytes(serialization.Encoding.DER) for one in certificates]


def message(protected: Any, unprotected: Any, *, tagged: bool = True) -> bytes:
    parts = [cbor2.dumps(protected), unprotected, None, bytes(64)]
    return cbor2.dumps(cbor2.CBORTag(18, parts) if tagged else parts)


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("label", [33, "x5chain"])
def test_the_leaf_is_the_first(chain: list[bytes], label: object, tagged: bool) -> None:  # noqa: FBT001  # a parameter of the test
    for raw in (
        message({1: -7, label: chain}, {}, tagged=tagged),
        message({1: -7}, {label: chain}, tagged=tagged),
        message({1: -7, label: chain[0]}, {}, tagged=tagged),
    ):
        found = leaf_certificate(raw)
        assert found.public_bytes(serialization.Encoding.DER) == chain[0]


def test_what_is_signed_goes_before_what_is_not(chain: list[bytes]) -> None:
    found = leaf_certificate(message({33: chain}, {33: chain[1:]}))
    assert found.public_bytes(serialization.Encoding.DER) == chain[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        cbor2.dumps(7),
        cbor2.dumps({}),
        cbor2.dumps([]),
        cbor2.dumps([1, 2, 3, 4]),
        message({}, {}),
        message([], []),
        message({33: []}, {}),
        message({33: [7]}, {}),
        message({33: [b"not DER"]}, {}),
        message({33: "text"}, {}),
        b"\x81" * 10_000,
    ],
)
def test_a_signature_without_a_certificate(raw: bytes) -> None:
    with pytest.raises(CertificateError):
        leaf_certificate(raw)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_raise(raw: bytes) -> None:
    with contextlib.suppress(CertificateError):
        leaf_certificate(raw)
