"""The register as a service: its answers, whatever they are, end in one of the named ways."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.evidence.tree import Growth, Tree, grow
from ledger.storage import register_service
from ledger.storage.errors import (
    RegisterLost,
    RegisterMoved,
    RegisterRefused,
    RegisterSilent,
    SettingInvalid,
)
from ledger.storage.register import FileRegister
from ledger.storage.register_service import RegisterService
from ledger.storage.registers import open_register
from schemas.envelope.keys import SigningKey
from service.demo.witness import witness_process
from tests.support.storage_world import LOG_KEY, ORIGIN
from tests.support.witness_servers import FAKE_KEY, Reply, answering, running

KEYS = (LOG_KEY.verifier,)
ONE = grow(Tree(), [leaf_hash(b"entry 1")])
FIVE = grow(ONE.tree, [leaf_hash(b"entry %d" % n) for n in range(2, 6)])
OTHER = grow(Tree(), [leaf_hash(b"other %d" % n) for n in range(1, 6)])


def signed(tree: Tree, key: NoteKey = LOG_KEY) -> str:
    return sign_checkpoint(Checkpoint(key.name, tree.size, tree.root), key)


def update(register: RegisterService, growth: Growth, *, old_size: int) -> None:
    proof = growth.consistency_path() if growth.old.size else []
    register.update(old_size=old_size, proof=proof, note=signed(growth.tree))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_service, "PAUSE_S", 0.0)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[RegisterService]:
    with running(tmp_path, "register") as (one,):
        opened = open_register(f"{one.url}/#{one.vkey}", KEYS)
        assert isinstance(opened, RegisterService)
        yield opened
        opened.close()


def test_it_goes_forward_and_says_where_it_stands(register: RegisterService) -> None:
    assert register.held().size == 0
    update(register, ONE, old_size=0)
    assert register.held() == Checkpoint(ORIGIN, 1, ONE.root)
    update(register, FIVE, old_size=1)
    assert register.held().size == 5
    # The same again, as after an answer that was lost.
    register.update(old_size=5, proof=[], note=signed(FIVE.tree))
    with pytest.raises(RegisterMoved, match="is at 5, not at 1") as moved:
        update(register, FIVE, old_size=1)
    assert moved.value.size == 5


def test_it_refuses_another_history_and_another_key(register: RegisterService) -> None:
    update(register, ONE, old_size=0)
    proof = FIVE.consistency_path()
    stranger = NoteKey(ORIGIN, SigningKey("key_x", b"\x09" * 32))
    for note, why in (
        (signed(OTHER.tree), "422"),
        (signed(FIVE.tree, stranger), "403"),
        ("nonsense", "no register takes|400"),
    ):
        with pytest.raises(RegisterRefused, match=why):
            register.update(old_size=1, proof=proof, note=note)
    assert register.held().size == 1


def test_what_it_has_accepted_outlives_it(tmp_path: Path) -> None:
    for number in (1, 2):
        with (
            witness_process(tmp_path / "r", ORIGIN, LOG_KEY.vkey, name="r.example") as one,
            closing(open_register(f"{one.url}#{one.vkey}", KEYS)) as register,
        ):
            if number == 1:
                register.update(old_size=0, proof=[], note=signed(ONE.tree))
            assert register.held().size == 1


def test_one_that_does_not_watch_this_log_is_no_register_of_it(tmp_path: Path) -> None:
    other = NoteKey("else.example/log", SigningKey("key_else", b"\x04" * 32))
    with (
        running(tmp_path, "r", origin=other.name, vkey=other.vkey) as (one,),
        closing(open_register(f"{one.url}#{one.vkey}", KEYS)) as register,
    ):
        assert register.held().size == 0
        with pytest.raises(RegisterLost, match="does not watch"):
            register.update(old_size=0, proof=[], note=signed(ONE.tree))


@pytest.mark.parametrize(
    ("reply", "end", "why"),
    [
        ((200, "text/plain", b"fine\n"), RegisterRefused, "not this log's register"),
        ((200, "text/plain", signed(ONE.tree).encode()), RegisterRefused, "not this log's"),
        ((409, "text/x.tlog.size", b"many\n"), RegisterRefused, "not this log's register"),
        ((500, "text/plain", b"cannot say"), RegisterSilent, "500 cannot say"),
        ((200, "text/plain", b"x" * 100_000), RegisterRefused, "does not end"),
        ((302, "text/plain", b"elsewhere"), RegisterRefused, "302"),
    ],
)
def test_whatever_answers_is_not_believed(reply: Reply, end: type[Exception], why: str) -> None:
    with answering(lambda _: reply) as fake:
        refused = pytest.raises(end, match=why)
        with closing(RegisterService(fake.url, KEYS, FAKE_KEY.verifier)) as register, refused:
            register.update(old_size=0, proof=[], note=signed(ONE.tree))
        assert len(fake.asked) == (register_service.TRIES if reply[0] == 500 else 1)


def test_an_answer_that_is_late_once_is_asked_for_again() -> None:
    replies: list[Reply] = [(503, "text/plain", b"busy"), (409, "text/x.tlog.size", b"7\n")]

    def reply(_: str) -> Reply:
        return replies.pop(0)

    with answering(reply) as fake:
        refused = pytest.raises(RegisterMoved, match="is at 7, not at 0")
        with closing(RegisterService(fake.url, KEYS, FAKE_KEY.verifier)) as register, refused:
            register.update(old_size=0, proof=[], note=signed(ONE.tree))


def test_where_nobody_listens_it_is_silent() -> None:
    register = RegisterService("http://127.0.0.1:9", KEYS, FAKE_KEY.verifier)
    asks: list[Callable[[], object]] = [
        register.held,
        lambda: register.update(old_size=0, proof=[], note=signed(ONE.tree)),
    ]
    for ask in asks:
        with pytest.raises(RegisterSilent, match="does not answer"):
            ask()
    register.close()


def test_a_setting_names_a_file_or_a_service_with_its_key(tmp_path: Path) -> None:
    assert isinstance(open_register(tmp_path / "r", KEYS), FileRegister)
    assert isinstance(open_register(str(tmp_path / "r"), KEYS), FileRegister)
    for bad in ("http://r.example", "https://r.example/#nonsense"):
        with pytest.raises(SettingInvalid, match="needs its verifier key after `#`"):
            open_register(bad, KEYS)
    other = NoteKey("else.example/log", SigningKey("key_else", b"\x04" * 32))
    with pytest.raises(ValueError, match="one name"):
        RegisterService("http://r.example", (*KEYS, other.verifier), FAKE_KEY.verifier)
