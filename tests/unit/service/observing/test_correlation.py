"""What belongs together: others' words are taken where they are well formed, and only there."""

from __future__ import annotations

import threading

import pytest

from schemas.observing import extract, inject
from service.observing.correlation import begin, carrying, current, inside, valid

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
"""The example of W3C Trace Context."""


def test_a_callers_trace_and_id_are_taken_on() -> None:
    found = begin(GIVEN, "order-17")
    assert (found.traceparent, found.request) == (GIVEN, "order-17")
    assert (found.trace, found.span) == tuple(GIVEN.split("-")[1:3])


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        GIVEN.replace("00f067aa0ba902b7", "0" * 16),
        GIVEN.upper(),
        GIVEN + "-more",
        "01" + GIVEN[2:],
        GIVEN + "\n",
        "a line\nanother",
    ],
)
def test_what_is_no_traceparent_is_begun_anew(bad: str | None) -> None:
    found = begin(bad, "a line\nanother")
    assert valid(bad) is None
    assert valid(found.traceparent)
    assert found.request == found.trace


def test_two_beginnings_are_two() -> None:
    assert begin().trace != begin().trace


def test_it_holds_inside_the_block_and_nowhere_else() -> None:
    elsewhere: list[object] = []
    with carrying(begin(GIVEN, "one")):
        other = threading.Thread(target=lambda: elsewhere.append(current()))
        other.start()
        other.join()
        deeper = GIVEN.replace("00f067aa0ba902b7", "1" * 16)
        with inside(deeper):
            found = current()
            assert found is not None
            assert (found.span, found.request) == ("1" * 16, "one")
        foreign = "00-" + "2" * 32 + "-" + "3" * 16 + "-00"
        with inside(foreign):
            found = current()
            assert found is not None
            assert (found.trace, found.request) == ("2" * 32, None)
        found = current()
        assert found is not None
        assert found.traceparent == GIVEN
    assert current() is None
    assert elsewhere == [None]


def test_it_travels_in_the_headers_of_a_message() -> None:
    assert extract(inject(GIVEN)) == GIVEN
    assert inject(None) == {}
    assert extract({}) is None
    assert extract({"traceparent": b"\xff\xfe"}) is None
