"""What is on a shelf is what was put there last, in memory or not."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.audit.shelf import Shelf

MOST = 4


@given(
    steps=st.lists(st.tuples(st.integers(0, 12), st.none() | st.integers())), most=st.integers(2, 6)
)
def test_it_answers_like_a_dictionary(steps: list[tuple[int, int | None]], most: int) -> None:
    shelf: Shelf[int, tuple[int]] = Shelf(most)
    model: dict[int, tuple[int]] = {}
    for key, value in steps:
        if value is not None:
            shelf.put(key, (value,))
            model[key] = (value,)
        assert shelf.get(key) == model.get(key)
        assert shelf.in_memory() <= most + 1
    for key in range(13):
        assert shelf.get(key) == model.get(key)


def test_what_is_filed_once_is_not_written_again_for_being_read() -> None:
    shelf: Shelf[int, bytes] = Shelf(MOST)
    for key in range(40):
        shelf.put(key, bytes(100))
    for key in range(40):
        shelf.get(key)
    written = shelf.filed_bytes()
    for _ in range(3):
        for key in range(40):
            shelf.get(key)
    assert shelf.filed_bytes() == written
    assert written > 40 * 100


def test_what_is_filed_is_not_readable_on_the_disk() -> None:
    shelf: Shelf[int, str] = Shelf(MOST)
    for key in range(20):
        shelf.put(key, f"pty_somebody_{key}")
    assert shelf._file is not None
    shelf._file.seek(0)
    assert b"pty_somebody" not in shelf._file.read()
    assert shelf.get(0) == "pty_somebody_0"
