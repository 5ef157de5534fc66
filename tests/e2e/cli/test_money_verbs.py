"""Verbs of money: uses, balance, royalties, payout; from a generation to the bank and back."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ids import new_id
from tests.support.town import CREATOR, HOLDER, Town

IBAN = "DE89370400440532013000"


@pytest.fixture(scope="module")
def earned(town: Town) -> Town:
    """The town after two generations: 0.14 EUR for the owner."""
    for seed in ("1", "2"):
        file = town.liner.folder / f"{seed}.wav"
        town.liner.ok("generate", *town.ref("--seed", seed, "-o", str(file)))
    return town


def _balance(town: Town) -> dict[str, str]:
    (row,) = town.liner.ok("balance", HOLDER, "--json").lines
    return {name: found["amount"] for name, found in row.items() if isinstance(found, dict)}


def test_a_holder_sees_where_its_song_was_used_and_what_it_earned(earned: Town) -> None:
    rows = earned.liner.ok("uses", "Harbor").rows
    assert [row[6] for row in rows] == ["0.070000 EUR", "0.070000 EUR"]
    own = earned.liner.ok("uses", "--as", HOLDER, "--json").lines
    assert {row["recording"] for row in own} == {earned.ids["recording"]}
    assert earned.ids["creator"] not in str(own)
    earned.liner.fails(1, "not_yours", "uses", "Harbor", "--as", CREATOR)
    earned.liner.fails(1, "name_unknown", "uses", "Atlantis")


def test_a_balance_is_its_owners_to_see_at_any_position(earned: Town) -> None:
    assert _balance(earned)["owed"] == "0.140000"
    first = earned.liner.ok("uses", "Harbor", "--json").lines[-1]["legs"][0]["position"]
    (then,) = earned.liner.ok("balance", HOLDER, "--as-of", str(first), "--json").lines
    assert then["owed"]["amount"] == "0.070000"
    assert earned.liner.ok("balance", HOLDER, "--as-of", "1").out == ""
    earned.liner.fails(1, "not_yours", "balance", HOLDER, "--as", CREATOR)
    assert earned.liner.ok("balance", "--as", HOLDER, "--json").lines[0]["owed"] == {
        "amount": "0.140000",
        "currency": "EUR",
    }


def test_a_payout_waits_for_what_it_needs_and_is_paid_once(earned: Town) -> None:
    run = earned.liner
    closed = run.data("royalties", "close", HOLDER)
    statement = closed["statement"]
    assert closed["payable"] == "0.14"
    shown = run.data("royalties", "show", statement)
    assert [line["amount"] for line in shown["lines"]] == ["0.035000"] * 4
    assert ["payable", "0.14"] in run.ok("royalties", "show", statement).rows
    assert run.ok("royalties", HOLDER, "--json").lines[0]["statement"] == statement
    instruct = ("payout", "instruct", statement)
    run.fails(1, "payee_on_hold", *instruct)
    run.ok("payout", "details", "--name", "Halyard", "--iban", IBAN, "--as", HOLDER)
    run.fails(1, "screening_missing", *instruct)
    run.ok("payout", "screen", HOLDER, "clear", "--evidence", "looked at a list")
    assert run.data("payout", "payee", HOLDER)["screening"] == "clear"
    payout = run.data(*instruct)["payout"]
    run.fails(1, "payout_in_flight", *instruct)
    run.fails(
        1, "payout_unchanged", "payout", "return", payout, "--reference", "b0", "--reason", "x"
    )
    steps = run.ok("payout", "settle", payout, "--reference", "b1", "--json").lines
    assert [step["step"] for step in steps] == ["instructed", "settled"]
    run.fails(1, "payout_unchanged", "payout", "fail", payout, "--reference", "b2", "--reason", "x")
    assert _balance(earned)["paid"] == "0.14"
    back = run.ok("payout", "return", payout, "--reference", "b3", "--reason", "closed", "--json")
    assert [step["step"] for step in back.lines][-1] == "returned"
    assert _balance(earned)["owed"] == "0.140000"
    assert "bank_details" in str(run.data("payout", "payee", HOLDER)["holds"])
    assert run.ok("payout", HOLDER, "--json").lines[0]["step"] == "returned"
    assert len(run.ok("payout", "show", payout).rows) == 3
    _assert_private(earned, IBAN)


def _assert_private(town: Town, secret: str) -> None:
    raw = (town.liner.home / "ledger.sqlite").read_bytes()
    assert secret.encode() not in raw


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("not_controller", ["royalties", "close", HOLDER, "--as", HOLDER]),
        ("not_found", ["royalties", "show", new_id("rst")]),
        ("identifier_invalid", ["royalties", "show", "rst_nonsense"]),
        ("not_found", ["payout", "instruct", new_id("rst")]),
        ("not_found", ["payout", "settle", new_id("pay"), "--reference", "b"]),
        ("identifier_invalid", ["payout", "details", "--name", "X", "--iban", "DE00"]),
        ("value_unknown", ["payout", "screen", HOLDER, "perhaps", "--evidence", "x"]),
        ("not_controller", ["payout", "hold", HOLDER, "--reason", "tax", "--as", HOLDER]),
        ("value_unknown", ["payout", "hold", HOLDER, "--reason", "mood"]),
    ],
)
def test_a_command_about_money_that_is_not_taken(
    earned: Town, name: str, arguments: list[str]
) -> None:
    earned.liner.fails(1, name, *arguments)


def test_a_hold_is_released_by_another_officer(earned: Town) -> None:
    run = earned.liner
    run.ok("party", "add", "Second Officer", "--role", "finance")
    hold = ("payout", "hold", HOLDER, "--reason", "tax")
    assert _types(run.data(*hold)) == ["HoldPlaced"]
    release = ("payout", "release", HOLDER, "--reason", "tax")
    run.fails(1, "duties_not_separated", *release)
    assert _types(run.data(*release, "--as", "Second Officer")) == ["HoldReleased"]


def _types(found: dict[str, Any]) -> list[str]:
    return [row["type"] for row in found["entries"]]
