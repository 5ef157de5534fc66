"""Witness number 0: its rule, what it keeps, and how a lost one is made again."""

import threading
from pathlib import Path
from typing import Any

import pytest

from ledger.evidence.hashing import EMPTY_ROOT, leaf_hash
from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    add_cosignature,
    cosign,
    sign_checkpoint,
)
from ledger.evidence.policy import parse_policy
from ledger.evidence.tree import Growth, Tree, grow
from ledger.storage.errors import RegisterLost, RegisterRefused, RegisterSilent
from ledger.storage.register import FileRegister
from schemas.envelope.keys import SigningKey
from tests.support.storage_world import LOG_KEY, ORIGIN

WITNESS = NoteKey("w.example/one", SigningKey("key_witness", b"\x02" * 32), COSIGNER)
KEYS = (LOG_KEY.verifier,)

ONE = grow(Tree(), [leaf_hash(b"entry 1")])
FIVE = grow(ONE.tree, [leaf_hash(b"entry %d" % n) for n in range(2, 6)])
OTHER = grow(Tree(), [leaf_hash(b"other %d" % n) for n in range(1, 6)])


def signed(tree: Tree, key: NoteKey = LOG_KEY) -> str:
    return sign_checkpoint(Checkpoint(key.name, tree.size, tree.root), key)


@pytest.fixture
def register(tmp_path: Path) -> FileRegister:
    made = FileRegister.create(tmp_path / "log.register", KEYS)
    made.update(old_size=0, proof=[], note=signed(ONE.tree))
    return made


def test_it_goes_forward_with_a_proof_and_remembers(register: FileRegister) -> None:
    register.update(old_size=1, proof=FIVE.consistency_path(), note=signed(FIVE.tree))
    assert FileRegister(register.path, KEYS).size() == 5


def test_the_same_again_is_accepted_again(register: FileRegister) -> None:
    register.update(old_size=1, proof=[], note=signed(ONE.tree))
    assert register.size() == 1


@pytest.mark.parametrize("is_foreseen", [False, True])
@pytest.mark.parametrize(
    ("old_size", "proof", "note", "why"),
    [
        (0, FIVE.consistency_path(), signed(FIVE.tree), "is at 1, not at 0"),
        (5, [], signed(FIVE.tree), "is at 1, not at 5"),
        (1, [], signed(FIVE.tree), "path is empty"),
        (1, FIVE.consistency_path()[::-1], signed(FIVE.tree), "another newer root"),
        (1, FIVE.consistency_path(), signed(OTHER.tree), "another newer root"),
        (1, [], signed(grow(Tree(), [leaf_hash(b"other 1")]).tree), "other roots"),
        (1, [], signed(Tree()), "not before"),
        (1, [], signed(ONE.tree).replace("\n1\n", "\n01\n"), "leading zero"),
        (
            1,
            FIVE.consistency_path(),
            signed(FIVE.tree, NoteKey(ORIGIN, SigningKey("key_x", b"\x09" * 32))),
            "not a checkpoint of",
        ),
        (
            1,
            FIVE.consistency_path(),
            signed(FIVE.tree, NoteKey("else.example/log", LOG_KEY.key)),
            "not a checkpoint of",
        ),
        (1, FIVE.consistency_path(), "nonsense", "no signatures"),
    ],
)
def test_it_refuses_and_stays(
    register: FileRegister,
    old_size: int,
    proof: list[bytes],
    note: str,
    why: str,
    *,
    is_foreseen: bool,
) -> None:
    before = register.path.read_bytes()
    if is_foreseen:
        register.foresee(old_size=1, proof=FIVE.consistency_path(), note=signed(FIVE.tree))
        register.foresee(old_size=old_size, proof=proof, note=note)
    with pytest.raises(RegisterRefused, match=why):
        register.update(old_size=old_size, proof=proof, note=note)
    assert register.path.read_bytes() == before


