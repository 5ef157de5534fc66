"""Openings: sealed under a key per subject, and gone with it, from the file's bytes too."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.storage.errors import Damaged
from ledger.storage.opening import LogReading, Storage
from ledger.storage.records import Committed, Outcome, SubjectOpening
from ledger.storage.vault import (
    Cipher,
    Vault,
    _bind,
    make_master_key,
    read_master_key,
    seal,
    unseal,
)
from schemas import canonical
from schemas.commitments import Opening
from schemas.refusals import Malformed
from tests.support.storage_world import MASTER_KEY, LogWorld

NAME = Opening("/name", b"n" * 16, "Anna Søe")
PROMPT = Opening("/prompt", b"p" * 16, {"text": "slow guitar", "seed": 7})


def with_openings(world: LogWorld) -> Storage:
    storage = world.create()
    openings = [
        SubjectOpening("evt_a_0", "pty_1", NAME),
        SubjectOpening("evt_a_0", "gen_1", PROMPT),
    ]
    storage.submit(world.command("a", openings=openings)).result(60)
    more = [SubjectOpening("evt_b_0", "pty_1", NAME)]
    storage.submit(world.command("b", openings=more)).result(60)
    return storage


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with with_openings(world) as storage:
        yield storage


@pytest.fixture
def file_log(file_world: LogWorld) -> Iterator[Storage]:
    with with_openings(file_world) as storage:
        yield storage


def test_openings_are_read_by_event_and_pointer(log: Storage) -> None:
    with log.snapshot() as reader:
        assert reader.openings("evt_a_0") == (NAME, PROMPT)
        assert reader.opening("evt_a_0", "/prompt") == PROMPT
        assert reader.opening("evt_a_0", "/nothing") is None
        assert reader.openings("evt_unknown") == ()


def test_an_erased_subject_is_gone_for_readers_and_its_next_key_is_another(
    log: Storage, world: LogWorld
) -> None:
    assert log.erase("pty_1") == 2
    assert log.erase("pty_1") == 0
    receipt = SubjectOpening("evt_erased_0", "gen_1", PROMPT)
    log.submit(world.command("erased", erases=["gen_1"], openings=[receipt])).result(60)
    again = [SubjectOpening("evt_c_0", "pty_1", NAME)]
    log.submit(world.command("c", openings=again)).result(60)
    with log.snapshot() as reader:
        assert reader.openings("evt_a_0") == reader.openings("evt_b_0") == ()
        assert reader.openings("evt_erased_0") == (PROMPT,)
        assert reader.openings("evt_c_0") == (NAME,)


def test_no_value_lies_in_the_file_in_the_clear(file_log: Storage, file_world: LogWorld) -> None:
    content = all_bytes(file_world)
    assert b"slow guitar" not in content
    assert "Søe".encode() not in content
    assert NAME.salt not in content


def test_erasing_a_subject_takes_its_openings_and_its_key_and_no_others(
    file_log: Storage, file_world: LogWorld
) -> None:
    wrapped = subject_key(file_world, "pty_1")
    other = subject_key(file_world, "gen_1")
    assert wrapped in all_bytes(file_world)
    assert file_log.erase("pty_1") == 2
    assert file_log.erase("pty_1") == 0
    with file_log.snapshot() as reader:
        assert reader.openings("evt_a_0") == (PROMPT,)
        assert reader.openings("evt_b_0") == ()
        assert reader.bound == 2
    content = all_bytes(file_world)
    assert wrapped not in content
    assert other in content


def test_nothing_stays_in_corners_of_the_file_that_once_held_it(
    file_log: Storage, file_world: LogWorld
) -> None:
    # Pages are split and merged as subjects come and go, in no order.
    subjects = [f"pty_{n * 7919 % 300:03d}" for n in range(300)]
    for start in range(0, 300, 50):
        futures: list[Future[Committed | Outcome]] = []
        for subject in subjects[start : start + 50]:
            opening = Opening("/name", b"n" * 16, subject * (1 + len(futures) % 9))
            beside = [SubjectOpening(f"evt_{subject}_0", subject, opening)]
            futures.append(file_log.submit(file_world.command(subject, openings=beside)))
        for future in futures:
            future.result(60)
    erased = subjects[::2]
    wrapped = [subject_key(file_world, subject) for subject in erased]
    kept = [subject_key(file_world, subject) for subject in subjects[1::2]]
    for subject in erased:
        assert file_log.erase(subject) == 1
    content = all_bytes(file_world)
    assert [key for key in wrapped if key in content] == []
    assert all(key in content for key in kept)


def test_a_long_reader_only_delays_the_cleaning_of_the_file(
    file_log: Storage, file_world: LogWorld
) -> None:
    wrapped = subject_key(file_world, "pty_1")
    with file_log.snapshot() as reader:
        file_log.erase("pty_1")
        assert reader.bound == 2
        assert wrapped in all_bytes(file_world)
    file_log.submit(file_world.command("c")).result(60)
    assert wrapped not in all_bytes(file_world)


def test_an_erasure_can_be_one_with_the_event_that_records_it(
    file_log: Storage, file_world: LogWorld
) -> None:
    wrapped = subject_key(file_world, "pty_1")
    receipt = SubjectOpening("evt_erased_0", "pty_1", NAME)
    file_log.submit(file_world.command("erased", erases=["pty_1"], openings=[receipt])).result(60)
    with file_log.snapshot() as reader:
        assert reader.openings("evt_a_0") == (PROMPT,)
        # What comes with the erasing event is written after it, under a new key.
        assert reader.openings("evt_erased_0") == (NAME,)
    assert wrapped not in all_bytes(file_world)


def test_a_refused_command_erases_nothing(log: Storage, world: LogWorld) -> None:
    clash = replace(world.command("new", erases=["pty_1"]), event_ids=("evt_a_0",))
    with pytest.raises(Malformed, match="id_reused"):
        log.submit(clash).result(60)
    with log.snapshot() as reader:
        assert reader.openings("evt_b_0") == (NAME,)


def test_another_master_key_opens_nothing(log: Storage, world: LogWorld) -> None:
    log.close()
    other = LogReading(world.database, master_key=b"\x06" * 32)
    refused = pytest.raises(Damaged, match="master key")
    with other, other.snapshot() as reader, refused:
        reader.openings("evt_a_0")


class TestTheVault:
    """What is bound into a sealed value: moving it anywhere else spoils it."""

    vault = Vault(MASTER_KEY)

    @pytest.mark.parametrize(
        "moved",
        [
            {"subject": "pty_2"},
            {"event_id": "evt_2"},
            {"pointer": "/other"},
            {"cipher": Cipher(b"\x07" * 32)},
        ],
        ids=lambda moved: next(iter(moved)),
    )
    def test_a_moved_opening_does_not_open(self, moved: dict[str, Any]) -> None:
        key, _ = self.vault.new_key("pty_1")
        sealed = seal(key, "pty_1", "evt_1", NAME)
        place: dict[str, Any] = {"subject": "pty_1", "event_id": "evt_1", "pointer": "/name"}
        assert unseal(Cipher(key), sealed=sealed, **place) == NAME
        with pytest.raises(Damaged):
            unseal(**{"cipher": Cipher(key), "sealed": sealed, **place, **moved})

    def test_a_key_of_one_subject_is_no_key_of_another(self) -> None:
        _, wrapped = self.vault.new_key("pty_1")
        with pytest.raises(Damaged):
            self.vault.unwrap("pty_2", wrapped)

    def test_every_flipped_bit_is_noticed(self) -> None:
        key, _ = self.vault.new_key("pty_1")
        sealed = seal(key, "pty_1", "evt_1", NAME)
        for at in range(len(sealed)):
            spoiled = bytearray(sealed)
            spoiled[at] ^= 1
            with pytest.raises(Damaged):
                unseal(Cipher(key), "pty_1", "evt_1", "/name", bytes(spoiled))
        with pytest.raises(Damaged):
            unseal(Cipher(key), "pty_1", "evt_1", "/name", b"short")

    @given(st.lists(st.text(), max_size=4))
    def test_what_is_bound_in_is_canonical(self, parts: list[str]) -> None:
        assert _bind(*parts) == canonical.encode(parts)

    def test_a_master_key_file_is_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "master.key"
        make_master_key(path)
        assert len(read_master_key(path)) == 32
        with pytest.raises(FileExistsError):
            make_master_key(path)
        path.chmod(0o640)
        with pytest.raises(ValueError, match="chmod 600"):
            read_master_key(path)

    def test_a_short_master_key_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            Vault(b"short")
        path = tmp_path / "master.key"
        path.write_text("YWJj\n")
        path.chmod(0o600)
        with pytest.raises(ValueError, match="no key of 32"):
            read_master_key(path)


def all_bytes(world: LogWorld) -> bytes:
    return b"".join(file.read_bytes() for file in world.file.parent.iterdir())


def subject_key(world: LogWorld, subject: str) -> bytes:
    connection = sqlite3.connect(world.file)
    try:
        found = connection.execute(
            "SELECT wrapped FROM subject_keys WHERE subject = ?", (subject,)
        ).fetchone()
    finally:
        connection.close()
    assert isinstance(found[0], bytes)
    return found[0]
