"""A bank, a ledger and a desk between them that dies whenever it likes: everybody is paid once."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.royalties_states import PAYOUT
from projections.royalties.queries import balances, trial_balance
from schemas.commands.base import Command
from schemas.refusals import Malformed
from service.payouts.desk import PayoutDesk
from service.payouts.details import PayeeDetails
from service.payouts.files import FilePayouts
from service.payouts.pain import end_to_end_id
from service.payouts.provider import Outcome, PayoutOrder, Told
from tests.kit.money import Till
from tests.kit.projected import Projected
from tests.unit.service.payouts.test_pain import DEBTOR

PAYEES = ("L", "Q")
DETAILS = PayeeDetails(name="Payee", iban="DE89370400440532013000")


class Crash(BaseException):
    """The process dies here."""


class Frail(FilePayouts):
    """A provider whose process dies after what was told or heard, and before it is written down."""

    dies = False

    def instruct(self, order: PayoutOrder) -> Told:
        told = super().instruct(order)
        if self.dies:
            if not told.replayed:
                (self._told / f"{end_to_end_id(order.key)}.json").unlink()
            raise Crash
        return told

    def done(self, outcome: Outcome) -> None:
        if self.dies:
            raise Crash
        super().done(outcome)


@dataclass
class Bank:
    """Fetches files, pays each message id once, and says what became of it, sometimes twice."""

    home: Path
    paid: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    said: dict[str, list[str]] = field(default_factory=dict)
    messages: int = 0

    def fetch(self) -> None:
        """Take what is in the outbox; a file that was seen before is refused, as banks do."""
        for path in sorted((self.home / "outbox").glob("*.xml")):
            name = path.name.removesuffix(".pain.001.xml")
            path.unlink()
            if name not in self.seen:
                self.seen.add(name)
                self.paid[name] += 1
                self.said[name] = []

    def answer(self, number: int, status: str, *, again: bool) -> None:
        """Say what became of a payment: it settles or fails once, and may come back once."""
        names = sorted(self.said)
        if not names:
            return
        name = names[number % len(names)]
        history = self.said[name]
        follows = {"settled": [], "failed": [], "returned": ["settled"]}[status]
        if history != follows:
            return
        history.append(status)
        for _ in range(2 if again else 1):
            self.messages += 1
            row = {"end_to_end_id": name, "status": status, "reference": f"B{name[:6]}"}
            message = {"message": f"m{self.messages}", "outcomes": [row]}
            (self.home / "inbox" / f"{self.messages:06}.json").write_text(json.dumps(message))


@dataclass
class Scene:
    """Till, bank, and the ledger's memory of which command id it has answered."""

    till: Till
    bank: Bank
    home: Path
    answered: dict[str, Command] = field(default_factory=dict)
    statements: int = 0

    def desk(self, *, dies: bool) -> PayoutDesk:
        """Start the process anew; it may be one that dies."""
        provider = Frail(self.home, DEBTOR)
        provider.dies = dies
        return PayoutDesk(provider, waiting=self.waiting, say=self.say)

    def waiting(self) -> Iterator[PayoutOrder]:
        """Yield what is instructed and not ended, as the log says."""
        log = self.till.world.log
        for row in list(log.recorded):
            if row.event.TOPIC != "PayoutInstructed":
                continue
            told: Any = row.event
            if log.ask(PAYOUT, told.payout).step == "instructed":
                yield PayoutOrder(
                    payout=told.payout,
                    key=told.idempotency_key,
                    statement=told.statement,
                    month=told.month,
                    amount_minor=told.amount.minor(),
                    currency=told.amount.currency,
                    payee=DETAILS,
                    instructed_at=row.time,
                )

    def say(self, command: Command, command_id: str, _openings: object) -> None:
        """Take a command once; the same id again is answered as before."""
        if command_id in self.answered:
            assert self.answered[command_id] == command, "a retry is the same command"
            return
        self.till.world.log.say(command, by=self.till.world["process"])
        self.answered[command_id] = command


