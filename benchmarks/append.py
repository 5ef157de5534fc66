"""Durable signed appends, the whole way, against bare saves: what `append_*` have in common.

A statement's whole way: its form and signature checked, decided on warm scopes, its entries signed,
guarded, placed in tree and tiles, committed to disk, accepted by the register, made visible, and
answered with a proof for each entry. Both sides run with as many clients at once as the measure
says, each of which waits for its answer before it goes on; they take turns, and of each the best
round counts. What clients say was signed before.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.append_engines import Engine, Saved
from benchmarks.append_town import ROUND, Song, Town, scripts
from benchmarks.measuring import in_turns, sized, told
from ledger.application import Application

LOAD = "of eight: 3 consents granted, 2 revoked, 2 shares claimed, 1 verification of two"
HOLDERS = sized(32, tiny=2)
ROUNDS = sized(5, tiny=1)
STATEMENTS = sized(1_536, tiny=8)
"""Statements of one round of measuring, about; at most."""

SAVES = sized(768, tiny=8)
"""Saves of one round, about; at most."""

AT_ONCE = 256
"""Statements of the founding that are on their way at once."""


async def said(application: Application, scripts_of: Sequence[Sequence[bytes]]) -> None:
    """Let as many clients speak as there are scripts, each one statement after the other."""

    async def client(raws: Sequence[bytes]) -> None:
        for raw in raws:
            answer = await application.handle_async(raw)
            assert not answer.refused, answer.entries

    await asyncio.gather(*map(client, scripts_of))


def saved(peer: Any, clients: int, each: int) -> None:
    """Let as many threads save, each one aggregate after the other."""

    def client() -> None:
        for _ in range(each):
            peer.save(Saved(name="somebody"))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hand_in(application: Application, raws: Sequence[bytes]) -> None:
    """Hand in statements that do not depend on each other."""
    at_once = min(AT_ONCE, len(raws))
    asyncio.run(said(application, [raws[number::at_once] for number in range(at_once)]))


@contextmanager
def founded(engine: Engine) -> Iterator[tuple[Town, Application]]:
    """Give a town with everybody in it, and the door to its log."""
    town = Town()
    with engine.opened(town, create=True) as application:
        town.open(partial(hand_in, application))
        town.found(partial(hand_in, application), HOLDERS)
        yield town, application


@dataclass(slots=True)
class Speaking:
    """Rounds of statements: signed on `prepare`, said when called, so that only saying is timed."""

    town: Town
    application: Application
    clients: int
    rounds: int
    hot: Iterator[Song] | None = None
    ready: list[list[bytes]] | None = None

    def prepare(self) -> None:
        """Sign what the next round says; where it is `hot`, all about the next song."""
        song = next(self.hot) if self.hot is not None else None
        self.ready = scripts(self.town, self.clients, self.rounds, hot=song)

    @property
    def count(self) -> int:
        """Statements of one round."""
        return self.clients * self.rounds * ROUND

    def __call__(self) -> None:
        """Say it."""
        assert self.ready is not None, "prepared before"
        raws, self.ready = self.ready, None
        asyncio.run(said(self.application, raws))


def rounds_for(clients: int) -> int:
    """Return how many rounds of eight each client speaks."""
    return max(1, STATEMENTS // (clients * ROUND))


def compare(
    measure: str,
    engine: Callable[[], AbstractContextManager[Engine]],
    *,
    clients: int,
    at_least: float,
) -> None:
    """Print statements a second over saves a second."""
    with engine() as found, founded(found) as (town, application):
        peer = found.peer_application()
        each = max(4, min(SAVES, 12 * clients + 100) // clients)
        speaking = Speaking(town, application, clients, min(6, rounds_for(clients)))
        spoken, plain = in_turns(
            speaking, partial(saved, peer, clients, each), rounds=ROUNDS, before=speaking.prepare
        )
        peer.close()
    statements, saves = speaking.count / spoken, clients * each / plain
    print(f"{statements:.0f} statements a second, {saves:.0f} saves, {clients} clients each")
    told(
        measure,
        statements / saves,
        "bare eventsourcing Application.save of one event, same server, same clients, same run",
        at_least=at_least,
        clients=clients,
        statements_per_s=round(statements),
        saves_per_s=round(saves),
        load=LOAD,
    )
