"""A creator and holders at the doors of a cluster: signed statements over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from ledger.keys import read_key
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from schemas.terms import Request
from service.facts import InstanceFacts
from service.identity import Tokens
from service.speaking import say
from tests.kit.insisting import says_again
from tests.kit.instance import Place
from tests.support.patience import until

TIMEOUT_S = 60.0


class Creating:
    """Speaks with the keys of a place's keyring; remembers what was authorized."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.facts = InstanceFacts.load(place.settings.instance)
        self.authorized: list[str] = []
        self._token = Tokens(place.settings.tokens).issue(place.creator, ["creator"], "creating")
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, generation: str, **changes: Any) -> Request:
        """Return the request of a place, with this id."""
        return self.place.request_of(self.facts.mosaic_model, generation=generation, **changes)

    def authorize(self, door: str) -> str:
        """Have a generation authorized at a door; return its id."""
        generation = new_id("gen")
        command = AuthorizeGeneration(verification=new_id("ver"), request=self.request(generation))
        self.say(door, self.place.creator, command)
        self.authorized.append(generation)
        return generation

    def say(self, door: str, party: str, command: Command) -> dict[str, Any]:
        """Say a command that must be taken; return the answer. A ledger may be busy for a while."""
        body, answers = self._signed(party, command), list[httpx.Response]()

        def is_answered() -> bool:
            answers.append(self._http.post(f"{door}/v1/statements", json=body))
            return not says_again(answers[-1])

        until(is_answered, "an answer", told=lambda: answers[-1].text)
        assert answers[-1].is_success, answers[-1].text
        found: dict[str, Any] = answers[-1].json()
        return found

    def post(self, door: str, party: str, command: Command, **headers: str) -> httpx.Response:
        """Sign a command and hand it in at a door, once."""
        body = self._signed(party, command)
        return self._http.post(f"{door}/v1/statements", json=body, headers=headers)

    def _signed(self, party: str, command: Command) -> dict[str, Any]:
        key = read_key(self.place.settings.keyring / f"{party}.key")
        said = say(command, actor=party, key=key, ledger=self.facts.origin, now=datetime.now(UTC))
        openings = [
            {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
            for row in said.openings
        ]
        return {"statement": canonical.b64u(said.raw), "openings": openings}

    def status(self, door: str, generation: str) -> str:
        """Return how a generation stands, as a door says."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._http.get(f"{door}/v1/generations/{generation}", headers=headers)
        return str(answer.json()["status"]) if answer.is_success else f"{answer.status_code}"
