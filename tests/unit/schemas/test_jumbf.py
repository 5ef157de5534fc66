"""Boxes that lie about themselves raise one error; nothing else comes out."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.jumbf import BOXES_MAX, JumbfError, ManifestBoxes, active_manifest


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def superbox(label: str, *inside: bytes) -> bytes:
    description = box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0")
    return box(b"jumb", description + b"".join(inside))


def manifest(urn: str = "urn:c2pa:x", claim: str = "c2pa.claim.v2") -> bytes:
    return superbox(
        urn,
        superbox(claim, box(b"cbor", b"claim of " + urn.encode())),
        superbox("c2pa.signature", box(b"cbor", b"signature")),
    )


STORE = superbox("c2pa", manifest("urn:c2pa:first"), manifest("urn:c2pa:last"))


def test_the_last_manifest_is_the_active_one() -> None:
    found = ManifestBoxes("urn:c2pa:last", b"claim of urn:c2pa:last", b"signature")
    assert active_manifest(STORE) == found


def test_a_claim_of_the_first_version_is_found() -> None:
    store = superbox("c2pa", manifest(claim="c2pa.claim"))
    assert active_manifest(store).claim == b"claim of urn:c2pa:x"


def test_a_long_box_has_its_length_in_eight_bytes() -> None:
    store = struct.pack(">I4sQ", 1, b"jumb", len(STORE) + 8) + STORE[8:]
    assert active_manifest(store) == active_manifest(STORE)


def test_a_box_of_length_zero_reaches_to_the_end() -> None:
    assert active_manifest(b"\0\0\0\0" + STORE[4:]) == active_manifest(STORE)


@pytest.mark.parametrize(
    "store",
    [
        b"",
        b"\0\0\0",
        STORE[:-1],
        STORE + b"\0",
        STORE + STORE,
        superbox("other", manifest()),
        superbox("c2pa"),
        superbox("c2pa", superbox("urn:c2pa:x")),
        superbox("c2pa", superbox("urn:c2pa:x", superbox("c2pa.signature", box(b"cbor", b"")))),
        superbox("c2pa", superbox("urn:c2pa:x", superbox("c2pa.claim.v2", box(b"json", b"")))),
        box(b"jumb", box(b"jumd", bytes(17))),
        box(b"jumb", box(b"jumd", bytes(16) + b"\x03never ends")),
        box(b"jumb", box(b"jumd", bytes(16) + b"\x03\xff\0")),
        struct.pack(">I4s", 4, b"jumb"),
        struct.pack(">I4sQ", 1, b"jumb", 2**63),
        superbox("c2pa", *[box(b"free", b"")] * BOXES_MAX),
    ],
)
def test_what_is_no_whole_store_is_refused(store: bytes) -> None:
    with pytest.raises(JumbfError):
        active_manifest(store)


@given(st.binary(max_size=200), st.integers(0, len(STORE)), st.integers(0, len(STORE)))
def test_no_bytes_do_more_than_raise(noise: bytes, start: int, end: int) -> None:
    with contextlib.suppress(JumbfError):
        active_manifest(STORE[:start] + noise + STORE[end:])
