"""Keys of parties on this machine: made once, rotated when confirmed, never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.ids import new_id
from service.cli.ends import EndError
from service.cli.keyring import Keyring


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keyring")


def test_the_first_key_signs_and_the_next_waits(keyring: Keyring) -> None:
    party = new_id("pty")
    first, first_waits = keyring.make(party)
    second, second_waits = keyring.make(party)
    assert (first_waits, second_waits) == (False, True)
    assert keyring.key(party).kid == first.kid
    assert keyring.promote(second.kid) == party
    assert keyring.key(party).kid == second.kid
    states = {row["key"]: row["state"] for row in keyring.rows()}
    assert states == {first.kid: "replaced", second.kid: "signs"}
    assert keyring.promote(second.kid) is None, "nothing waits any more"


def test_every_file_is_its_owners_alone(keyring: Keyring) -> None:
    party = new_id("pty")
    keyring.make(party)
    keyring.make(party)
    keyring.remember(party, "Name", ["holder"])
    assert keyring.folder.stat().st_mode & 0o077 == 0
    assert not [path for path in keyring.folder.iterdir() if path.stat().st_mode & 0o077]


def test_a_key_that_nobody_took_is_forgotten(keyring: Keyring) -> None:
    party = new_id("pty")
    first, _ = keyring.make(party)
    second, _ = keyring.make(party)
    keyring.forget(party, second)
    assert [row["key"] for row in keyring.rows()] == [first.kid]
    keyring.forget(party, second)
    assert keyring.key(party).kid == first.kid
    keyring.forget(party, first)
    assert keyring.parties() == []


def test_a_promotion_that_was_cut_in_half_is_finished(keyring: Keyring) -> None:
    party = new_id("pty")
    first, _ = keyring.make(party)
    second, _ = keyring.make(party)
    current = keyring.folder / f"{party}.key"
    current.rename(keyring.folder / f"{party}.{first.kid}.old")  # and then the power went
    assert keyring.promote(second.kid) == party
    assert keyring.key(party).kid == second.kid


def test_a_missing_key_says_where_it_was_looked_for(keyring: Keyring) -> None:
    party = new_id("pty")
    keyring.folder.mkdir()
    keyring.remember(party, "Halyard Records", [])
    with pytest.raises(EndError) as raised:
        keyring.key(party)
    assert raised.value.code == "key_missing"
    assert "Halyard Records" in raised.value.message
    assert str(keyring.folder) in raised.value.message


def test_names_are_remembered_side_by_side(keyring: Keyring) -> None:
    one, other = new_id("pty"), new_id("pty")
    keyring.remember(one, "One", ["creator", "auditor"])
    keyring.remember(other, "Other", [])
    assert keyring.name(one) == "One"
    assert keyring.names()[one]["roles"] == ["auditor", "creator"]
    assert keyring.name(new_id("pty")) == ""