def test_what_was_foreseen_is_judged_once(
    register: FileRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {
        "old_size": 1,
        "proof": FIVE.consistency_path(),
        "note": signed(FIVE.tree),
    }
    register.foresee(**asked)
    assert FileRegister(register.path, KEYS).size() == 1
    monkeypatch.setattr(FileRegister, "_judge", None)
    register.update(**asked)
    assert FileRegister(register.path, KEYS).size() == 5


def test_what_another_has_put_in_before_is_foreseen_too(
    register: FileRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = grow(ONE.tree, [leaf_hash(b"entry 2")])
    proof = grow(two.tree, [leaf_hash(b"entry %d" % n) for n in range(3, 6)]).consistency_path()
    asked: dict[str, Any] = {"old_size": 2, "proof": proof, "note": signed(FIVE.tree)}
    another = FileRegister(register.path, KEYS)
    another.update(old_size=1, proof=two.consistency_path(), note=signed(two.tree))
    register.foresee(**asked)
    monkeypatch.setattr(FileRegister, "_judge", None)
    register.update(**asked)
    assert another.size() == 5


@pytest.mark.parametrize(
    ("appended", "size"),
    [(b"", 5), (b"12", 5), (b"300\ncut short", 5), (b"no note\n", None), (b"2\nno", None)],
    ids=["whole", "no length", "cut short", "no number", "no checkpoint"],
)
def test_what_another_appends_is_read_as_by_who_opens_it(
    register: FileRegister, appended: bytes, size: int | None
) -> None:
    proof = FIVE.consistency_path()
    FileRegister(register.path, KEYS).update(old_size=1, proof=proof, note=signed(FIVE.tree))
    with register.path.open("ab") as file:
        file.write(appended)
    for one in (register, FileRegister(register.path, KEYS)):
        if size is None:
            with pytest.raises(RegisterLost):
                one.size()
        else:
            assert one.size() == size
    if size is not None:
        more = grow(FIVE.tree, [leaf_hash(b"entry 6")])
        register.update(old_size=5, proof=more.consistency_path(), note=signed(more.tree))
        assert FileRegister(register.path, KEYS).size() == 6


@pytest.mark.parametrize("moved_to", [FIVE, OTHER], ids=["the same", "another history"])
def test_what_was_foreseen_is_judged_again_if_another_was_first(
    register: FileRegister, moved_to: Growth
) -> None:
    """Where the file holds something else by then, nothing of the judgment is used."""
    fresh = FileRegister.create(register.path.with_name("fresh"), KEYS)
    register.path.write_bytes(fresh.path.read_bytes())
    foreseen: dict[str, Any] = {"old_size": 0, "proof": [], "note": signed(FIVE.tree)}
    assert register.size() == 0
    register.foresee(**foreseen)
    FileRegister(register.path, KEYS).update(old_size=0, proof=[], note=signed(moved_to.tree))
    before = register.path.read_bytes()
    with pytest.raises(RegisterRefused, match="is at 5, not at 0"):
        register.update(**foreseen)
    assert register.path.read_bytes() == before


def test_one_that_was_put_back_is_noticed_though_the_file_is_kept_open(
    register: FileRegister,
) -> None:
    older = register.path.with_name("older")
    older.write_bytes(register.path.read_bytes())
    two = grow(ONE.tree, [leaf_hash(b"entry 2")])
    register.update(old_size=1, proof=two.consistency_path(), note=signed(two.tree))
    proof = grow(two.tree, [leaf_hash(b"entry %d" % n) for n in range(3, 6)]).consistency_path()
    register.foresee(old_size=2, proof=proof, note=signed(FIVE.tree))
    older.replace(register.path)
    before = register.path.read_bytes()
    with pytest.raises(RegisterRefused, match="is at 1, not at 2"):
        register.update(old_size=2, proof=proof, note=signed(FIVE.tree))
    assert register.path.read_bytes() == before
    register.path.unlink()
    with pytest.raises(RegisterLost):
        register.update(old_size=2, proof=proof, note=signed(FIVE.tree))


def test_both_keys_are_accepted_while_one_is_being_replaced(register: FileRegister) -> None:
    fresh = NoteKey(ORIGIN, SigningKey("key_new", b"\x03" * 32))
    both = FileRegister(register.path, (LOG_KEY.verifier, fresh.verifier))
    both.update(old_size=1, proof=FIVE.consistency_path(), note=signed(FIVE.tree, fresh))
    assert both.size() == 5


def test_a_new_one_is_made_once_and_never_over_one_with_entries(register: FileRegister) -> None:
    with pytest.raises(RegisterRefused, match="with entries"):
        FileRegister.create(register.path, KEYS)
    assert register.size() == 1
    fresh = register.path.with_name("fresh.register")
    assert FileRegister.create(fresh, KEYS).size() == 0
    assert FileRegister.create(fresh, KEYS).size() == 0


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\xff\xfe",
        b"something else\n",
        b"linernotes register v1\n" + ORIGIN.encode() + b"\nx",
    ],
)
def test_a_lost_or_spoiled_one_says_so(register: FileRegister, content: bytes | None) -> None:
    if content is None:
        register.path.unlink()
    else:
        register.path.write_bytes(content)
    with pytest.raises(RegisterLost, match="seed it again"):
        register.size()


