"""Random logs: many small steps, each a real command; what the rules refuse leaves no trace.

A step is an action and some small numbers that choose among the names of a fixed world. Hypothesis
draws the list of steps, so a failure shrinks to the few steps that matter.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from ledger.rights.states import CONSENT, RECORDING, WORK
from ledger.rights.states.shares import controllers_at
from schemas.commands.base import Command
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.parties import DeclareDeath, RecordScreening, ReplacePayeeDetails, RevokeKey
from schemas.commands.royalties import PlaceHold, ReleaseHold
from schemas.commands.shares import WithdrawShare
from schemas.period import format_instant, month_of
from schemas.refusals import Malformed
from tests.kit.log import Key
from tests.kit.money import Till
from tests.kit.words import COMMITMENT, sha, when

PARTIES: Final = ("L", "P", "Q")
ASSETS: Final = ("S1", "S2", "W1")
USES: Final = (["song"], ["song", "parameter"], [], ["parameter", "training"])
COUNTRIES: Final = (
    {"include": ["2136"], "exclude": []},
    {"include": ["DE", "FR"], "exclude": []},
    {"include": ["2136"], "exclude": ["JP"]},
)
FRACTIONS: Final = ("1", "1/2", "1/3", "2/3")
HOLDS: Final = ("kyc", "court_order", "bank_details")

Step = tuple[str, int, int, int]


@dataclass
class Random:
    """A world that takes random steps.

    `made` lists by kind what was made: its id or name, and whose it is or which asset's.
    """

    till: Till = field(default_factory=lambda: Till.opened(*PARTIES))
    made: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    steps: int = 0

    def __post_init__(self) -> None:
        world = self.till.world
        world.recording("S1", "S2").work("W1").link("S1", "W1")
        world.party("V", kind="person")
        for asset, party in (("S1", "L"), ("S2", "Q"), ("W1", "P")):
            share = world.share(asset, party, "1", name=f"first {asset}")
            self.made["shr"].append((share, asset))

    def take(self, steps: list[Step]) -> Random:
        """Take steps; one that the rules refuse leaves the log as it was."""
        for action, *numbers in steps:
            self.steps += 1
            with contextlib.suppress(Malformed):
                ACTIONS[action](self, *numbers)
        return self

    def say(self, command: Command, by: Key) -> Any:
        """Say a command."""
        return self.till.world.log.say(command, by=by)

    def known(self, kind: str, number: int, of: str | None = None) -> tuple[str, str]:
        """Choose one of what was made (of one asset or party); else an id that names nothing."""
        found = [row for row in self.made[kind] if of in (None, row[1])]
        nothing = (self.till.world.id(kind, "nothing"), PARTIES[0])
        return found[number % len(found)] if found else nothing

    def key(self, party: str) -> Key:
        """Return the newest key of a party."""
        world = self.till.world
        names = [name for name in world.keys if name == party or name.startswith(f"{party} key ")]
        return world[names[-1]]

    def holder(self, asset: str, number: int) -> str:
        """Choose somebody who holds a confirmed share of an asset, or anybody where nobody does."""
        world = self.till.world
        scope = WORK if asset.startswith("W") else RECORDING
        shares = world.log.ask(scope, world.asset(asset)).shares
        held = controllers_at(shares, world.log.now)
        found = [name for name in PARTIES if self.till.party(name) in held] or list(PARTIES)
        return found[number % len(found)]


def _pass_time(world: Random, a: int, _b: int, _c: int) -> None:
    hours = (0, 1, 24, 24 * 20)[a % 4]
    log = world.till.world.log
    log.at(log.now + timedelta(hours=hours))


def _share(world: Random, a: int, b: int, c: int) -> None:
    name, asset = f"share {world.steps}", ASSETS[a % 3]
    now = world.till.world.log.now
    share = world.till.world.share(
        asset,
        PARTIES[b % 3],
        FRACTIONS[c % 4],
        name=name,
        reduces=world.known("shr", a + b, asset)[0] if c % 5 else None,
        territories=COUNTRIES[(a + c) % 3],
        since=format_instant(now - timedelta(days=1)) if b % 2 else None,
    )
    world.made["shr"].append((share, asset))


def _withdraw(world: Random, a: int, _b: int, _c: int) -> None:
    command = WithdrawShare(share=world.known("shr", a)[0], reason="a mistake")
    world.say(command, world.till.world["registrar"])


def _words(world: Random, numbers: tuple[int, int, int], party: str, asset: str) -> dict[str, Any]:
    a, b, c = numbers
    now = world.till.world.log.now
    return world.till.world.words(
        f"consent {world.steps}",
        party,
        [asset] if b % 3 else [],
        uses=list(USES[c % 4]),
        territories=COUNTRIES[(a + b) % 3],
        until=format_instant(now + timedelta(days=30)) if c % 3 == 0 else None,
        revocation={
            "notice_days": (0, 7)[(a + b + c) % 2],
            "in_flight": "complete",
            "survives": True,
        },
    )


def _consent(world: Random, a: int, b: int, c: int) -> None:
    asset = ASSETS[a % 3]
    party = world.holder(asset, c)
    said = _words(world, (a, b, c), party, asset)
    world.say(GrantConsent.read({"consent": said}), world.key(party))
    world.made["cns"].append((said["consent"], party))


def _change(world: Random, a: int, b: int, c: int) -> None:
    name, party = world.known("cns", a)
    log = world.till.world.log
    held = log.ask(CONSENT, name).held
    said = held.versions[-1].consent.data() if held else {}
    said |= {"uses": list(USES[c % 4]), "territories": COUNTRIES[b % 3]}
    later = log.now + timedelta(days=3)
    data = {"consent": said, "effective_from": when(later) if b % 2 else None}
    world.say(ChangeConsent.read(data), world.key(party))


def _revoke(world: Random, a: int, b: int, c: int) -> None:
    name, party = world.known("cns", a)
    targets: tuple[dict[str, Any], ...] = (
        {"consent": name},
        {"asset": world.till.world.asset(ASSETS[b % 3])},
        {"asset": world.till.world.asset(ASSETS[b % 3])},
        {"everything": True},
    )
    data = {"party": world.till.party(party), **targets[c % 4]}
    world.say(RevokeConsent.read(data), world.key(party))


def _steal(world: Random, a: int, b: int, _c: int) -> None:
    """A key is reported stolen; the party gets another one."""
    party = PARTIES[a % 3]
    log = world.till.world.log
    since = format_instant(log.now - timedelta(days=(0, 10)[b % 2]))
    command = RevokeKey(key=world.key(party).key, reason="stolen", compromised_since=since)
    world.say(command, world.till.world["registrar"])
    world.till.world.key(f"{party} key {world.steps}", party)


def _affirm(world: Random, a: int, _b: int, _c: int) -> None:
    name, party = world.known("cns", a)
    world.say(AffirmConsent(consent=name), world.key(party))


def _credit(world: Random, a: int, b: int, c: int) -> None:
    if c % 2:
        world.till.world.vocals("S1", {"V": []} if a % 2 else "none")
    else:
        world.till.world.credit(ASSETS[a % 3], PARTIES[b % 3], f"role {world.steps}")


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


def _hold(world: Random, a: int, b: int, c: int) -> None:
    data = {"party": world.till.party(PARTIES[a % 3]), "reason": HOLDS[b % 3]}
    command = (PlaceHold if c % 2 else ReleaseHold).read(data)
    world.say(command, world.till.world[("F1 pays", "F2 pays")[(a + c) % 2]])


RIGHTS: Final = (
    "time",
    "share",
    "withdraw",
    "consent",
    "change",
    "revoke",
    "steal",
    "affirm",
    "credit",
)
MONEY: Final = ("time", "accrue", "close", "ready", "pay", "answer", "hold", "die")

ACTIONS: Final[dict[str, Callable[[Random, int, int, int], None]]] = {
    "time": _pass_time,
    "share": _share,
    "withdraw": _withdraw,
    "consent": _consent,
    "change": _change,
    "revoke": _revoke,
    "steal": _steal,
    "affirm": _affirm,
    "credit": _credit,
    "die": _die,
    "accrue": _accrue,
    "close": _close,
    "ready": _ready,
    "pay": _pay,
    "answer": _answer,
    "hold": _hold,
}


def steps(*actions: str, most: int = 40) -> st.SearchStrategy[list[Step]]:
    """Draw steps of these actions."""
    small = st.integers(0, 11)
    return st.lists(st.tuples(st.sampled_from(actions), small, small, small), max_size=most)
