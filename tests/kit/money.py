"""Money for tests: accruals put into a log as a completion posts them, and officers who pay.

An accrual is appended as it is: these tests are about what follows from it, not about clearance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.rights.view import Recorded
from schemas.commands.parties import RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import (
    CloseRoyaltyStatement,
    FailPayout,
    InstructPayout,
    ReturnPayout,
    SettlePayout,
)
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import Money
from schemas.terms import Controller, Leg, Touched
from tests.kit.log import START, Said
from tests.kit.words import COMMITMENT, sha
from tests.kit.world import World

OFFICERS = ("F1", "F2")


@dataclass
class Till:
    """A world in which money accrues and is paid. Officers F1 and F2 are parties of their own."""

    world: World
    accruals: int = 0

    @classmethod
    def opened(cls, *payees: str, now: datetime = START, **policy: Any) -> Till:
        """Open a log with payees, two finance officers and a threshold of one minor unit."""
        world = World.opened(now, {"payout_threshold_minor": 1, **policy})
        world.party(*payees, *OFFICERS)
        for officer in OFFICERS:
            world.key(f"{officer} pays", officer, ("finance",))
        return cls(world)

    def party(self, name: str) -> str:
        """Return the id of a payee."""
        return self.world.id("pty", name)

    def accrue(
        self, legs: Mapping[str, int], *, commission_micro: int = 0, currency: str = "EUR"
    ) -> Recorded:
        """Append an accrual: micro units by payee, or by `unclaimed` and `disputed`."""
        self.accruals += 1
        name = f"accrual {self.accruals}"
        recording = self.world.id("rec", "S1")
        rows = {who: who if who in ("unclaimed", "disputed") else self.party(who) for who in legs}
        pool_micro = sum(legs.values())
        event = RoyaltyAccrued(
            generation=self.world.id("gen", name),
            output=self.world.id("out", name),
            payer=self.world.id("pty", "Creator"),
            fee=Money.accrued(pool_micro + commission_micro, currency),
            pool=Money.accrued(pool_micro, currency),
            commission=Money.accrued(commission_micro, currency),
            legs=tuple(
                Leg(
                    recording=recording,
                    side="master",
                    asset=recording,
                    party=rows[who],
                    amount=Money.accrued(micro, currency),
                )
                for who, micro in legs.items()
            ),
            vector_sha256=sha(name),
            touched=(
                Touched(
                    recording=recording,
                    works=(),
                    controllers=tuple(
                        Controller(side="master", asset=recording, party=party)
                        for party in rows.values()
                        if party.startswith("pty_")
                    ),
                ),
            ),
        )
        return self.world.log.append(event, self.world.id("pty", "Ledger"))

    def close(
        self, name: str, payee: str, month: str, *, through: int | None = None, by: str = "F1 pays"
    ) -> Said:
        """Close a statement, up to the head unless a position is named."""
        return self.world.log.say(self.closing(name, payee, month, through), by=self.world[by])

    def closing(
        self, name: str, payee: str, month: str, through: int | None = None
    ) -> CloseRoyaltyStatement:
        """Return the command that closes a statement."""
        return CloseRoyaltyStatement(
            statement=self.world.id("rst", name),
            party=self.party(payee),
            month=month,
            through=through if through is not None else self.world.log.head(),
        )

    def ready(self, payee: str, currency: str = "EUR", expires_at: str | None = None) -> Till:
        """Give a payee its details and a clear screening."""
        details = ReplacePayeeDetails(
            party=self.party(payee), details=COMMITMENT, currency=currency
        )
        self.world.log.say(details, by=self.world[payee])
        screening = RecordScreening(
            party=self.party(payee),
            outcome="clear",
            evidence=COMMITMENT,
            expires_at=expires_at or "2036-01-01T00:00:00Z",
        )
        self.world.log.say(screening, by=self.world["registrar"])
        return self

    def paying(self, name: str, statement: str, payee: str) -> InstructPayout:
        """Return the command that instructs a payout."""
        return InstructPayout(
            payout=self.world.id("pay", name),
            statement=self.world.id("rst", statement),
            party=self.party(payee),
        )

    def pay(self, name: str, statement: str, payee: str, *, by: str = "F1 pays") -> Said:
        """Instruct a payout."""
        return self.world.log.say(self.paying(name, statement, payee), by=self.world[by])

    def settle(self, name: str) -> Said:
        """Let the bank say that it paid."""
        settled = SettlePayout(payout=self.world.id("pay", name), bank_reference=COMMITMENT)
        return self.world.log.say(settled, by=self.world["process"])

    def fail(self, name: str) -> Said:
        """Let the bank say that it did not pay."""
        failed = FailPayout(payout=self.world.id("pay", name), reason="AC04 closed account")
        return self.world.log.say(failed, by=self.world["process"])

    def bring_back(self, name: str) -> Said:
        """Let a settled payment come back."""
        returned = ReturnPayout(payout=self.world.id("pay", name), reason="AC04 closed account")
        return self.world.log.say(returned, by=self.world["process"])
