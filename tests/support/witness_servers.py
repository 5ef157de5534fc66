"""Witnesses to ask: real ones as processes, and one that answers whatever a test wants."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ledger.evidence.nodes import TileHashes
from ledger.evidence.note import COSIGNER, NoteKey
from ledger.evidence.policy import Policy, parse_policy, write_policy
from ledger.evidence.submission import Submission, monitoring_path
from ledger.storage.opening import Storage
from schemas.envelope.keys import SigningKey
from service.demo.witness import RunningWitness, witness_process
from service.workers.witnessing import Standing, Witnessing
from tests.support.patience import PATIENCE_S, until
from tests.support.storage_world import LOG_KEY, ORIGIN, LogWorld

Reply = tuple[int, str, bytes]
"""Status, content type, body."""

FAKE_KEY = NoteKey("fake.example", SigningKey("key_fake", b"\x0b" * 32), COSIGNER)


ABSENT_KEY = NoteKey("w3.example", SigningKey("key_absent", b"\x0d" * 32), COSIGNER)
ABSENT = f"{ABSENT_KEY.vkey} http://127.0.0.1:9"
"""A witness that is down: nobody listens on the discard port."""

WAIT_S = PATIENCE_S
"""Far beyond what anything here takes: who waits so long has failed."""


@dataclass
class FakeWitness:
    """Where it answers, and the bodies of the requests that came."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def answering(reply: Callable[[str], Reply]) -> Iterator[FakeWitness]:
    """Answer every POST on a free local port with what `reply` makes of its body."""
    fake = FakeWitness("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            fake.asked.append(body)
            status, kind, content = reply(body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(
    folder: Path, *names: str, origin: str = ORIGIN, vkey: str = LOG_KEY.vkey
) -> Iterator[list[RunningWitness]]:
    """Run one real witness a name, each in its own process and folder."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                witness_process(folder / name, origin, vkey, name=f"{name}.example")
            )
            for name in names
        ]


def policy_of(lines: Sequence[str], vkey: str = LOG_KEY.vkey) -> Policy:
    """Return the policy of a log with these lines about witnesses."""
    return parse_policy(write_policy((vkey,), lines))


def quorum(least: int, witnesses: dict[str, str]) -> tuple[str, ...]:
    """Return policy lines that ask for `least` of some witnesses: name to `vkey url`."""
    defined = (f"witness {name} {rest}" for name, rest in witnesses.items())
    return (*defined, f"group q {least} {' '.join(witnesses)}", "quorum q")


@contextmanager
def asking(log: Storage, policy: Policy) -> Iterator[Witnessing]:
    """Ask the witnesses of a policy until the block ends."""
    witnessing = Witnessing(log.store, log.visible, lambda: policy)
    witnessing.start()
    try:
        yield witnessing
    finally:
        witnessing.close()


def append(world: LogWorld, log: Storage, *names: str) -> int:
    """Append one entry a name; return the size."""
    for name in names:
        log.submit(world.command(name)).result(60)
    return log.visible.wait_beyond(0, 0)


def send(log: Storage, url: str, *, old_size: int) -> httpx.Response:
    """Submit the newest checkpoint past the log's own asking."""
    with log.snapshot() as reader:
        checkpoint = reader.last_checkpoint()
        assert checkpoint is not None
        path = TileHashes(reader, checkpoint.size).consistency_path(old_size)
    return post(url, Submission(old_size, tuple(path), checkpoint.note or "").text.encode())


def post(url: str, content: bytes) -> httpx.Response:
    """Post a submission as it is."""
    return httpx.post(f"{url}/add-checkpoint", content=content, trust_env=False, timeout=WAIT_S)


def held_by(url: str) -> int:
    """Return the size that a witness serves as its newest."""
    response = httpx.get(f"{url}/{monitoring_path(ORIGIN)}", trust_env=False, timeout=WAIT_S)
    return int(response.text.split("\n")[1])


def stands(witnessing: Witnessing, name: str) -> Standing:
    """Wait until a witness has been asked, and return how it stands."""
    found: list[Standing] = []

    def was_asked() -> bool:
        found[:] = [one for one in witnessing.standing() if one.name == name]
        return bool(found)

    until(was_asked, f"{name} is asked")
    return found[0]
