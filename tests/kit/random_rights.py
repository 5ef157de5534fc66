"""Random steps about who holds and permits what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from ledger.rights.states import CONSENT
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.parties import RevokeKey
from schemas.commands.shares import WithdrawShare
from schemas.period import format_instant
from tests.kit.random_world import (
    ASSETS,
    COUNTRIES,
    FRACTIONS,
    PARTIES,
    USES,
    Random,
)
from tests.kit.words import when


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


RIGHTS: Final[dict[str, Callable[[Random, int, int, int], None]]] = {
    "time": _pass_time,
    "share": _share,
    "withdraw": _withdraw,
    "consent": _consent,
    "change": _change,
    "revoke": _revoke,
    "steal": _steal,
    "affirm": _affirm,
    "credit": _credit,
}
"""Actions about who holds and permits what."""
