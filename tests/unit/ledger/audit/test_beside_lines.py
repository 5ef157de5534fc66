"""What lies beside entries is read quickly where it was written as usual, and to the same."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.audit.beside_lines import bytes_of, read_beside
from ledger.evidence.errors import EvidenceError
from schemas import canonical
from schemas.commitments import Opening
from schemas.refusals import Malformed

ALPHABET = 'AEZaz09-_+/=! \n"\\u0041é'


@given(raw=st.binary(max_size=200))
def test_bytes_come_back(raw: bytes) -> None:
    assert bytes_of(canonical.b64u(raw)) == raw


@given(text=st.text(ALPHABET, max_size=12) | st.text(max_size=12))
@example("AB")  # bits are left over
@example("AAB")
@example("A")
@example("AA==")
@example("\\u0041\\u0041")
def test_what_is_no_base64url_is_refused_as_ever(text: str) -> None:
    try:
        due: bytes | None = canonical.unb64u(text)
    except (Malformed, UnicodeEncodeError):
        due = None
    try:
        found: bytes | None = bytes_of(text)
    except (Malformed, UnicodeEncodeError):
        found = None
    assert found == due


def _row(position: int, statement: bytes | None = None, **changes: Any) -> dict[str, Any]:
    opening = {"pointer": "/actor", "salt": canonical.b64u(bytes(16)), "value": "pty_x"}
    held = None if statement is None else canonical.b64u(statement)
    return {"position": position, "statement": held, "openings": [opening], **changes}


def _lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


OPENED = (Opening("/actor", bytes(16), "pty_x"),)


def test_entries_with_one_statement_and_with_none_keep_their_own() -> None:
    rows = [_row(4, b"one"), _row(5, b"one"), _row(6), _row(7, b"one"), _row(8, b"two")]
    assert read_beside(_lines(*rows)) == {
        4: (b"one", OPENED),
        5: (b"one", OPENED),
        6: (None, OPENED),
        7: (b"one", OPENED),
        8: (b"two", OPENED),
    }


def test_a_line_with_more_in_it_says_the_same() -> None:
    rows = [_row(4, b"one", note="more"), _row(5, b"one"), _row(6, b"two", openings=())]
    found = read_beside(_lines(*rows))
    assert found == {4: (b"one", OPENED), 5: (b"one", OPENED), 6: (b"two", ())}


@pytest.mark.parametrize(
    "line",
    [
        b"nothing\n",
        b"[]\n",
        _lines(_row(4, statement=None) | {"statement": 7}),
        _lines(_row(4) | {"statement": "A"}),
        _lines(_row(4) | {"statement": "AB"}),
        _lines({"position": 4, "openings": []}),
        _lines({"position": 4, "statement": None}),
        _lines(_row(4, openings=[{"pointer": "/actor", "value": "x"}])),
        _lines(_row(4, openings=[{"pointer": "/actor", "value": "x", "salt": "!"}])),
        _lines(_row(4, openings=7)),
    ],
)
def test_a_line_that_says_nothing_ends_the_reading(line: bytes) -> None:
    with pytest.raises(EvidenceError, match=r"beside\.jsonl holds"):
        read_beside(line)
