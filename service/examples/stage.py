"""Where the story of the examples happens: a fresh instance in a folder, behind a real server."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import numpy as np

from generation import audio
from generation.songs import render
from generation.songs.instruments import RATE_HZ
from generation.songs.scores import SONGS
from schemas.commands.log import Policy
from schemas.envelope.keys import SigningKey
from service.beginning import begin
from service.examples.normal import BEGIN
from service.examples.recorder import Person, Recorder
from service.identity import Tokens
from service.instance import Instance
from service.listening import bind, url_of
from service.rotating import prepare
from service.serving import make_server
from service.settings import Settings

ORIGIN: Final = "ledger.example/2026"
POLICY: Final = Policy(payout_threshold_minor=1)
"""One generation is enough for a payout."""

TIMEOUT_S: Final = 300.0
"""How long an example's generation may take."""


def ticking_clock() -> Callable[[], datetime]:
    """Return a clock that starts when the story does, and moves a millisecond when it is read.

    So no two instants of a story are equal, what the ledger does each minute by itself, which
    would come at another position in each run, never comes, and a story that is told in another
    month is about the same one.
    """
    ticks = itertools.count()
    return lambda: BEGIN + timedelta(milliseconds=next(ticks))


@dataclass
class Stage:
    """An open instance, its address, and the people who come to it.

    `successor` is a key for entries that the instance holds and that the log does not know yet.
    """

    instance: Instance
    tokens: Tokens
    url: str
    folder: Path
    recorder: Recorder
    stack: ExitStack
    successor: SigningKey

    def person(self, token: str, party: str) -> Person:
        """Return somebody who presents a token; an empty one is nobody's."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        http = httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT_S, trust_env=False)
        self.stack.callback(http.close)
        return Person(http, self.recorder, party)

    def officer(self) -> Person:
        """Return the operator, in all its offices."""
        party = self.instance.facts.operator_party
        roles = ("operator", "registrar", "platform", "finance")
        return self.person(self.tokens.issue(party, roles, "Operator"), party)

    def song(self, number: int) -> Path:
        """Synthesize the song of a place, and return its file."""
        score = SONGS[number]
        path = self.folder / f"{score.number}.wav"
        mix = np.sum(list(render(score).values()), axis=0)
        audio.write_wav(path, audio.Audio(mix.astype(np.float32), RATE_HZ))
        return path


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Found an instance in a folder and serve it until the block ends."""
    settings = Settings(home=folder / "home", register=folder / "register")
    recorder = Recorder()
    with ExitStack() as stack:
        clock = ticking_clock()
        begin(settings, origin=ORIGIN, operator_name="Operator", policy=POLICY, clock=clock)
        successor = prepare(settings, "entry")
        instance = stack.enter_context(Instance(settings, work=True, clock=clock))
        server = make_server(instance)
        listening = stack.enter_context(bind(port=0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        tokens = Tokens(settings.tokens)
        yield Stage(instance, tokens, url_of(listening), folder, recorder, stack, successor)
