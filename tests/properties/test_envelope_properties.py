"""Any flipped bit is noticed; what is read is what was written; nothing else escapes."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import cbor2
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical, commitments, ids, period
from schemas.commitments import Opening
from schemas.envelope import cbor, cose, fields
from schemas.envelope.entry import read_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement
from schemas.refusals import Malformed
from tests.vectors.making import load

LIMIT = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-LIMIT, LIMIT) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5)
)
# Keys beyond the basic plane and beside it: where code points and UTF-16 sort apart.
ASTRAL = st.text(st.sampled_from("a\ue000\uffff\U00010000\U0001f600"), max_size=3)
LABELS = st.integers(-70000, 70000) | TEXT
CBOR = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | TEXT | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LABELS, inner, max_size=4),
)
STATEMENT = load("statements.json")["accepted"][0]
ENTRY = load("entries.json")["accepted"][0]


@given(VALUES)
def test_canonical_form_reads_back_and_is_that_of_the_library(value: Any) -> None:
    raw = canonical.encode(value)
    assert canonical.parse(raw) == value
    assert raw == rfc8785.dumps(value)


@given(st.dictionaries(ASTRAL, st.booleans()))
def test_keys_sort_by_utf16_units(value: Any) -> None:
    raw = canonical.encode(value)
    assert raw == rfc8785.dumps(value)
    found = list(json.loads(raw))
    assert found == sorted(value, key=lambda key: key.encode("utf-16-be"))


@given(st.binary(max_size=40))
def test_any_bytes_are_canonical_or_malformed(raw: bytes) -> None:
    try:
        value = canonical.parse(raw)
    except Malformed:
        return
    assert canonical.encode(value) == raw


@given(VALUES)
def test_a_looser_spelling_is_refused(value: Any) -> None:
    raw = json.dumps(value).encode()  # blanks after commas, escapes beyond ASCII
    if raw != canonical.encode(value):
        with pytest.raises(Malformed):
            canonical.parse(raw)


@given(st.binary(max_size=60))
def test_base64url_has_one_form(raw: bytes) -> None:
    text = canonical.b64u(raw)
    assert canonical.unb64u(text) == raw
    for other in {text + "=", text + "A", " " + text, text[:-1]} - {text}:
        try:
            found = canonical.unb64u(other)
        except Malformed:
            continue
        assert canonical.b64u(found) == other
        assert found != raw


@given(CBOR)
def test_cbor_is_read_by_a_second_library(value: Any) -> None:
    raw = cbor.encode(value)
    assert cbor.decode(raw) == value
    assert cbor2.loads(raw) == value


@given(st.dictionaries(LABELS, st.integers(0, 3)))
def test_cbor_maps_are_in_bytewise_order(value: Any) -> None:
    raw = cbor.encode(value)
    keys = [cbor.encode(key) for key in cbor.decode(raw)]
    assert keys == sorted(keys)


@given(st.binary(max_size=60))
def test_any_bytes_are_strict_cbor_or_malformed(raw: bytes) -> None:
    """What is accepted is what a lenient library writes again in the same order."""
    try:
        value = cbor.decode(raw)
    except Malformed:
        return
    if not has_tag(value):
        assert cbor2.dumps(value) == raw


def has_tag(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, cbor.Tagged) or any(map(has_tag, inner))


@given(st.dictionaries(st.sampled_from([1, 2, 3, 4, 15, 99]), CBOR))
def test_any_header_is_read_or_malformed(header: dict[int, Any]) -> None:
    raw = cose.assemble(
        protected=cbor.encode(header), unprotected={}, payload=b"{}", signature=bytes(64)
    )
    with pytest.raises(Malformed) as caught:
        read_statement(raw)
    assert caught.value.code == "not_canonical"


def flipped(raw: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy: `raw` with one bit flipped."""
    return st.integers(0, len(raw) * 8 - 1).map(
        lambda at: raw[: at // 8] + bytes((raw[at // 8] ^ 1 << at % 8,)) + raw[at // 8 + 1 :]
    )


@given(flipped(bytes.fromhex(STATEMENT["raw"])))
def test_any_flipped_bit_of_a_statement_is_noticed(raw: bytes) -> None:
    public = bytes.fromhex(STATEMENT["public"])
    with pytest.raises(Malformed):
        read_statement(raw).verify(public)


@given(flipped(bytes.fromhex(ENTRY["raw"])))
def test_any_flipped_bit_of_an_entry_is_noticed(raw: bytes) -> None:
    public = bytes.fromhex(ENTRY["public"])
    with pytest.raises(Malformed):
        read_entry(raw).verify(public)


@given(st.binary(max_size=200))
def test_any_bytes_are_no_statement(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_statement(raw)
    with pytest.raises(Malformed):
        read_entry(b"\xd2\x84" + raw)


@given(VALUES, st.binary(min_size=16, max_size=16), VALUES)
def test_commitments_open_with_their_value_alone(value: Any, salt: bytes, other: Any) -> None:
    made = commitments.commit(value, salt)
    commitments.open_commitment(made, Opening("", salt, value))
    if canonical.encode(other) != canonical.encode(value):
        with pytest.raises(Malformed):
            commitments.open_commitment(made, Opening("", salt, other))


@given(
    st.dictionaries(TEXT, st.tuples(VALUES, st.booleans()), max_size=5),
    st.binary(min_size=16, max_size=16),
)
def test_opened_puts_the_values_in_their_places(
    members: dict[str, tuple[Any, bool]], salt: bytes
) -> None:
    """Keys with slashes and tildes included: a pointer must find its way back."""
    data: dict[str, Any] = {"list": [{}]}
    whole: dict[str, Any] = {"list": [{}]}
    openings = []
    for key, (value, is_private) in members.items():
        where = data["list"][0]
        whole["list"][0][key] = value
        where[key] = commitments.commit(value, salt) if is_private else value
        if is_private:
            pointer = f"/list/0/{commitments.escape(key)}"
            openings.append(Opening(pointer, salt, value))
    assert set(commitments.find_commits(data)) == {one.pointer for one in openings}
    assert commitments.opened(data, openings) == whole
    assert commitments.opened(data, []) == data


@given(st.uuids(version=4), st.integers(0, 2**128 - 1))
def test_ids_pass_here_exactly_if_they_are_ids(some: UUID, number: int) -> None:
    """The pattern of `fields` says the same as `schemas.ids`."""
    seven = (number & ~(0xF << 76)) | 7 << 76
    seven = (seven & ~(3 << 62)) | 2 << 62
    check = fields.check_id("cmd")
    for value in (some.int, number, seven):
        text = "cmd_" + base32(value)
        assert passes(check, text) == passes(lambda one: ids.check_id(one, "cmd"), text)
    assert passes(check, "cmd_" + base32(seven))
    assert not passes(check, "evt_" + base32(seven))


def base32(number: int) -> str:
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(digits[number >> 5 * place & 31] for place in reversed(range(26)))


def passes(check: Callable[[Any], object], value: Any) -> bool:
    try:
        check(value)
    except Malformed:
        return False
    return True


@given(st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:00:60?(\.[0-9]{1,7})?[Z+]?\Z"))
def test_instants_pass_here_exactly_if_they_are_instants(text: str) -> None:
    assert passes(fields.check_instant, text) == passes(period.parse_instant, text)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50))
def test_keys_sign_and_verify(seed: bytes, message: bytes) -> None:
    key = SigningKey("k", seed)
    signature = key.sign(message)
    envelope = cose.sign1(message, key, issuer="i", subject="s")
    cose.read(envelope).verify(key.public)
    with pytest.raises(Malformed):
        cose.read(envelope).verify(key.public, payload=message)
    assert seed.hex() not in repr(key)
    assert len(signature) == 64