def _earn(scene: Scene, a: int, b: int) -> None:
    scene.till.accrue({PAYEES[a % 2]: 10_001 * (b + 1)}, commission_micro=b)


def _pay(scene: Scene, a: int, _b: int) -> None:
    """Close what is open and instruct a payout; what the rules refuse changes nothing."""
    payee = PAYEES[a % 2]
    scene.statements += 1
    name = f"statement {scene.statements}"
    steps: tuple[Callable[[], object], ...] = (
        lambda: scene.till.close(name, payee, "2026-01"),
        lambda: scene.till.pay(name, name, payee),
    )
    for step in steps:
        try:
            step()
        except Malformed:
            return


def _again(scene: Scene, a: int, _b: int) -> None:
    """Instruct what a failed or returned payout made payable, on the newest statement."""
    for number in range(scene.statements, 0, -1):
        try:
            scene.till.pay(
                f"again {len(scene.till.world.log.recorded)}", f"statement {number}", PAYEES[a % 2]
            )
        except Malformed:
            continue
        return


def _tell(scene: Scene, a: int, _b: int) -> None:
    _survive(scene.desk(dies=a % 3 == 0).tell)


def _fetch(scene: Scene, _a: int, _b: int) -> None:
    scene.bank.fetch()


def _answer(scene: Scene, a: int, b: int) -> None:
    scene.bank.answer(a, ("settled", "failed", "settled", "returned")[b % 4], again=a % 5 == 0)


def _take(scene: Scene, a: int, _b: int) -> None:
    _survive(scene.desk(dies=a % 3 == 0).take)


def _survive(act: Callable[[], object]) -> None:
    try:
        act()
    except Crash:
        return


def _cycle(scene: Scene, a: int, b: int) -> None:
    """One payment from its accrual to the bank's word, the process dying here and there."""
    _earn(scene, a, b)
    _pay(scene, a, b)
    _tell(scene, b, b)
    _tell(scene, 1, b)
    _fetch(scene, a, b)
    for number in range(len(scene.bank.said)):
        scene.bank.answer(number, ("settled", "failed", "settled")[b % 3], again=a % 2 == 0)
    _take(scene, a, b)
    _take(scene, 1, b)


STEPS = (_cycle, _cycle, _earn, _pay, _again, _tell, _fetch, _answer, _take)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11), st.integers(0, 11)), max_size=60)
)
def test_everybody_is_paid_once_whatever_dies(taken: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "payouts"
        till = Till.opened(*PAYEES)
        for payee in PAYEES:
            till.ready(payee)
        scene = Scene(till, Bank(home), home)
        scene.desk(dies=False)
        for act, a, b in taken:
            act(scene, a, b)
        # Let everything come to its end: told, fetched, answered, taken.
        scene.desk(dies=False).tell()
        scene.bank.fetch()
        for number in range(len(scene.bank.said)):
            scene.bank.answer(number, "settled", again=False)
        for _ in range(3):
            scene.desk(dies=False).take()
        _as_the_bank_says(scene, Path(folder))


def _as_the_bank_says(scene: Scene, folder: Path) -> None:
    """No message was paid twice; the book holds what the bank has paid and not got back."""
    log = scene.till.world.log
    assert all(times == 1 for times in scene.bank.paid.values())
    paid_minor = 0
    for row in log.recorded:
        if row.event.TOPIC == "PayoutInstructed":
            told: Any = row.event
            history = scene.bank.said[end_to_end_id(told.idempotency_key)]
            assert log.ask(PAYOUT, told.payout).step == history[-1]
            paid_minor += told.amount.minor() * (history == ["settled"])
    tables = Projected(log, folder / "tables.db", only=["royalties"]).catch_up()
    book = {row.account: row.balance_micro for row in trial_balance(tables.readings).rows}
    assert sum(book.values()) == 0
    assert book.get("bank", 0) == paid_minor * 10_000
    for payee in PAYEES:
        for held in balances(tables.readings, scene.till.party(payee)).rows:
            assert held.in_flight_micro == 0
    tables.database.close()
