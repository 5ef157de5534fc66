"""Payouts: who may be paid, how a payout goes, and what a retry changes (nothing)."""

import hashlib
from typing import Any

import pytest

from ledger.rights.payees_states import MONEY
from ledger.rights.royalties_payouts import idempotency_key
from schemas.commands.parties import DeclareDeath, RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import PlaceHold, ReleaseHold
from schemas.refusals import Malformed
from tests.kit.money import Till
from tests.kit.words import COMMITMENT, sha


def owed(micro: int = 500_000, **policy: Any) -> Till:
    """Return a till in which L has a closed statement `jan` and may be paid."""
    till = Till.opened("L", **policy)
    till.accrue({"L": micro})
    till.close("jan", "L", "2026-01")
    return till.ready("L")


def payable(till: Till, payee: str = "L") -> int:
    return till.world.log.ask(MONEY, till.party(payee)).purse("EUR").payable_minor


def refuses(till: Till, code: str, name: str = "p", *, by: str = "F1 pays") -> None:
    till.world.log.refuses(code, till.paying(name, "jan", "L"), by=till.world[by])


def test_a_payout_takes_all_that_is_payable_and_settles() -> None:
    till = owed(507_000)
    told = till.pay("p", "jan", "L").event
    assert (told.amount.amount, told.month, payable(till)) == ("0.50", "2026-01", 0)
    settled = till.settle("p").event
    assert settled.amount == told.amount
    assert till.world.log.ask(MONEY, till.party("L")).in_flight is None


def test_small_statements_wait_for_each_other_until_the_threshold() -> None:
    till = Till.opened("L", payout_threshold_minor=5_000)
    till.ready("L")
    months = {"2026-01": 18_600_000, "2026-02": 24_150_000, "2026-03": 19_900_000}
    for month, micro in months.items():
        till.world.log.at(f"{month}-15T00:00:00Z")
        till.accrue({"L": micro})
        till.close(month, "L", month)
        if month != "2026-03":
            command = till.paying("p", month, "L")
            till.world.log.refuses("below_threshold", command, by=till.world["F1 pays"])
    assert till.pay("p", "2026-03", "L").event.amount.amount == "62.65"


def test_the_threshold_is_reached_exactly() -> None:
    till = owed(500_000, payout_threshold_minor=50)
    assert till.pay("p", "jan", "L").event.amount.amount == "0.50"


def test_a_failed_payout_is_payable_again_under_a_new_key() -> None:
    till = owed()
    first = till.pay("p", "jan", "L").event
    till.fail("p")
    assert payable(till) == 50
    second = till.pay("q", "jan", "L").event
    assert first.idempotency_key != second.idempotency_key


def test_every_attempt_on_a_statement_has_a_key_of_its_own() -> None:
    till = owed()
    keys = set()
    for name in ("p", "q", "r"):
        keys.add(till.pay(name, "jan", "L").event.idempotency_key)
        till.fail(name)
    assert len(keys) == 3


def test_a_returned_payout_is_payable_again_and_on_hold() -> None:
    till = owed()
    till.pay("p", "jan", "L")
    till.settle("p")
    till.bring_back("p")
    assert payable(till) == 50
    refuses(till, "payee_on_hold", "q")
    release = ReleaseHold(party=till.party("L"), reason="bank_details")
    till.world.log.say(release, by=till.world["F2 pays"])
    assert till.pay("q", "jan", "L").event.amount.amount == "0.50"


def test_the_bank_answers_a_payout_once() -> None:
    till = owed()
    till.pay("p", "jan", "L")
    with pytest.raises(Malformed, match="payout_in_flight"):
        till.bring_back("p")
    till.settle("p")
    for again in (till.settle, till.fail):
        with pytest.raises(Malformed, match="already_completed"):
            again("p")
    till.bring_back("p")
    with pytest.raises(Malformed, match="already_completed"):
        till.bring_back("p")
    with pytest.raises(Malformed, match="unknown_id"):
        till.settle("never")


def test_one_payout_at_a_time() -> None:
    till = owed()
    till.pay("p", "jan", "L")
    refuses(till, "payout_in_flight", "q")
    refuses(till, "id_reused", "p")
    replaced = ReplacePayeeDetails(party=till.party("L"), details=COMMITMENT, currency="EUR")
    till.world.log.refuses("payout_in_flight", replaced, by=till.world["L"])


def test_a_payee_without_details_is_on_hold() -> None:
    till = Till.opened("L")
    till.accrue({"L": 500_000})
    till.close("jan", "L", "2026-01")
    refuses(till, "payee_on_hold")


def test_new_payee_details_cool_off() -> None:
    till = owed(payee_cool_off_hours=24)
    refuses(till, "payee_on_hold")
    till.world.log.at("2026-01-01T23:59:59.999999Z")
    refuses(till, "payee_on_hold")
    till.world.log.at("2026-01-02T00:00:00Z")
    assert till.pay("p", "jan", "L").event.amount.amount == "0.50"


