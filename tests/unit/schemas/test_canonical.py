"""What the vectors cannot carry: values that are no JSON, and limits."""

from enum import StrEnum
from typing import Any

import msgspec
import pytest

from schemas import canonical
from schemas.money import Money
from schemas.refusals import Malformed


class Color(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        {"a": [0.5]},
        b"bytes",
        {1: "a number as key"},
        {None: 1},
        {True: 1},
        (1, 2),
        {"a", "b"},
        object(),
        Color.RED,
        {Color.RED: 1},
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        {"a": "\udfff", "\U0001f600": 1},
    ],
    ids=repr,
)
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(Malformed, match="not_canonical"):
        canonical.encode(value)


def test_a_value_that_holds_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(Malformed, match="nested deeper"):
        canonical.encode(value)


def test_depth_is_counted_the_same_both_ways() -> None:
    raw = b"[" * canonical.DEPTH_MAX + b"]" * canonical.DEPTH_MAX
    assert canonical.encode(canonical.parse(raw)) == raw


@pytest.mark.parametrize("beside", [[], ["[]"], ["{}", "["], [[], {}], ["]", {"[]": 1}]], ids=repr)
def test_nothing_beside_it_hides_a_level(beside: list[Any]) -> None:
    deepest: Any = [] if beside else {}
    for _ in range(canonical.DEPTH_MAX - 2):
        deepest = [*beside, deepest, *beside]
    raw = canonical.encode([deepest])
    assert canonical.parse(raw) == [deepest]
    with pytest.raises(Malformed, match="nested deeper"):
        canonical.encode([[[deepest]]])
    with pytest.raises(Malformed, match="nested deeper"):
        canonical.parse(b"[[" + raw + b"]]")


def test_the_size_limit() -> None:
    raw = b'"' + b"x" * 98 + b'"'
    assert canonical.parse(raw, bytes_max=100) == "x" * 98
    with pytest.raises(Malformed, match="longer than 99 bytes"):
        canonical.parse(raw, bytes_max=99)
    with pytest.raises(Malformed, match="longer than"):
        canonical.parse(b" " * (canonical.BYTES_MAX + 1))


def test_what_was_parsed_is_plain() -> None:
    value = canonical.parse(b'{"a":[1,"x",true,null,{}]}')
    assert value == {"a": [1, "x", True, None, {}]}
    assert type(value["a"][0]) is int


@pytest.mark.parametrize(
    "raw", [b"%d", b"[%d]", b"[0,%d]", b'{"a":%d}', b'{"a":[{"b":1},%d]}'], ids=bytes.decode
)
def test_a_number_is_bounded_wherever_it_stands(raw: bytes) -> None:
    for number in (canonical.INTEGER_MAX, -canonical.INTEGER_MAX):
        assert canonical.encode(canonical.parse(raw % number)) == raw % number
    for number in (2**53, -(2**53), 10**40):
        with pytest.raises(Malformed, match="not_canonical"):
            canonical.parse(raw % number)


def test_digits_in_text_are_no_number() -> None:
    raw = b'{"9":["99999999999999999999",":99999999999999999999"]}'
    assert canonical.encode(canonical.parse(raw)) == raw


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q!", "+w", "/w", "Qé", "\ud800", "QUI\n"])
def test_what_is_not_base64url(text: str) -> None:
    with pytest.raises(Malformed, match="not base64url"):
        canonical.unb64u(text)


def test_base64url() -> None:
    for raw in (b"", b"A", b"AB", b"ABC", bytes(range(256))):
        assert canonical.unb64u(canonical.b64u(raw)) == raw
    assert canonical.b64u(b"\xfb\xff") == "-_8"


def test_what_is_json_by_its_making_is_written_as_everything_is() -> None:
    """Answers: does a typed value, or bytes inside, give other bytes than what they stand for?"""
    money, far = Money(amount="1.50", currency="EUR"), "\U0001d11e"
    made = {"b": (1, money), "z": far, "a": msgspec.Raw(b'{"x":[null]}')}
    same = {"b": [1, {"amount": "1.50", "currency": "EUR"}], "z": far, "a": {"x": [None]}}
    assert canonical.encode_json(made) == canonical.encode(same)
    assert canonical.encode_json(made | {"z": ""}) == canonical.encode(same | {"z": ""})


def test_what_cannot_be_written_is_refused_also_where_it_is_json_by_its_making() -> None:
    """Answers: is a text without a UTF-8 form signed as something else?"""
    with pytest.raises(Malformed) as refused:
        canonical.encode_json({"a": "\ud800"})
    assert refused.value.code == "not_canonical"
