"""Payouts by files: told once, heard once, whatever is retried and whenever it stops."""

import json
import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schemas.commands.royalties import FailPayout, ReturnPayout, SettlePayout
from schemas.commitments import check_openings
from schemas.refusals import Conflict, Malformed
from service.payouts.desk import PayoutDesk, recording
from service.payouts.files import PARTIAL_S_MAX, FilePayouts
from service.payouts.pain import end_to_end_id
from service.payouts.provider import Outcome, ProviderError
from tests.kit.log import name_id
from tests.unit.service.payouts.test_pain import DEBTOR, ORDER


@pytest.fixture
def bank(tmp_path: Path) -> FilePayouts:
    return FilePayouts(tmp_path, DEBTOR)


def say(home: Path, name: str, *outcomes: dict[str, Any], file: str | None = None) -> Path:
    """Let the bank put a message into the inbox."""
    path = home / "inbox" / f"{file or name}.json"
    path.write_text(json.dumps({"message": name, "outcomes": list(outcomes)}))
    return path


def row(status: str = "settled", key: str = ORDER.key, **more: Any) -> dict[str, Any]:
    return {"end_to_end_id": end_to_end_id(key), "status": status, "reference": "B1"} | more


def test_an_order_is_in_the_outbox_once(bank: FilePayouts, tmp_path: Path) -> None:
    first, again = bank.instruct(ORDER), bank.instruct(ORDER)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.reference == again.reference == end_to_end_id(ORDER.key)
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"{first.reference}.pain.001.xml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_the_bank_has_fetched_is_not_put_there_again(
    bank: FilePayouts, tmp_path: Path
) -> None:
    bank.instruct(ORDER)
    (file,) = (tmp_path / "outbox").iterdir()
    file.unlink()
    assert FilePayouts(tmp_path, DEBTOR).instruct(ORDER).replayed
    assert list((tmp_path / "outbox").iterdir()) == []


def test_another_order_under_the_same_key_is_refused(bank: FilePayouts) -> None:
    bank.instruct(ORDER)
    with pytest.raises(ProviderError, match="another order"):
        bank.instruct(replace(ORDER, amount_minor=1))


def test_a_stop_before_the_record_puts_the_same_bytes_there_again(
    bank: FilePayouts, tmp_path: Path
) -> None:
    bank.instruct(ORDER)
    (file,) = (tmp_path / "outbox").iterdir()
    told = file.read_bytes()
    next((tmp_path / "told").iterdir()).unlink()  # as if the process had died before writing it
    assert not bank.instruct(ORDER).replayed
    assert [path.read_bytes() for path in (tmp_path / "outbox").iterdir()] == [told]


@pytest.mark.parametrize(("age_s", "is_kept"), [(PARTIAL_S_MAX + 60, False), (0, True)])
def test_what_a_crash_left_half_written_is_removed_once_it_is_old(
    bank: FilePayouts, tmp_path: Path, age_s: int, *, is_kept: bool
) -> None:
    bank.instruct(ORDER)
    assert list((tmp_path / "partial").iterdir()) == []
    half = tmp_path / "partial" / "message.0a"
    half.write_bytes(b"<Document")
    os.utime(half, (time.time() - age_s,) * 2)
    FilePayouts(tmp_path, DEBTOR)
    assert half.exists() == is_kept  # another process may be writing it in this moment


def test_an_outcome_is_yielded_until_it_is_done(bank: FilePayouts, tmp_path: Path) -> None:
    bank.instruct(ORDER)
    path = say(tmp_path, "m1", row())
    (outcome,) = bank.outcomes()
    assert (outcome.payout, outcome.status, outcome.reference) == (ORDER.payout, "settled", "B1")
    assert list(FilePayouts(tmp_path, DEBTOR).outcomes()) == [outcome]
    bank.done(outcome)
    assert list(bank.outcomes()) == []
    assert not path.exists()
    assert (tmp_path / "inbox" / "taken" / "m1.json").exists()


def test_the_same_message_in_a_second_file_is_not_heard_again(
    bank: FilePayouts, tmp_path: Path
) -> None:
    bank.instruct(ORDER)
    say(tmp_path, "m1", row())
    bank.done(next(bank.outcomes()))
    say(tmp_path, "m1", row(), file="copy")
    assert list(bank.outcomes()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ('{"message": "m", "outcomes": []}', "value_unknown"),
        ('{"message": "m", "outcomes": [{"status": "lost"}]}', "value_unknown"),
        (json.dumps({"message": "m", "outcomes": [row(key="cd" * 32)]}), "no payout was told"),
        (json.dumps({"message": "m", "outcomes": [row(extra=1)]}), "value_unknown"),
        ("[" * 100_000, "not JSON"),
        (" " * 1_048_577, "longer than"),
    ],
)
def test_what_is_no_message_is_moved_away_with_its_reason(
    bank: FilePayouts, tmp_path: Path, text: str, why: str
) -> None:
    bank.instruct(ORDER)
    (tmp_path / "inbox" / "bad.json").write_text(text)
    say(tmp_path, "good", row())
    assert [outcome.status for outcome in bank.outcomes()] == ["settled"]
    assert why in (tmp_path / "inbox" / "refused" / "bad.json.why").read_text()
    assert not (tmp_path / "inbox" / "bad.json").exists()