def test_that_of_another_log_is_refused(register: FileRegister) -> None:
    other = NoteKey("else.example/log", SigningKey("key_else", b"\x04" * 32))
    with pytest.raises(RegisterRefused, match="is the register of"):
        FileRegister(register.path, (other.verifier,)).size()


def test_keys_of_two_logs_are_no_keys_of_one() -> None:
    other = NoteKey("else.example/log", SigningKey("key_else", b"\x04" * 32))
    with pytest.raises(ValueError, match="one name"):
        FileRegister(Path("unused"), (LOG_KEY.verifier, other.verifier))


def test_it_is_silent_where_it_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(RegisterSilent, match="cannot be reached"):
        FileRegister.create(tmp_path / "missing" / "log.register", KEYS)


def test_it_is_silent_while_another_process_writes(register: FileRegister) -> None:
    impatient = FileRegister(register.path, KEYS, wait_s=0.05)
    with register._locked(), pytest.raises(RegisterSilent, match="another process"):
        impatient.update(old_size=1, proof=[], note=signed(ONE.tree))


def test_it_waits_for_another_process_that_writes(register: FileRegister) -> None:
    with register._locked():
        update = threading.Thread(
            target=register.update,
            kwargs={"old_size": 1, "proof": FIVE.consistency_path(), "note": signed(FIVE.tree)},
        )
        update.start()
        assert register.size() == 1
    update.join(60)
    assert register.size() == 5


class TestSeedAgain:
    """A lost register comes back from a checkpoint that others have seen, or not at all."""

    log = f"log {LOG_KEY.vkey}\n"
    policy = parse_policy(f"{log}witness w {WITNESS.vkey}\nquorum w\n")
    cosigned = add_cosignature(
        signed(FIVE.tree),
        cosign(signed(FIVE.tree), WITNESS, time_s=1_700_000_000),
        WITNESS.verifier,
    )

    def test_from_a_cosigned_checkpoint(self, tmp_path: Path) -> None:
        path = tmp_path / "log.register"
        made = FileRegister.seed_again(path, KEYS, self.cosigned, self.policy)
        assert made.size() == 5

    def test_not_without_the_quorum(self, tmp_path: Path) -> None:
        with pytest.raises(RegisterRefused, match="quorum"):
            FileRegister.seed_again(tmp_path / "log.register", KEYS, signed(FIVE.tree), self.policy)

    def test_not_by_a_policy_without_witnesses(self, tmp_path: Path) -> None:
        policy = parse_policy(f"{self.log}quorum none\n")
        with pytest.raises(RegisterRefused, match="no witness"):
            FileRegister.seed_again(tmp_path / "log.register", KEYS, self.cosigned, policy)

    def test_not_over_one_that_is_there(self, register: FileRegister) -> None:
        with pytest.raises(RegisterRefused, match="nothing to seed"):
            FileRegister.seed_again(register.path, KEYS, self.cosigned, self.policy)
        assert register.size() == 1


def test_the_empty_tree_begins_every_tree(tmp_path: Path) -> None:
    made = FileRegister.create(tmp_path / "log.register", KEYS)
    made.update(old_size=0, proof=[], note=signed(Tree()))
    assert Tree().root == EMPTY_ROOT
    made.update(old_size=0, proof=[], note=signed(FIVE.tree))
    assert made.size() == 5