def test_screening_must_be_there_clear_and_fresh() -> None:
    till = Till.opened("L")
    till.accrue({"L": 500_000})
    till.close("jan", "L", "2026-01")
    details = ReplacePayeeDetails(party=till.party("L"), details=COMMITMENT, currency="EUR")
    till.world.log.say(details, by=till.world["L"])
    refuses(till, "screening_missing")
    till.ready("L", expires_at="2026-02-01T00:00:00Z")
    till.world.log.at("2026-02-01T00:00:00Z")
    refuses(till, "screening_missing")
    hit = RecordScreening(
        party=till.party("L"),
        outcome="hit",
        evidence=COMMITMENT,
        expires_at="2026-02-02T00:00:00Z",
    )
    till.world.log.say(hit, by=till.world["registrar"])
    till.world.log.at("2026-03-01T00:00:00Z")
    refuses(till, "sanctions_hit")


def test_nobody_screens_itself_nor_with_an_expired_result() -> None:
    till = Till.opened("L")
    own = RecordScreening(
        party=till.world["registrar"].party,
        outcome="clear",
        evidence=COMMITMENT,
        expires_at="2027-01-01T00:00:00Z",
    )
    till.world.log.refuses("duties_not_separated", own, by=till.world["registrar"])
    late = own.model_copy(update={"party": till.party("L"), "expires_at": "2026-01-01T00:00:00Z"})
    till.world.log.refuses("expired", late, by=till.world["registrar"])


def test_what_is_in_another_currency_is_not_paid() -> None:
    till = owed()
    replaced = ReplacePayeeDetails(party=till.party("L"), details=COMMITMENT, currency="GBP")
    till.world.log.say(replaced, by=till.world["L"])
    refuses(till, "payable_insufficient")


def test_nothing_is_not_paid() -> None:
    till = Till.opened("L", payout_threshold_minor=0)
    till.close("jan", "L", "2026-01")
    till.ready("L")
    refuses(till, "payable_insufficient")


def test_a_statement_of_somebody_else_pays_nobody() -> None:
    till = Till.opened("L", "Q")
    till.accrue({"L": 500_000, "Q": 500_000})
    till.close("jan", "Q", "2026-01")
    till.ready("L")
    refuses(till, "unknown_id")


def test_four_eyes_over_payee_details_and_payouts() -> None:
    till = owed()
    till.world.key("L pays", "L", ("finance",))
    refuses(till, "duties_not_separated", by="L pays")
    till.pay("p", "jan", "L")


def test_a_hold_is_released_by_another_officer() -> None:
    till = owed()
    place = PlaceHold(party=till.party("L"), reason="court_order")
    release = ReleaseHold(party=till.party("L"), reason="court_order")
    log, one, other = till.world.log, till.world["F1 pays"], till.world["F2 pays"]
    log.refuses("unknown_id", release, by=other)
    log.say(place, by=one)
    refuses(till, "payee_on_hold")
    log.refuses("payee_on_hold", place, by=other)
    log.refuses("duties_not_separated", release, by=one)
    assert log.say(release, by=other).event.officer == other.party
    till.pay("p", "jan", "L")


def test_holds_add_up_and_each_is_released_by_itself() -> None:
    till = owed()
    for reason in ("kyc", "tax"):
        till.world.log.say(
            PlaceHold.read({"party": till.party("L"), "reason": reason}), by=till.world["F1 pays"]
        )
    release = ReleaseHold(party=till.party("L"), reason="kyc")
    till.world.log.say(release, by=till.world["F2 pays"])
    refuses(till, "payee_on_hold")


def test_accrual_goes_on_under_a_hold_and_after_death() -> None:
    till = Till.opened()
    till.world.party("V", kind="person")
    death = DeclareDeath(party=till.party("V"), evidence_sha256=sha("certificate"))
    till.ready("V")
    till.world.log.say(death, by=till.world["registrar"])
    till.accrue({"V": 500_000})
    assert till.close("jan", "V", "2026-01").event.payable.amount == "0.50"
    command = till.paying("p", "jan", "V")
    till.world.log.refuses("payee_on_hold", command, by=till.world["F1 pays"])
    assert till.world.log.ask(MONEY, till.party("V")).holds.keys() == {"deceased"}


def test_only_the_party_replaces_its_details_and_only_with_real_money() -> None:
    till = Till.opened("L", "Q")
    command = ReplacePayeeDetails(party=till.party("L"), details=COMMITMENT, currency="EUR")
    till.world.log.refuses("not_controller", command, by=till.world["Q"])
    gold = command.model_copy(update={"currency": "XAU"})
    till.world.log.refuses("value_unknown", gold, by=till.world["L"])


def test_the_idempotency_key_is_the_hash_of_payee_statement_and_attempt() -> None:
    parts = [b"pty_a", b"rst_b", b"2"]
    raw = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    assert idempotency_key("pty_a", "rst_b", 2) == hashlib.sha256(raw).hexdigest()
