"""Who asks what under load: creators, holders and services, each as often as it is answered.

A creator asks for the price, authorizes, waits for the end by one long question, and downloads. A
holder grants and revokes a second consent, and looks at uses and balances. A service looks up what
the ledger knows of a file. Each has its own token; nobody waits between two questions but a holder
and a service, who would drown the rest.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from schemas.terms import Consent
from service.facts import InstanceFacts
from tests.kit import words
from tests.kit.insisting import Insisting
from tests.kit.instance import Piece, Place

PAUSE_S: Final = 0.5
"""How long a holder and a service wait between two questions."""

WAIT: Final = {"Prefer": "wait=20"}
"""How a creator waits for the end of a generation."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was answered: when it was asked, since the load began, and how long.

    `ending`: its status, and of a problem the code.
    """

    what: str
    ending: str
    at_s: float
    seconds: float


@dataclass
class Mix:
    """Clients at the doors of a cluster. Use as a context: leaving it waits for their last answers.

    `files` are the hashes of what was made; `made` when each generation had ended for its creator,
    since the load began.
    """

    place: Place
    doors: Sequence[str]
    creators: int
    holders: int
    services: int
    asked: list[Asked] = field(default_factory=list)
    made: list[float] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    waiting: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[Future[None]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Let them begin."""
        self.began_s = time.monotonic()
        self._pool = ThreadPoolExecutor(self.creators + self.holders + self.services)
        pieces = self.place.pieces
        parts: list[Callable[[], None]] = [self._create] * self.creators
        parts += [partial(self._hold, pieces[one % len(pieces)]) for one in range(self.holders)]
        parts += [self._look_up] * self.services
        self._running += [self._pool.submit(part) for part in parts]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let them finish; raise what went wrong."""
        self._stop.set()
        self._pool.shutdown()
        for one in self._running:
            one.result()

    @property
    def has_failed(self) -> bool:
        """Whether somebody has failed already."""
        return any(one.done() and one.exception() is not None for one in self._running)

    def _client(self, party: str, role: str) -> Insisting:
        def timed(what: str, ending: str, seconds: float) -> None:
            at_s = time.monotonic() - seconds - self.began_s
            self.asked.append(Asked(what, ending, at_s, seconds))

        return Insisting(self.place, self.doors, party, (role,), timed=timed)

    def _create(self) -> None:
        model = InstanceFacts.load(self.place.settings.instance).mosaic_model
        with closing(self._client(self.place.creator, "creator")) as who:
            while not self._stop.is_set():
                generation = new_id("gen")
                request = self.place.request_of(model, generation=generation)
                who.post("/v1/quotes", "POST quotes", json=request.data())
                self.waiting += 1
                who.say(AuthorizeGeneration(verification=new_id("ver"), request=request))
                self._follow(who, generation)
                self.waiting -= 1

    def _follow(self, who: Insisting, generation: str) -> None:
        """Wait for the end of a generation, and fetch what was made."""
        status, found = "authorized", {}
        while status == "authorized":
            answer = who.get(
                f"/v1/generations/{generation}", "GET generation (waits)", headers=WAIT
            )
            found = answer.json()
            status = found["status"]
        self.ends[status] += 1
        if status == "completed":
            self.made.append(time.monotonic() - self.began_s)
            sha256 = found["output"]["audio"]["file_sha256"]
            assert who.get(f"/v1/artifacts/{sha256}", "GET artifact").status_code == HTTPStatus.OK
            self.files.append(sha256)

    def _hold(self, piece: Piece) -> None:
        with closing(self._client(piece.holder, "holder")) as who:
            while not self._stop.wait(PAUSE_S):
                said = words.consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})
                consent = Consent.read(said)
                who.say(GrantConsent(consent=consent))
                who.get("/v1/uses", "GET uses")
                who.get("/v1/balances", "GET balances")
                who.say(RevokeConsent(party=piece.holder, consent=consent.consent))

    def _look_up(self) -> None:
        asked = {"territory": "DE", "tier": "private", "channel": "download"}
        with closing(self._client(self.place.creator, "streaming_service")) as who:
            while not self._stop.wait(PAUSE_S):
                if self.files:
                    known = {"file_sha256": random.choice(self.files)}  # noqa: S311 - any of them
                    who.post("/v1/inspections", "POST inspections", json=known, params=asked)
