"""The process is killed between any two steps of a payout; the bank is told once, and pays once."""

from __future__ import annotations

import pytest

from projections.royalties.queries import balances
from schemas import canonical
from schemas.commands.royalties import InstructPayout
from schemas.ids import new_id
from schemas.money import parse_amount
from service.instance import Instance
from service.speaking import Said
from tests.e2e.driving import Driver, rows
from tests.e2e.steps import is_lost, of_append
from tests.kit import bank
from tests.kit.earning import earned
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound, topics

POINTS = (
    *of_append(1),  # instructed
    "before_tell",
    "payment_file_before_named:1",  # the message for the bank
    "payment_file_before_named:2",  # the record that it was told
    "after_outbox_before_told",
    "after_tell",
    "payment_file_before_named:3",  # what the bank's message said
    "payment_file_before_named:4",  # the salt of its reference
    *of_append(2),  # settled
    "after_outcome_before_done",
    "payment_file_before_named:5",  # the mark that its answer is in the log
    "after_done_before_taken",
    "before_projection_commit:3",
)


def instruct(place: Place) -> tuple[str, Said]:
    known, payout = earned(place), new_id("pay")
    command = InstructPayout(payout=payout, statement=known["statement"], party=known["payee"])
    with place.open() as instance:
        return payout, signed(instance.operator(), command)


@pytest.mark.parametrize("point", POINTS)
def test_a_payout_is_paid_once(point: str, earning: Place, driver: Driver) -> None:
    payout, said = instruct(earning)
    killed = driver.run(earning, said=rows(said), work=False, pay=True, kill=point).check_killed()
    with earning.open() as instance:
        answer = instance.application.handle(said.raw)
        assert answer.replayed == (not is_lost(point))
        assert killed.acknowledged in ({}, {answer.command: answer.positions})
        for _ in range(2):
            instance.payouts.tell()
            bank.settle_all(earning.settings)
            instance.payouts.take()
        assert (instance.payouts.tell(), instance.payouts.take()) == (0, 0)
        check_once(earning, instance, payout)


def check_once(place: Place, instance: Instance, payout: str) -> None:
    """One instruction, one message, one answer, one payment: in the log, on disk, in the books."""
    assert topics(instance, f"payout:{payout}") == ["PayoutInstructed", "PayoutSettled"]
    home = place.settings.payouts
    assert len(bank.messages(place.settings)) == 1
    assert len(list((home / "told").iterdir())) == 1
    assert [path.name for path in (home / "inbox").iterdir() if path.is_file()] == []
    assert len(list((home / "inbox" / "taken").iterdir())) == 1
    assert len(list((home / "heard").glob("*.done"))) == 1
    check_sound(instance)
    known = earned(place)
    (balance,) = balances(instance.readings, known["payee"]).rows
    assert balance.paid_micro == parse_amount(known["payable"])
    assert balance.in_flight_micro == 0


def test_an_answer_about_a_payout_that_the_log_does_not_know_stops_nobody(
    earning: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder of payments of another ledger, or of a copy that went on by itself."""
    payout, said = instruct(earning)
    with earning.open() as instance:
        home = earning.settings.payouts
        stranger = {"message_sha256": "0" * 64, "payout": new_id("pay"), "reference": "0" * 35}
        (home / "told" / f"{'0' * 35}.json").write_bytes(canonical.encode(stranger))
        (home / "outbox" / f"{'0' * 35}.pain.001.xml").touch()
        instance.application.handle(said.raw)
        instance.payouts.tell()
        bank.settle_all(earning.settings)
        assert instance.payouts.take() == 1
        assert "an answer was not taken" in caplog.text
        assert topics(instance, f"payout:{payout}") == ["PayoutInstructed", "PayoutSettled"]
        assert (home / "inbox" / f"{'0' * 35}.json").exists()
        check_sound(instance)
