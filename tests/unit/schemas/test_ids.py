import json
import time
from functools import reduce
from operator import and_, or_
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import ids
from schemas.ids import (
    PREFIXES,
    CommandId,
    PartyId,
    RecordingOrWork,
    check_id,
    id_of,
    new_id,
    uuid_of,
)
from schemas.refusals import Malformed
from schemas.values import Value, parse

CONTRACT = "pty rec wrk rel cns mnd shr trn tar dea mod key ses ver gen out cmd evt rst pay dsp"


class Holder(Value):
    party: PartyId
    commands: tuple[CommandId, ...] = ()
    asset: RecordingOrWork | None = None


def test_the_prefixes_are_those_of_the_contract_and_two_more() -> None:
    assert set(PREFIXES) == set(CONTRACT.split()) | {"lnk", "crd"}


def test_every_prefix_has_its_type() -> None:
    types = {name: found for name, found in vars(ids).items() if name.endswith("Id")}
    assert len(types) == len(PREFIXES)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_new_id_is_well_formed(prefix: str) -> None:
    made = new_id(prefix)
    assert check_id(made, prefix) == made
    assert uuid_of(made).version == 7


def test_new_ids_differ_and_sort_by_time() -> None:
    made = [new_id("evt") for _ in range(200)]
    assert len(set(made)) == 200
    moments = [uuid_of(each).int >> 80 for each in made]
    assert moments == sorted(moments)


@given(st.integers(0, 10**12 * 200 * 10**6))
def test_an_id_is_written_as_the_uuid_that_it_holds(ns: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: ns)
        made = new_id("evt")
    value = uuid_of(made)
    assert id_of("evt", value) == made
    assert (value.int >> 80, value.int >> 64 & 4095) == (ns // 10**6, ns % 10**6 * 4096 // 10**6)


def test_all_that_may_be_chance_is() -> None:
    found = [uuid_of(new_id("evt")).int & 2**62 - 1 for _ in range(200)]
    assert reduce(or_, found) == 2**62 - 1
    assert reduce(and_, found) == 0


def test_an_unknown_prefix_is_a_bug_and_not_bad_input() -> None:
    with pytest.raises(AssertionError, match="xyz"):
        new_id("xyz")


def test_a_wrong_kind_is_told_with_its_place() -> None:
    data: dict[str, Any] = {"party": new_id("pty"), "commands": [new_id("cmd"), new_id("evt")]}
    with pytest.raises(Malformed, match="command was expected") as caught:
        parse(Holder, data)
    assert (caught.value.code, caught.value.pointer) == ("identifier_invalid", "/commands/1")


def test_the_arms_of_a_union_are_not_in_the_pointer() -> None:
    with pytest.raises(Malformed) as caught:
        parse(Holder, {"party": new_id("pty"), "asset": new_id("pty")})
    assert (caught.value.code, caught.value.pointer) == ("identifier_invalid", "/asset")


def test_ids_survive_json_as_text() -> None:
    data = {"party": new_id("pty"), "commands": [new_id("cmd")], "asset": new_id("wrk")}
    assert json.loads(parse(Holder, data).model_dump_json()) == data
    assert Holder.model_validate_json(json.dumps(data)) == parse(Holder, data)
