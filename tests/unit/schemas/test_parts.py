"""A part of an event: what it gives, and what it leaves to the reading of the whole."""

from typing import Any

import pytest

from schemas import canonical
from schemas.events.royalties import RoyaltyAccrued
from schemas.ids import new_id
from schemas.money import Money
from schemas.parts import Part
from schemas.terms import Leg

PART = Part(RoyaltyAccrued, "generation", "payer", "fee", "legs")
PARTY, SONG = new_id("pty"), new_id("rec")
COMMIT = {"commit": "c" * 43}


def event(**changed: Any) -> RoyaltyAccrued:
    fee = Money(amount="1.50", currency="EUR")
    leg = Leg(recording=SONG, side="master", asset=SONG, party="unclaimed", amount=fee)
    given = {
        "generation": new_id("gen"),
        "output": new_id("out"),
        "payer": PARTY,
        "fee": fee,
        "pool": fee,
        "commission": fee,
        "legs": (leg,),
        "vector_sha256": "0" * 64,
        "touched": (),
    }
    return RoyaltyAccrued(**{**given, **changed})


def content(data: dict[str, Any], version: int = RoyaltyAccrued.VERSION) -> bytes:
    return canonical.encode({"actor": PARTY, "data": data, "id": "evt", "version": version})


def test_a_part_has_the_values_of_the_event() -> None:
    whole = event()
    found = PART.read(content(whole.data()), {})
    assert found is not None
    assert (found.generation, found.payer) == (whole.generation, PARTY)
    assert (found.fee.amount, found.fee.currency) == ("1.50", "EUR")
    (leg,) = found.legs
    assert (leg.recording, leg.side, leg.party, leg.amount.amount) == (
        SONG,
        "master",
        "unclaimed",
        "1.50",
    )
    assert not hasattr(found, "touched")


def test_a_commitment_stays_one_until_it_is_opened() -> None:
    raw = content({**event().data(), "payer": COMMIT})
    closed, opened = PART.read(raw, {}), PART.read(raw, {"payer": PARTY})
    assert closed is not None
    assert opened is not None
    assert closed.payer.commit == "c" * 43
    assert opened.payer == PARTY


@pytest.mark.parametrize("value", ["nobody", 7, {"commit": "short"}])
def test_what_was_opened_and_is_no_such_value_is_left_to_the_whole(value: object) -> None:
    raw = content({**event().data(), "payer": COMMIT})
    assert PART.read(raw, {"payer": value}) is None


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\\b", 'a"b'])
def test_a_text_with_an_escape_is_left_to_the_whole(text: str) -> None:
    assert PART.read(content({**event().data(), "generation": text}), {}) is None
    assert PART.read(content({**event().data(), "vector_sha256": text}), {}) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        content({**event().data(), "fee": "1.50"}),
        content({**event().data(), "legs": None}),
        content({**event().data(), "generation": 7}),
        content(event().data(), RoyaltyAccrued.VERSION + 1),
        content(event().data())[:-1],
        content(event().data()).replace(b"1.50", b"1\xff50"),
    ],
)
def test_what_has_another_form_is_left_to_the_whole(raw: bytes) -> None:
    assert PART.read(raw, {}) is None
