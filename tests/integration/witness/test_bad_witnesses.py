"""Witnesses that answer wrongly: nothing of theirs is kept, and the log says how each stands."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.evidence.note import LOG, Checkpoint, NoteKey, cosign, parse_checkpoint, read_note
from ledger.evidence.submission import parse_submission
from ledger.evidence.texts import encode
from ledger.storage.opening import Storage
from service.workers.witnessing import Standing
from tests.support.storage_world import LOG_KEY, LogWorld
from tests.support.witness_servers import (
    ABSENT_KEY,
    FAKE_KEY,
    WAIT_S,
    Reply,
    answering,
    append,
    asking,
    policy_of,
    quorum,
    stands,
)

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    return LogWorld(tmp_path / "log")


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with world.create() as storage:
        append(world, storage, "a", "b", "c")
        yield storage


def standing_of(log: Storage, reply: Callable[[str], Reply]) -> tuple[Standing, list[str]]:
    """Ask a witness that answers so; return how it stands then, and what it was asked."""
    with answering(reply) as fake:
        policy = policy_of(quorum(1, {"fake": f"{FAKE_KEY.vkey} {fake.url}"}))
        with asking(log, policy) as witnessing:
            standing = stands(witnessing, FAKE_KEY.name)
    with log.snapshot() as reader:
        kept = reader.cosigned_by(FAKE_KEY.vkey)
    assert kept == standing.size
    return standing, fake.asked


def now() -> int:
    return int(time.time())


def signed(body: str, key: NoteKey = FAKE_KEY, **how: int) -> str:
    """Return the answer of a witness that signs what it was shown, at some time."""
    return cosign(parse_submission(body).checkpoint, key, time_s=how.get("time_s", now())) + "\n"


def of_log_type(body: str) -> str:
    """Sign as a log does, without a time."""
    note = parse_submission(body).checkpoint
    as_log = NoteKey(FAKE_KEY.name, FAKE_KEY.key, LOG)
    blob = FAKE_KEY.key.sign(read_note(note).body.encode())
    return f"— {FAKE_KEY.name} {encode(as_log.verifier.key_id + blob)}\n"


def with_time(body: str, time_bytes: bytes, time_text: str) -> str:
    """Sign with a time written so."""
    text = read_note(parse_submission(body).checkpoint).body
    blob = time_bytes + FAKE_KEY.key.sign(f"cosignature/v1\ntime {time_text}\n{text}".encode())
    return f"— {FAKE_KEY.name} {encode(FAKE_KEY.verifier.key_id + blob)}\n"


def milliseconds(body: str) -> str:
    return signed(body, time_s=now() * 1000)


def little_endian(body: str) -> str:
    return with_time(body, now().to_bytes(8, "little"), str(now()))


def no_time(body: str) -> str:
    return with_time(body, b"", "0")


def zero_time(body: str) -> str:
    return signed(body, time_s=0)


def last_year(body: str) -> str:
    return signed(body, time_s=now() - 365 * 86_400)


def other_body(body: str) -> str:
    """Sign another tree than the one that was shown."""
    shown = parse_checkpoint(read_note(parse_submission(body).checkpoint).body)
    other = Checkpoint(shown.origin, shown.size, bytes(32)).body
    note = f"{other}\n— x {encode(bytes(68))}\n"
    return cosign(note, FAKE_KEY, time_s=now()) + "\n"


def other_key(body: str) -> str:
    return signed(body, ABSENT_KEY)


def other_text(body: str) -> str:
    """Answer with more than lines, so that another text would be read as signed."""
    return f"more\n\n{signed(body)}"


@pytest.mark.parametrize(
    "answer",
    [
        milliseconds,
        little_endian,
        no_time,
        zero_time,
        last_year,
        of_log_type,
        other_body,
        other_key,
        other_text,
        lambda body: signed(body).removesuffix("\n"),
        lambda body: signed(body).replace("—", "--"),
        lambda _body: "",
        lambda _body: "<!doctype html><title>hello</title>\n",
    ],
)
def test_a_signature_that_readers_would_refuse_is_not_kept(
    log: Storage, answer: Callable[[str], str]
) -> None:
    standing, _ = standing_of(log, lambda body: (200, PLAIN, answer(body).encode()))
    assert (standing.state, standing.size) == ("refused", 0)


def test_lines_of_strangers_are_ignored(log: Storage) -> None:
    def reply(body: str) -> Reply:
        return 200, PLAIN, (signed(body, ABSENT_KEY) + signed(body)).encode()

    standing, _ = standing_of(log, reply)
    assert (standing.state, standing.size) == ("signed", 3)
    with log.snapshot() as reader:
        (row,) = reader.cosignatures(3)
    assert row.line.startswith(f"— {FAKE_KEY.name} ")


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ((403, PLAIN, b"no\n"), "refused"),
        ((404, PLAIN, b"no\n"), "refused"),
        ((422, PLAIN, b"no\n"), "refused"),
        ((400, PLAIN, b"no\n"), "refused"),
        ((500, PLAIN, b"oh\n"), "silent"),
        ((503, PLAIN, b"later\n"), "silent"),
        ((429, PLAIN, b"later\n"), "silent"),
        ((302, PLAIN, b""), "silent"),
        ((200, PLAIN, b"x" * 20_000), "silent"),
        ((200, PLAIN, b"\xff\xfe\n"), "silent"),
        ((409, PLAIN, b"2\n"), "silent"),
        ((409, SIZE, b"two\n"), "silent"),
        ((409, SIZE, b"2"), "silent"),
        ((409, SIZE, b"02\n"), "silent"),
        ((409, SIZE, b"9\n"), "ahead"),
    ],
)
def test_other_answers_say_how_it_stands(log: Storage, reply: Reply, state: str) -> None:
    standing, _ = standing_of(log, lambda _body: reply)
    assert standing.state == state


@pytest.mark.interop(21)
def test_another_size_may_come_in_between(log: Storage) -> None:
    """The witness moves while we ask: 409 with 1, then with 2, then it signs."""
    sizes = iter(["1", "2"])

    def reply(body: str) -> Reply:
        size = next(sizes, None)
        if size is not None:
            return 409, SIZE, f"{size}\n".encode()
        return 200, PLAIN, signed(body).encode()

    standing, asked = standing_of(log, reply)
    assert standing.state == "signed"
    assert [body.split("\n")[0] for body in asked] == ["old 0", "old 1", "old 2"]
    assert parse_submission(asked[0]).proof == ()


def test_a_witness_that_moves_for_ever_is_left_alone(log: Storage) -> None:
    standing, asked = standing_of(log, lambda _body: (409, SIZE, b"1\n"))
    assert standing.state == "silent"
    assert len(asked) == 3


@pytest.mark.interop(16)
def test_only_the_logs_own_line_is_sent(log: Storage) -> None:
    """Some witnesses take ten kilobytes, and none needs to see the others."""
    with log.snapshot() as reader:
        checkpoint = reader.last_checkpoint()
    assert checkpoint is not None
    _, asked = standing_of(log, lambda body: (200, PLAIN, signed(body).encode()))
    note = parse_submission(asked[0]).checkpoint
    assert note == checkpoint.note
    assert [line.name for line in read_note(note).signatures] == [LOG_KEY.name]


def test_one_that_lies_does_not_keep_the_others_from_a_quorum(
    world: LogWorld, log: Storage
) -> None:
    with (
        answering(lambda body: (200, PLAIN, milliseconds(body).encode())) as liar,
        answering(lambda body: (200, PLAIN, signed(body, ABSENT_KEY).encode())) as honest,
    ):
        policy = policy_of(
            quorum(
                1,
                {
                    "liar": f"{FAKE_KEY.vkey} {liar.url}",
                    "honest": f"{ABSENT_KEY.vkey} {honest.url}",
                },
            )
        )
        with asking(log, policy) as witnessing:
            assert witnessing.wait_for(append(world, log, "d"), WAIT_S)
