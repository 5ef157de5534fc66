"""A statement is answered the same in front of the framework's routes as behind them.

The same application is asked twice, the second time without its `HotDoor`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, cast

import httpx
import pytest
from fastapi import FastAPI

from schemas.commands.parties import RegisterParty
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.api.app import create_app
from service.api.limits import Limits
from service.api.writing import HotDoor
from service.instance import Instance
from service.speaking import say
from tests.integration.api.world import World

COSE: Final = {"Content-Type": "application/cose"}
JSON: Final = {"Content-Type": "application/json"}
GIVEN: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

ASKED: Final[dict[str, dict[str, Any]]] = {
    "no body": {"headers": COSE},
    "no statement": {"content": b"\x84\x40\xa0\x40\x40", "headers": COSE},
    "no media type": {"content": b"\xd2"},
    "another media type": {"content": b"\xd2", "headers": {"Content-Type": "text/plain"}},
    "a media type with more": {
        "content": b"\xd2",
        "headers": {"Content-Type": " Application/COSE ; x=y"},
    },
    "two media types": {
        "content": b"\xd2",
        "headers": [("content-type", "text/plain"), ("content-type", "application/cose")],
    },
    "no JSON": {"content": b"{", "headers": JSON},
    "JSON that is no object": {"content": b"[]", "headers": JSON},
    "JSON with a float": {"content": b'{"statement": 1.5}', "headers": JSON},
    "JSON with a key twice": {"content": b'{"statement": "", "statement": ""}', "headers": JSON},
    "JSON that is no UTF-8": {"content": b'"\xff"', "headers": JSON},
    "a parameter": {"content": b"\xd2", "headers": COSE, "params": {"as_of": "1"}},
    "a parameter without a value": {"content": b"\xd2", "headers": COSE, "params": "x"},
    "a parameter with U+0000": {"content": b"\xd2", "headers": COSE, "params": {"x": "\0"}},
    "a question mark": {"content": b"\xd2", "headers": COSE, "path": "/v1/statements?"},
    "a slash": {"content": b"\xd2", "headers": COSE, "path": "/v1/statements/"},
    "letters as numbers": {"content": b"\xd2", "headers": COSE, "path": "/v1/%73tatements"},
    "GET": {"method": "GET"},
    "HEAD": {"method": "HEAD"},
    "OPTIONS": {"method": "OPTIONS"},
    "PUT": {"method": "PUT", "content": b"\xd2", "headers": COSE},
    "a method of nobody's": {"method": "SAY"},
    "too large": {"content": bytes(2_000), "headers": COSE},
    "too large, in parts": {"content": [bytes(600), bytes(600)], "headers": COSE},
    "a length that is none": {"headers": {**COSE, "Content-Length": "-1"}},
    "a length of letters": {"headers": {**COSE, "Content-Length": "\u00b2".encode("latin-1")}},
    "an empty length": {"headers": {**COSE, "Content-Length": ""}},
    "parts": {"content": [b"\x84\x40", b"", b"\xa0\x40\x40"], "headers": COSE},
    "a false token": {"content": b"\xd2", "headers": {**COSE, "Authorization": "Bearer x"}},
    "a token of another kind": {
        "content": b"\xd2",
        "headers": {**COSE, "Authorization": "Basic x"},
    },
    "a request id": {"content": b"\xd2", "headers": {**COSE, "X-Request-Id": "mine"}},
    "a trace": {"content": b"\xd2", "headers": {**COSE, "traceparent": GIVEN}},
}


def both(instance: Instance, **how: Any) -> tuple[FastAPI, FastAPI]:
    """Return the application, and the same without its hot door."""
    hot, cold = create_app(instance, **how), create_app(instance, **how)
    layers = cold.user_middleware
    cold.user_middleware = [layer for layer in layers if cast("object", layer.cls) is not HotDoor]
    assert len(cold.user_middleware) == len(hot.user_middleware) - 1
    return hot, cold


def asked(app: FastAPI, *, path: str = "/v1/statements", method: str = "POST", **how: Any) -> Any:
    """Return all that an application answers, but for what is made by chance or by the clock."""
    content = how.pop("content", None)

    async def parts() -> AsyncIterator[bytes]:
        for each in content:
            yield each

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            given = parts() if isinstance(content, list) else content
            return await http.request(method, path, content=given, **how)

    found = asyncio.run(ask())
    named = found.headers["x-request-id"]
    rows = [row for row in found.headers.multi_items() if row[0] != "x-request-id"]
    return found.status_code, rows, found.text.replace(named, "its id")


@pytest.mark.parametrize("name", ASKED)
def test_a_request_is_answered_the_same_at_both(world: World, name: str) -> None:
    limits = Limits(requests=1_000, window_s=1_000_000, body_bytes=1_000)
    hot, cold = both(world.instance, limits=limits)
    first = asked(hot, **ASKED[name])
    assert first == asked(cold, **ASKED[name])
    assert first[0] >= 400


def test_a_statement_is_taken_the_same_at_both(world: World) -> None:
    """The second is a replay: of the first answer nothing but a header is different."""
    instance = world.instance
    operator = instance.operator()
    said = say(
        RegisterParty(party=new_id("pty"), kind="organization", name="Hot"),
        actor=operator.party,
        key=operator.key,
        ledger=instance.facts.origin,
        now=instance.clock(),
    )
    hot, cold = both(instance)
    first, second = (asked(app, content=said.raw, headers=COSE) for app in (hot, cold))
    assert (first[0], first[2]) == (second[0], second[2])
    assert first[0] == 201
    assert [row for row in second[1] if row[0] != "idempotency-replayed"] == first[1]


def test_a_statement_by_nobody_is_refused_the_same_at_both(world: World) -> None:
    instance = world.instance
    said = say(
        RegisterParty(party=new_id("pty"), kind="organization", name="Cold"),
        actor=new_id("pty"),
        key=SigningKey.generate(new_id("key")),
        ledger=instance.facts.origin,
        now=instance.clock(),
    )
    hot, cold = both(instance)
    first = asked(hot, content=said.raw, headers=COSE)
    assert first == asked(cold, content=said.raw, headers=COSE)
    assert first[0] == 401
