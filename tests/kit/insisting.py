"""Somebody at the doors of a ledger who does not give up: no answer, and the same bytes go again.

What a good client does (contracts, section 10): a statement is signed once, and whatever happens to
connections, processes and servers, the same statement is handed in until somebody answers it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

from ledger.keys import read_key
from schemas import canonical
from schemas.commands.base import Command
from schemas.envelope.statement import read_statement
from service.facts import InstanceFacts
from service.identity import Tokens
from service.speaking import say
from tests.kit.instance import Place

TIMEOUT_S: Final = 30.0
"""How long one answer may take before it is asked for again."""

INSISTS_S: Final = 300.0
"""How long anybody insists: a statement lives ten minutes."""

PAUSE_S: Final = 0.2
"""How long to wait before the next try."""

AGAIN: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.INSUFFICIENT_STORAGE,
    }
)
"""Answers that say: come again."""

IN_FLIGHT: Final = "request_in_flight"
"""A conflict that says the same."""


class UnheardError(AssertionError):
    """Nobody answered for too long, or somebody answered what no client can understand."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What was said, and what the ledger answered for good: taken, or refused with its verdict."""

    command: str
    body: dict[str, Any]
    status: int
    answer: dict[str, Any]
    tries: int

    @property
    def is_refused(self) -> bool:
        """Whether the rights said no."""
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entries that were acknowledged: id, type, position, time; data where it was taken."""
        return [self.answer["event"]] if self.is_refused else list(self.answer["entries"])


class Insisting:
    """One party with its own key and its own token. Used by one thread.

    `doors` gives the addresses to try, in turn. `timed` hears of each answer: what was asked, the
    status and of a problem the code, the seconds.
    """

    def __init__(
        self,
        place: Place,
        doors: Sequence[str],
        party: str,
        roles: Sequence[str],
        *,
        timed: Callable[[str, str, float], None] = lambda _what, _ending, _seconds: None,
    ) -> None:
        self.party = party
        self._place = place
        self._doors = doors
        self._timed = timed
        self._turn = 0
        self._origin = InstanceFacts.load(place.settings.instance).origin
        self._key = read_key(place.settings.keyring / f"{party}.key")
        token = Tokens(place.settings.tokens).issue(party, roles, "insisting")
        self._http = httpx.Client(
            timeout=TIMEOUT_S, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def say(self, command: Command) -> Acknowledged:
        """Sign a command once, and hand it in until it is answered."""
        said = say(
            command, actor=self.party, key=self._key, ledger=self._origin, now=datetime.now(UTC)
        )
        openings = [
            {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
            for row in said.openings
        ]
        body = {"statement": canonical.b64u(said.raw), "openings": openings}
        return self.say_again(read_statement(said.raw).id, body)

    def say_again(self, command_id: str, body: dict[str, Any]) -> Acknowledged:
        """Hand in what was signed before, until it is answered."""
        answer, tries = self._ask("POST", "/v1/statements", "say", json=body)
        return Acknowledged(command_id, body, answer.status_code, answer.json(), tries)

    def get(self, path: str, what: str, **how: Any) -> httpx.Response:
        """Ask a question until it is answered."""
        return self._ask("GET", path, what, **how)[0]

    def post(self, path: str, what: str, **how: Any) -> httpx.Response:
        """Post something that is no statement, until it is answered."""
        return self._ask("POST", path, what, **how)[0]

    def _ask(self, method: str, path: str, what: str, **how: Any) -> tuple[httpx.Response, int]:
        until, tries, last = time.monotonic() + INSISTS_S, 0, "nothing"
        while time.monotonic() < until:
            tries += 1
            door = self._doors[self._turn % len(self._doors)]
            self._turn += 1
            begun = time.monotonic()
            try:
                answer = self._http.request(method, door + path, **how)
            except httpx.TransportError as error:
                last = repr(error)
            else:
                self._timed(what, _ending(answer), time.monotonic() - begun)
                if not says_again(answer):
                    return _understood(answer), tries
                last = answer.text
            time.sleep(PAUSE_S)
        raise UnheardError(f"{method} {path} was not answered in {INSISTS_S} s; last: {last}")


def _ending(answer: httpx.Response) -> str:
    """Return the status of an answer, and of a problem its code."""
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return str(answer.status_code)
    return f"{answer.status_code} {answer.json()['code']}"


def says_again(answer: httpx.Response) -> bool:
    """Tell whether an answer asks to come again with the same bytes."""
    if answer.status_code == HTTPStatus.CONFLICT:
        return bool(answer.json()["code"] == IN_FLIGHT)
    return answer.status_code in AGAIN


def _understood(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is one: what was asked here can be taken, or refused by the rights."""
    if answer.is_success or (
        answer.status_code == HTTPStatus.FORBIDDEN and "verdict" in answer.json()
    ):
        return answer
    raise UnheardError(f"{answer.request.method} {answer.request.url}: {answer.text}")
