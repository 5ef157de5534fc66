"""The usual form and what is written in one go say nothing that the slower ways would not say."""

import json
import os
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import canonical
from schemas.envelope import cose, entry, statement, usual
from schemas.envelope.entry import (
    encode_entry,
    encode_made,
    read_entry,
    read_entry_but_data,
    read_entry_unchecked,
)
from schemas.envelope.statement import read_statement, read_statement_but_data, sign_statement
from schemas.ids import new_id
from schemas.refusals import Malformed
from schemas.registry import EVENTS
from tests.vectors.make_envelopes import ENTRY, STATEMENT
from tests.vectors.making import ACTOR, ACTOR_KEY, LEDGER

PAYLOAD = {**ENTRY, "statement_sha256": "ab" * 32}
TAIL = (
    '},"expires_at":"2026-11-22T08:21:02Z","id":"cmd_01jdgm5wr0e00800000000000g",'
    '"issued_at":"2026-11-22T08:11:02Z","ledger":"a","mandate":null,"version":1}'
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from([TAIL, '"', "\\", "/"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, 0, 1, -1, 2**53 - 1, 1024, 1025, "", "x", "a b", "é", "a" * 256, "a" * 257,
        [], {}, "a/", "a+b", "https://a", "Abc", "ab",
        "2026-02-30T00:00:00Z", "2026-11-22T08:11:02Z",
        "2026-11-22T08:11:02.000001Z", "2026-11-22T08:11:02", "\n", "ab" * 32, "AB" * 32,
        {"commit": "A" * 43}, {"commit": "B" * 43}, {"commit": "A" * 43, "x": 1}, '"', "\\",
        new_id("cmd"), new_id("evt"), new_id("pty"), new_id("cmd")[:-1], new_id("cmd") + "0",
    ]
)  # fmt: skip


def changed(payload: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads of which some members are something else, with any data."""
    some = st.dictionaries(st.sampled_from(sorted(payload)), ODD, max_size=2)
    return st.builds(
        lambda data, change: {**payload, "data": data, **change},
        st.dictionaries(TEXTS, JSON, max_size=3),
        some,
    )


@given(JSON)
def test_what_is_json_is_written_the_same_in_one_go(value: Any) -> None:
    assert canonical.encode_json(value) == canonical.encode(value)


@given(changed(PAYLOAD), st.sampled_from([LEDGER, "a/", "https://a", ""]))
def test_an_entry_is_made_or_refused_as_where_each_member_is_looked_at(
    payload: dict[str, Any], ledger: str
) -> None:
    try:
        expected: bytes | Malformed = encode_entry(payload, ledger=ledger)
    except Malformed as error:
        expected = error
    made = entry.Head(
        **{**payload, "data": msgspec.Raw(canonical.encode_json_inside(payload["data"]))}
    )
    if isinstance(expected, bytes):
        assert encode_made(made, ledger=ledger) == expected
    else:
        with pytest.raises(Malformed) as caught:
            encode_made(made, ledger=ledger)
        assert str(caught.value) == str(expected)
        assert caught.value.pointer == expected.pointer


def told(read: Callable[[bytes], Any], raw: bytes) -> Any:
    """Return what was read, or what is wrong."""
    try:
        return read(raw)
    except Malformed as error:
        return (error.code, str(error), error.pointer)


@given(changed(STATEMENT), st.sampled_from([ACTOR, LEDGER]))
def test_a_statement_of_the_usual_form_is_read_as_where_each_member_is_looked_at(
    payload: dict[str, Any], issuer: str
) -> None:
    content = canonical.encode(payload)
    raw = cose.sign1(content, ACTOR_KEY, issuer=issuer, subject=LEDGER)
    found = told(read_statement_but_data, raw)
    assert found == told(read_statement, raw)
    if isinstance(found, statement.Statement) and found.content is not None:
        chosen = {name: payload[name] for name in ("actor", "command", "data")}
        assert found.content == canonical.encode(chosen)


@pytest.mark.parametrize("name", ["issued_at", "expires_at"])
def test_a_time_in_no_zone_is_refused_and_nothing_breaks(name: str) -> None:
    content = canonical.encode({**STATEMENT, name: "2026-11-22T08:11:02"})
    raw = cose.sign1(content, ACTOR_KEY, issuer=ACTOR, subject=LEDGER)
    found = told(read_statement_but_data, raw)
    assert found == told(read_statement, raw)
    assert isinstance(found, tuple)


@given(changed(PAYLOAD))
def test_an_entry_of_the_usual_form_is_read_as_where_each_member_is_looked_at(
    payload: dict[str, Any],
) -> None:
    raw = cose.sign1(canonical.encode(payload), ACTOR_KEY, issuer=LEDGER, subject=LEDGER)
    found = told(read_entry_but_data, raw)
    assert found == told(read_entry, raw)
    if isinstance(found, entry.Entry):
        assert found == read_entry_unchecked(raw)
        assert found.payload == payload


@given(st.data(), st.sampled_from(b' \n0-9"\\{}[],:.eE\xef\x00'))
def test_no_other_writing_around_the_data_is_usual(data: st.DataObject, byte: int) -> None:
    for payload, usually, strictly, issuer in (
        (STATEMENT, read_statement_but_data, read_statement, ACTOR),
        (PAYLOAD, read_entry_but_data, read_entry, LEDGER),
    ):
        content = bytearray(canonical.encode({**payload, "data": {}}))
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = byte
        else:
            # What stands within the data is for who reads them as an event.
            assume(at != content.index(b'"data":{}') + len(b'"data":{'))
            content.insert(at, byte)
        raw = cose.sign1(bytes(content), ACTOR_KEY, issuer=issuer, subject=LEDGER)
        assert told(usually, raw) == told(strictly, raw)


@given(st.dictionaries(TEXTS, JSON, max_size=3), TEXTS, JSON)
def test_no_member_hides_between_data_and_what_follows(
    data: dict[str, Any], name: str, value: Any
) -> None:
    more = {**STATEMENT, "data": data, f"data{name}": value, "dz": {}}
    raw = cose.sign1(canonical.encode(more), ACTOR_KEY, issuer=ACTOR, subject=LEDGER)
    assert isinstance(told(read_statement_but_data, raw), tuple)
    more = {**PAYLOAD, "data": data, f"data{name}": value, "dz": {}}
    assert entry._usual_head(canonical.encode(more), LEDGER) is None
    raw = cose.sign1(canonical.encode(more), ACTOR_KEY, issuer=LEDGER, subject=LEDGER)
    assert isinstance(told(read_entry_but_data, raw), tuple)


def _is_looked_at_whole(found: entry.Entry) -> bool:
    """Tell whether an entry's payload was taken apart when it was read."""
    return "payload" in vars(found)


def test_the_usual_form_is_usual() -> None:
    assert entry._usual_head(canonical.encode(PAYLOAD), LEDGER) is not None
    raw = cose.sign1(canonical.encode(PAYLOAD), ACTOR_KEY, issuer=LEDGER, subject=LEDGER)
    assert not _is_looked_at_whole(read_entry_but_data(raw))
    raw = sign_statement(STATEMENT, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    assert read_statement_but_data(raw).content == usual.same(canonical.encode(STATEMENT))


@pytest.mark.parametrize("found", EVENTS.values(), ids=lambda found: found.__name__)
def test_no_event_holds_a_float_or_what_it_does_not_name(found: Any) -> None:
    schema = found.model_json_schema(mode="serialization")
    assert '"type": "number"' not in json.dumps(schema)
    kinds = [schema, *schema.get("$defs", {}).values()]
    fields = [each for kind in kinds for each in kind.get("properties", {}).values()]
    assert all(set(each) & {"type", "$ref", "anyOf", "oneOf", "const", "enum"} for each in fields)


def test_no_child_gives_the_ids_of_its_parent() -> None:
    new_id("evt")  # so that some chance is kept
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, "".join(new_id("evt") for _ in range(3)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    said = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert len(said) == 3 * len(new_id("evt"))
    mine = [new_id("evt") for _ in range(256)]
    assert not any(one[-12:] in said for one in mine)
