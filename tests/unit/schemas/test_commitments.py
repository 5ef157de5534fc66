"""Where openings belong, and what is no commitment."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical, commitments
from schemas.commitments import Opening
from schemas.refusals import Malformed

SALT = bytes(range(16))
COMMIT = commitments.commit("secret", SALT)


def test_fresh_salt_is_random_and_long_enough() -> None:
    assert len(commitments.new_salt()) == commitments.SALT_BYTES
    assert commitments.new_salt() != commitments.new_salt()


@given(value=st.text() | st.text('!"/\\\\\x7f \n az', max_size=8) | st.lists(st.text(max_size=3)))
def test_what_is_hashed_is_the_salt_and_the_canonical_value(value: Any) -> None:
    try:
        content = canonical.encode(value)
    except Malformed:
        with pytest.raises(Malformed):
            commitments.commit(value, SALT)
        return
    digest = hashlib.sha256(SALT + content).digest()
    assert commitments.commit(value, SALT) == {"commit": canonical.b64u(digest)}


def test_find_commits_in_document_order() -> None:
    data = {"b": [COMMIT, {"x": COMMIT}], "a/b~c": COMMIT, "plain": {"commit": "short"}}
    assert list(commitments.find_commits(data)) == ["/b/0", "/b/1/x", "/a~1b~0c"]
    assert commitments.find_commits(COMMIT) == {"": COMMIT["commit"]}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"commit": 1},
        {"commit": COMMIT["commit"][:-1]},
        {"commit": COMMIT["commit"] + "="},
        {"commit": COMMIT["commit"][:-1] + "B"},
        {"commit": COMMIT["commit"][:-1] + "+"},
        {**COMMIT, "more": 1},
    ],
    ids=repr,
)
def test_no_commitment(value: Any) -> None:
    assert not commitments.is_commit(value)
    with pytest.raises(Malformed, match="there is no commitment"):
        commitments.open_commitment(value, Opening("/x", SALT, "secret"))


def test_an_opening_for_a_place_without_commitment() -> None:
    data = {"prompt": "in the clear", "private": COMMIT}
    commitments.check_openings(data, [Opening("/private", SALT, "secret")])
    for pointer in ("/prompt", "/nowhere", "", "/private/commit", "private"):
        with pytest.raises(Malformed) as caught:
            commitments.check_openings(data, [Opening(pointer, SALT, "secret")])
        assert caught.value.pointer == pointer


def test_an_opening_twice() -> None:
    opening = Opening("/private", SALT, "secret")
    with pytest.raises(Malformed, match="opened twice"):
        commitments.check_openings({"private": COMMIT}, [opening, opening])


def test_opened_leaves_the_data_as_they_were() -> None:
    data = {"private": COMMIT, "other": [COMMIT]}
    assert commitments.opened(data, [Opening("/private", SALT, "secret")]) == {
        "private": "secret",
        "other": [COMMIT],
    }
    assert data == {"private": COMMIT, "other": [COMMIT]}
    with pytest.raises(Malformed):
        commitments.opened(data, [Opening("/private", SALT, "another")])
