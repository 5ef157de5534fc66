"""Somebody with an own key, speaking to one ledger in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.answer import Answer
from ledger.application import Application
from schemas.commands.base import Command
from schemas.envelope.keys import SigningKey
from service.speaking import say


@dataclass(frozen=True, slots=True)
class Speaker:
    """A party with its own key on this machine, speaking to one ledger."""

    application: Application
    party: str
    key: SigningKey
    clock: Callable[[], datetime]

    def say(self, command: Command, **more: Any) -> Answer:
        """Sign a command and hand it in; keyword arguments are those of `speaking.say`."""
        said = say(
            command,
            actor=self.party,
            key=self.key,
            ledger=self.application.origin,
            now=self.clock(),
            **more,
        )
        return self.application.handle(said.raw, said.openings)
