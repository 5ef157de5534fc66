"""Requests as they come over a real connection: sent ahead, in pieces, broken off, one by one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

import httpx
import pytest

from schemas.commands.parties import RegisterParty
from schemas.ids import new_id
from service.speaking import say
from tests.integration.api.world import World
from tests.support.patience import PATIENCE_S

TOO_LARGE = (1 << 20) + 1
HEAD = (
    b"POST /v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/cose\r\n%b"
    b"Content-Length: %d\r\n\r\n"
)


class Got(NamedTuple):
    """One answer."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


@contextmanager
def connected(world: World) -> Iterator[tuple[socket.socket, BinaryIO]]:
    """Give a connection, and what comes on it."""
    where = httpx.URL(world.url)
    assert where.port is not None
    there = (where.host, where.port)
    with (
        socket.create_connection(there, timeout=PATIENCE_S) as one,
        one.makefile("rb") as coming,
    ):
        yield one, coming


def got(coming: BinaryIO, *, has_body: bool = True) -> Got:
    """Read one answer, no byte more."""
    status = int(coming.readline().split()[1])
    fields: dict[str, str] = {}
    while line := coming.readline().strip():
        name, _, value = line.decode("latin-1").partition(": ")
        assert name not in fields, name
        fields[name] = value
    length = int(fields.get("content-length", "0")) if has_body else 0
    return Got(status, fields, coming.read(length))


def registered(world: World) -> tuple[str, bytes]:
    """Return a new party and the statement that registers it."""
    instance, party = world.instance, new_id("pty")
    operator = instance.operator()
    said = say(
        RegisterParty(party=party, kind="organization", name="Somebody"),
        actor=operator.party,
        key=operator.key,
        ledger=instance.facts.origin,
        now=instance.clock(),
    )
    return party, said.raw


def posted(raw: bytes, fields: bytes = b"") -> bytes:
    return HEAD % (fields, len(raw)) + raw


def party_of(answer: Got) -> str:
    assert answer.status == 201, answer.body
    party: str = answer.content["entries"][0]["data"]["party"]
    return party


def test_what_is_sent_ahead_is_answered_in_order(world: World) -> None:
    said = [registered(world) for _ in range(3)]
    ahead = [
        posted(said[0][1], b"X-Request-Id: first\r\n"),
        b"HEAD /health HTTP/1.1\r\nHost: ledger\r\n\r\n",
        posted(b"no statement"),
        posted(said[1][1]),
        b"GET /nowhere HTTP/1.1\r\nHost: ledger\r\n\r\n",
        posted(said[2][1], b"Authorization: Bearer x\r\n"),
        posted(said[2][1]),
    ]
    with connected(world) as (one, coming):
        one.sendall(b"".join(ahead))
        answers = [got(coming, has_body=number != 1) for number in range(len(ahead))]
    assert [answer.status for answer in answers] == [201, 200, 400, 201, 404, 401, 201]
    assert [party_of(answers[number]) for number in (0, 3, 6)] == [party for party, _ in said]
    assert answers[0].fields["x-request-id"] == "first"
    assert len({answer.fields["x-request-id"] for answer in answers}) == len(ahead)
    for answer in answers:
        assert int(answer.fields["ledger-position"]) > 0
        assert {"date", "ratelimit", "ratelimit-policy", "content-type"} <= set(answer.fields)
        assert answer.fields["x-content-type-options"] == "nosniff"
        assert "connection" not in answer.fields
        assert "server" not in answer.fields
    for number in (2, 4, 5):
        assert answers[number].content["request_id"] == answers[number].fields["x-request-id"]


def test_a_statement_is_heard_in_whatever_pieces_it_comes(world: World) -> None:
    party, raw = registered(world)
    said = posted(raw)
    with connected(world) as (one, coming):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(said), 7):
            one.sendall(said[at : at + 7])
        assert party_of(got(coming)) == party
        body = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in (raw[:5], raw[5:]))
        one.sendall(
            b"POST /v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/cose\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"
        )
        again = got(coming)
        assert (party_of(again), again.fields["idempotency-replayed"]) == (party, "true")


def test_who_asks_before_it_sends_is_told_to_go_on(world: World) -> None:
    party, raw = registered(world)
    with connected(world) as (one, coming):
        one.sendall(HEAD % (b"Expect: 100-continue\r\n", len(raw)))
        assert coming.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert coming.readline() == b"\r\n"
        one.sendall(raw)
        assert party_of(got(coming)) == party


@pytest.mark.parametrize("fields", [b"", b"Expect: 100-continue\r\n"])
def test_who_would_send_too_much_is_refused_at_once(world: World, fields: bytes) -> None:
    with connected(world) as (one, coming):
        one.sendall(HEAD % (fields, TOO_LARGE))
        answer = got(coming)
        assert (answer.status, answer.content["code"]) == (413, "content_too_large")


@pytest.mark.parametrize(
    ("version", "field"), [(b"HTTP/1.1", b"Connection: close\r\n"), (b"HTTP/1.0", b"")]
)
def test_who_wants_one_answer_gets_it_and_the_end(
    world: World, version: bytes, field: bytes
) -> None:
    party, raw = registered(world)
    with connected(world) as (one, coming):
        one.sendall(posted(raw, field).replace(b"HTTP/1.1", version))
        answer = got(coming)
        assert (party_of(answer), answer.fields["connection"]) == (party, "close")
        assert coming.read() == b""


def test_who_goes_away_while_it_waits_may_have_been_heard_and_asks_again(world: World) -> None:
    party, raw = registered(world)
    before = world.instance.feed.visible_head()
    with connected(world) as (one, _):
        one.sendall(posted(raw))
    with connected(world) as (one, coming):
        one.sendall(posted(raw))
        assert party_of(got(coming)) == party
        one.sendall(posted(raw))
        again = got(coming)
        assert (party_of(again), again.fields["idempotency-replayed"]) == (party, "true")
    assert world.instance.feed.visible_head() == before + 1


def test_who_goes_away_in_the_middle_is_not_heard_and_hurts_nobody(world: World) -> None:
    party, raw = registered(world)
    with connected(world) as (one, _):
        one.sendall(posted(raw)[:-10])
    with connected(world) as (one, coming):
        one.sendall(posted(raw))
        answer = got(coming)
        assert party_of(answer) == party
        assert "idempotency-replayed" not in answer.fields


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        posted(b"x").replace(b"Content-Length: 1", b"Content-Length: one"),
        posted(b"x").replace(b"Content-Length: 1", b"Content-Length:"),
        posted(b"x").replace(b"Content-Length: 1", b"Content-Length: -1"),
        posted(b"x", b"Transfer-Encoding: chunked\r\n"),
        posted(b"x", b"Content-Length: 2\r\n"),
        posted(b"x", b"Bad Name: x\r\n"),
        posted(b"x", b"X-Y: a\0b\r\n"),
    ],
)
def test_what_is_no_request_is_told_so_and_ends(world: World, said: bytes) -> None:
    with connected(world) as (one, coming):
        one.sendall(said)
        assert coming.readline() == b"HTTP/1.1 400 Bad Request\r\n"
        assert coming.read()
    assert world.nobody.get("/health").status_code == 200