def test_a_message_that_changes_its_mind_is_refused(bank: FilePayouts, tmp_path: Path) -> None:
    bank.instruct(ORDER)
    say(tmp_path, "m1", row())
    bank.done(next(bank.outcomes()))
    say(tmp_path, "m1", row("failed"), file="other")
    assert list(bank.outcomes()) == []
    assert "report_id_reused" in (tmp_path / "inbox" / "refused" / "other.json.why").read_text()


def test_what_is_still_being_written_is_left_alone(bank: FilePayouts, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "m1.json.part").write_text("{")
    assert list(bank.outcomes()) == []
    assert (tmp_path / "inbox" / "m1.json.part").exists()


def test_an_outcome_is_one_command_however_often_it_is_tried(
    bank: FilePayouts, tmp_path: Path
) -> None:
    bank.instruct(ORDER)
    say(tmp_path, "m1", row())
    first = recording(next(bank.outcomes()))
    again = recording(next(FilePayouts(tmp_path, DEBTOR).outcomes()))
    assert first == again
    command, command_id, openings = first
    assert isinstance(command, SettlePayout)
    assert command_id.startswith("cmd_")
    check_openings(command.data(), openings)
    assert openings[0].value == "B1"


@pytest.mark.parametrize(("status", "kind"), [("failed", FailPayout), ("returned", ReturnPayout)])
def test_a_payment_that_did_not_arrive_says_why(
    bank: FilePayouts, tmp_path: Path, status: str, kind: type[FailPayout | ReturnPayout]
) -> None:
    bank.instruct(ORDER)
    say(tmp_path, "m1", row(status, reason="AC04 closed account"))
    command, _, openings = recording(next(bank.outcomes()))
    assert isinstance(command, kind)
    assert (command.reason, openings) == ("AC04 closed account", ())


class Ledger:
    """What the desk talks to: commands by id, and an answer that can be set to fail."""

    def __init__(self, *failures: Exception) -> None:
        self.said: dict[str, Any] = {}
        self.failures = list(failures)

    def say(self, command: Any, command_id: str, _openings: Any) -> None:
        if self.failures:
            raise self.failures.pop(0)
        assert self.said.get(command_id, command) == command
        self.said[command_id] = command


def test_the_desk_tells_each_order_once_and_takes_each_answer_once(
    bank: FilePayouts, tmp_path: Path
) -> None:
    ledger = Ledger()
    desk = PayoutDesk(bank, waiting=lambda: [ORDER], say=ledger.say)
    assert (desk.tell(), desk.tell()) == (1, 0)
    say(tmp_path, "m1", row())
    assert (desk.take(), desk.take(), len(ledger.said)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("failure", "taken_then"),
    [
        (Conflict("busy", "try again"), 1),
        (Malformed("payout_in_flight"), 1),
        (Malformed("already_completed"), 0),
    ],
)
def test_what_the_ledger_cannot_take_now_comes_again_and_what_it_has_does_not(
    bank: FilePayouts, tmp_path: Path, failure: Exception, taken_then: int
) -> None:
    bank.instruct(ORDER)
    say(tmp_path, "m1", row())
    desk = PayoutDesk(bank, waiting=list, say=Ledger(failure).say)
    assert desk.take() == 0
    assert desk.take() == taken_then


def test_a_stop_after_the_ledger_took_it_records_nothing_twice(
    bank: FilePayouts, tmp_path: Path
) -> None:
    ledger = Ledger()
    bank.instruct(ORDER)
    say(tmp_path, "m1", row())

    class Dies(FilePayouts):
        def done(self, outcome: Outcome) -> None:
            raise KeyboardInterrupt(outcome.id)

    with pytest.raises(KeyboardInterrupt):
        PayoutDesk(Dies(tmp_path, DEBTOR), waiting=list, say=ledger.say).take()
    assert PayoutDesk(bank, waiting=list, say=ledger.say).take() == 1
    assert len(ledger.said) == 1


def test_one_order_that_cannot_be_told_does_not_stop_the_others(
    bank: FilePayouts, tmp_path: Path
) -> None:
    bank.instruct(ORDER)
    clash = replace(ORDER, amount_minor=1)
    other = replace(ORDER, payout=name_id("pay", "other"), key="cd" * 32)
    assert PayoutDesk(bank, waiting=lambda: [clash, other], say=Ledger().say).tell() == 1
