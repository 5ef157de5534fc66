"""Random steps about what is earned and paid."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from schemas.commands.parties import DeclareDeath, RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import PlaceHold, ReleaseHold
from schemas.period import format_instant, month_of
from schemas.refusals import Malformed
from tests.kit.random_world import (
    HOLDS,
    PARTIES,
    Random,
)
from tests.kit.words import COMMITMENT, sha


def _die(world: Random, _a: int, _b: int, _c: int) -> None:
    death = DeclareDeath(party=world.till.party("V"), evidence_sha256=sha("death"))
    world.say(death, world.till.world["registrar"])


def _accrue(world: Random, a: int, b: int, c: int) -> None:
    names = (*PARTIES, "unclaimed", "disputed")
    legs = {names[a % 5]: 10 ** (b % 9) // 7, names[(a + c) % 5]: c * 33_333}
    currency = "JPY" if (a + b) % 5 == 0 else "EUR"
    world.till.accrue(legs, commission_micro=b, currency=currency)


def _close(world: Random, a: int, b: int, c: int) -> None:
    log = world.till.world.log
    month = month_of(log.now - timedelta(days=31 * (b % 2)))
    through = max(1, log.head() - c % 4)
    world.till.close(f"rst {world.steps}", PARTIES[a % 3], month, through=through)
    world.made["rst"].append((f"rst {world.steps}", PARTIES[a % 3]))


def _ready(world: Random, a: int, b: int, _c: int) -> None:
    party = PARTIES[a % 3]
    screening = RecordScreening(
        party=world.till.party(party),
        outcome="hit" if b == 0 else "clear",
        evidence=COMMITMENT,
        expires_at=format_instant(world.till.world.log.now + timedelta(days=10)),
    )
    world.say(screening, world.till.world["registrar"])
    details = ReplacePayeeDetails(
        party=world.till.party(party), details=COMMITMENT, currency="EUR" if b % 4 else "JPY"
    )
    world.say(details, world.key(party))


def _pay(world: Random, a: int, b: int, _c: int) -> None:
    _, party = world.known("rst", a)
    if b % 4:  # mostly, all is well with the payee, and the month is closed first
        with contextlib.suppress(Malformed):
            _close(world, PARTIES.index(party), 0, 0)
        _ready(world, PARTIES.index(party), 1, 0)
    statement, _ = world.known("rst", -1, party)
    name = f"pay {world.steps}"
    world.till.pay(name, statement, party)
    world.made["pay"].append((name, party))


def _answer(world: Random, a: int, b: int, _c: int) -> None:
    """The bank answers, as often and as wrongly as it likes."""
    bank = (world.till.settle, world.till.fail, world.till.settle, world.till.bring_back)[b % 4]
    bank(world.known("pay", a)[0])


def _paid(world: Random, a: int, b: int, c: int) -> None:
    """One payment from its accrual to the bank's last word, as far as the rules let it go."""
    party = PARTIES[a % 3]
    world.till.accrue({party: 10_001 * (b + 1)})
    name = f"cycle {world.steps}"
    steps: tuple[Callable[[], object], ...] = (
        lambda: _ready(world, a, 1, 0),
        lambda: world.till.close(name, party, month_of(world.till.world.log.now)),
        lambda: world.till.pay(name, name, party),
        lambda: (world.till.settle, world.till.fail, world.till.settle)[c % 3](name),
        lambda: world.till.bring_back(name) if c % 3 == 2 else None,
    )
    for step in steps:
        with contextlib.suppress(Malformed):
            step()
    world.made["rst"].append((name, party))
    world.made["pay"].append((name, party))


def _hold(world: Random, a: int, b: int, c: int) -> None:
    data = {"party": world.till.party(PARTIES[a % 3]), "reason": HOLDS[b % 3]}
    command = (PlaceHold if c % 2 else ReleaseHold).read(data)
    world.say(command, world.till.world[("F1 pays", "F2 pays")[(a + c) % 2]])


MONEY: Final[dict[str, Callable[[Random, int, int, int], None]]] = {
    "accrue": _accrue,
    "close": _close,
    "ready": _ready,
    "pay": _pay,
    "paid": _paid,
    "answer": _answer,
    "hold": _hold,
    "die": _die,
}
"""Actions about what is earned and paid."""
