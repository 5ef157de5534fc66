"""Reading straight from bytes is reading: what it takes, refuses and says is the slow way's.

Right specimens of every event and command, specimens with something wrong inside, and bytes with
something wrong about the writing. The slow way is `canonical.parse`, then pydantic.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import canonical
from schemas.model import Wire
from schemas.readers import UnusualError, reader_of
from schemas.refusals import Malformed
from schemas.registry import COMMANDS, EVENTS
from tests.kit.specimens import specimens, spoiled

CLASSES = sorted({*EVENTS.values(), *COMMANDS.values()}, key=lambda cls: cls.__name__)

BAD_HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

relaxed = settings(max_examples=12, deadline=None, suppress_health_check=BAD_HEALTH)


def slow(cls: type[Wire], raw: bytes, *, recorded: bool) -> Any:
    """Return the value, or what is wrong: by the definition."""
    try:
        return cls.read(canonical.parse(raw), recorded=recorded)
    except Malformed as error:
        return (error.code, error.message, error.pointer)


def fast(cls: type[Wire], raw: bytes, *, recorded: bool) -> Any:
    """Return the same, read straight from bytes."""
    try:
        return cls.read_bytes(raw, recorded=recorded)
    except Malformed as error:
        return (error.code, error.message, error.pointer)


def check_same(cls: type[Wire], raw: bytes, *, recorded: bool) -> None:
    """Compare the two ways, also in what the value says of itself and how it is written."""
    due, found = slow(cls, raw, recorded=recorded), fast(cls, raw, recorded=recorded)
    assert found == due
    if isinstance(due, Wire):
        assert repr(found) == repr(due)
        assert found.data() == due.data()
        assert canonical.encode_json(found) == canonical.encode(due.data())
        assert list(found.__dict__) == list(due.__dict__)
        assert found.model_fields_set == due.model_fields_set


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@relaxed
@given(data=st.data())
def test_what_is_right_is_read_alike(cls: type[Wire], data: st.DataObject) -> None:
    """Answers: is a value that was read at one look the value that pydantic makes?"""
    raw = canonical.encode(data.draw(specimens(cls)))
    check_same(cls, raw, recorded=True)
    check_same(cls, raw, recorded=False)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@relaxed
@given(data=st.data())
def test_what_is_wrong_is_refused_alike(cls: type[Wire], data: st.DataObject) -> None:
    """Answers: does the short way take anything that the long way refuses?"""
    value = data.draw(spoiled(specimens(cls)))
    try:
        raw = canonical.encode(value)
    except Malformed:  # a float, say: written as others would write it
        raw = repr(value).replace("'", '"').encode(errors="surrogatepass")
    check_same(cls, raw, recorded=True)
    check_same(cls, raw, recorded=False)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@relaxed
@given(data=st.data(), byte=st.sampled_from(b' \n0-9"\\{}[],:.eE\xef\xbf\x00\xed'))
def test_other_bytes_are_refused_alike(cls: type[Wire], data: st.DataObject, byte: int) -> None:
    """Answers: is there a second way to write a value that the short way would take?"""
    raw = bytearray(canonical.encode(data.draw(specimens(cls))))
    at = data.draw(st.integers(0, len(raw) - 1))
    match data.draw(st.sampled_from(["changed", "inserted", "cut", "doubled"])):
        case "changed":
            raw[at] = byte
        case "inserted":
            raw.insert(at, byte)
        case "cut":
            del raw[at]
        case _:
            raw[at:at] = raw[max(0, at - 9) : at]
    check_same(cls, bytes(raw), recorded=True)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@relaxed
@given(data=st.data())
def test_what_is_right_takes_the_short_way(cls: type[Wire], data: st.DataObject) -> None:
    """Answers: is the short way taken at all, for every event that a ledger writes?"""
    reader = reader_of(cls, recorded=True)
    value = cls.read(data.draw(specimens(cls)), recorded=True)
    raw = canonical.encode(value.data())
    try:
        assert reader is not None
        assert reader.read(raw) == value
    except UnusualError as error:
        pytest.fail(f"{cls.__name__} takes the long way: {error.__cause__} {raw.decode()}")


OPENED = [(cls, name) for cls in EVENTS.values() for name in cls.COMMITTED]
COMMITMENT = {"commit": "A" * 43}


@pytest.mark.parametrize(("cls", "name"), OPENED)
@relaxed
@given(data=st.data())
def test_what_is_opened_is_read_alike(cls: type[Wire], name: str, data: st.DataObject) -> None:
    """Answers: is a value in place of its commitment taken and refused as pydantic does?"""
    held = data.draw(specimens(cls))
    party = held[name] if isinstance(held[name], str) else "pty_" + "0" * 26
    others: list[Any] = [COMMITMENT, None, 7, [], {}, {"commit": "short"}, ""]
    others += [party + "\n", party.upper()]
    value = data.draw(st.sampled_from([party, party[:-1], f" {party}", *others]))
    raw = canonical.encode({**held, name: COMMITMENT})
    due: Any
    try:
        due = cls.read({**held, name: value}, recorded=True)
    except Malformed as error:
        due = (error.code, error.message, error.pointer)
    found: Any
    try:
        found = cls.read_bytes(raw, recorded=True, opened={name: value})
    except Malformed as error:
        found = (error.code, error.message, error.pointer)
    assert found == due
    assert repr(found) == repr(due)
