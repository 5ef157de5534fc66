"""A door to test: an instance in a folder, a server on a free port, and clients with tokens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from schemas.commands.log import Policy
from service.beginning import begin
from service.identity import Tokens
from service.instance import Instance
from service.serving import bind, make_server, url_of
from service.settings import Settings

ORIGIN = "ledger.example/2026"
POLICY = Policy(payout_threshold_minor=1)

_numbers = itertools.count(1)


@dataclass
class Client:
    """Somebody with a token, or nobody."""

    http: httpx.Client
    party: str = ""
    token: str = ""

    def __getattr__(self, name: str) -> Any:
        """Ask like `httpx.Client`: `get`, `post`, `put`, `head`, `request`, `stream`."""
        return getattr(self.http, name)

    def say(
        self, command: str, data: dict[str, Any], *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """Say a typed command; without a key, each time another."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Idempotency-Key"] = key or f"test-{next(_numbers)}"
        return self.http.post(f"/v1/commands/{command}", json=data, headers=named)

    def did(self, command: str, data: dict[str, Any], **how: Any) -> dict[str, Any]:
        """Say a command that must succeed; return the answer."""
        response = self.say(command, data, **how)
        assert response.status_code in {201, 202}, response.text
        found: dict[str, Any] = response.json()
        return found


@dataclass
class World:
    """An instance, its server's address, and the clients made so far."""

    instance: Instance
    tokens: Tokens
    url: str
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, token: str = "", party: str = "") -> Client:
        """Return a client that presents a token, or none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)
        self.clients.append(made)
        return Client(made, party, token)

    @property
    def nobody(self) -> Client:
        """Somebody without a token."""
        return self.client()

    def officer(self, *roles: str) -> Client:
        """Return the operator's party with a token of these roles, or of all its own."""
        party = self.instance.facts.operator_party
        chosen = roles or ("operator", "registrar", "platform", "finance")
        return self.client(self.tokens.issue(party, chosen, "officer"), party)

    def party(self, name: str, *roles: str) -> Client:
        """Register an organization and return it with a token of these roles."""
        answer = self.officer().did("RegisterParty", {"kind": "organization", "name": name})
        party = answer["entries"][0]["data"]["party"]
        return self.client(self.tokens.issue(party, roles or ("holder",), name), party)


@contextmanager
def served(instance: Instance, **how: Any) -> Iterator[str]:
    """Serve an instance on a free port until the block ends."""
    server = make_server(instance, **how)
    listening = bind(port=0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield url_of(listening)
    finally:
        server.stop()
        thread.join()
        listening.close()


@contextmanager
def open_world(folder: Path, *, work: bool = False, **how: Any) -> Iterator[World]:
    """Found an instance in a folder and serve it."""
    settings = Settings(home=folder / "home", register=folder / "register")
    begin(settings, origin=ORIGIN, operator_name="Operator", policy=POLICY)
    with Instance(settings, work=work) as instance, served(instance, **how) as url:
        world = World(instance, Tokens(settings.tokens), url)
        try:
            yield world
        finally:
            for client in world.clients:
                client.close()
