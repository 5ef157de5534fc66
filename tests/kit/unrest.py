"""Creators who authorize and holders who grant and revoke, all at once, until told to stop.

Everything that was acknowledged is kept, to be looked for afterwards.
"""

from __future__ import annotations

import functools
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from schemas.terms import Consent
from service.facts import InstanceFacts
from tests.kit import words
from tests.kit.insisting import Acknowledged, Insisting
from tests.kit.instance import Piece, Place

OPEN_MAX: Final = 4
"""Generations that one creator waits for at once: nobody is asked for more than can be made."""

ENDS: Final = frozenset({"completed", "failed", "canceled", "expired"})
"""How a generation may stand when it has ended."""

AUTHORIZE_S: Final = (0.0, 0.4)
PERMIT_S: Final = (1.0, 4.0)
FORBID_S: Final = (0.0, 0.4)
"""Seconds, from and to: between two requests of a creator; how long a holder permits, and not."""


@dataclass
class Unrest:
    """Load on the doors of a cluster. Use as a context: leaving it waits for whoever is speaking.

    Whoever fails ends it for all, and the failure is raised at the end. `standing` are the holders'
    consents in force, for whoever comes after.
    """

    place: Place
    doors: Sequence[str]
    seed: int
    creators: int = 2
    standing: dict[str, str] = field(default_factory=dict)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[Future[None]] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Whether somebody has failed already."""
        return any(one.done() and one.exception() is not None for one in self._running)

    def __enter__(self) -> Self:
        """Let them begin."""
        self._pool = ThreadPoolExecutor(self.creators + len(self.place.pieces))
        parts: list[Callable[[random.Random], None]] = [self._create] * self.creators
        parts += [functools.partial(self._hold, piece) for piece in self.place.pieces]
        for number, part in enumerate(parts):
            chance = random.Random(self.seed * 1000 + number)  # noqa: S311 - to be repeated
            self._running.append(self._pool.submit(part, chance))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let them finish what they are saying; raise what went wrong."""
        self._stop.set()
        self._pool.shutdown()
        for one in self._running:
            one.result()

    def _create(self, chance: random.Random) -> None:
        model = InstanceFacts.load(self.place.settings.instance).mosaic_model
        waited: list[str] = []
        with closing(Insisting(self.place, self.doors, self.place.creator, ("creator",))) as who:
            while not self._stop.wait(chance.uniform(*AUTHORIZE_S)):
                if len(waited) < OPEN_MAX:
                    waited += self._authorize(who, model)
                else:
                    waited = [one for one in waited if not self._has_ended(who, one)]

    def _authorize(self, who: Insisting, model: str) -> list[str]:
        generation = new_id("gen")
        request = self.place.request_of(model, generation=generation)
        said = who.say(AuthorizeGeneration(verification=new_id("ver"), request=request))
        self.acknowledged.append(said)
        if said.is_refused:
            return []
        self.authorized.append(generation)
        return [generation]

    def _has_ended(self, who: Insisting, generation: str) -> bool:
        status = str(who.get(f"/v1/generations/{generation}", "poll").json()["status"])
        self.ended[status] += status in ENDS
        return status in ENDS

    def _hold(self, piece: Piece, chance: random.Random) -> None:
        """Permit for a while, forbid for a moment, and so on; permitted in the end."""
        consent = self.standing.setdefault(piece.holder, piece.master_consent)
        with closing(Insisting(self.place, self.doors, piece.holder, ("holder",))) as who:
            while not self._stop.wait(chance.uniform(*PERMIT_S)):
                self.acknowledged.append(
                    who.say(RevokeConsent(party=piece.holder, consent=consent))
                )
                self._stop.wait(chance.uniform(*FORBID_S))
                granted = Consent.read(
                    words.consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})
                )
                self.acknowledged.append(who.say(GrantConsent(consent=granted)))
                self.standing[piece.holder] = consent = granted.consent
