"""Instants, the bell, and the sentences of errors."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ledger import storage
from ledger.named_sql import load
from ledger.storage.errors import AlreadyHeld, Busy, ClockOff, StorageFull
from ledger.storage.instants import from_us, to_us, utc_now
from ledger.storage.signal import VisibleHead
from schemas.refusals import Conflict


def test_instants_are_exact_to_the_microsecond_and_before_1970_too() -> None:
    for instant in (
        datetime(2026, 11, 22, 8, 11, 2, 512345, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ):
        assert from_us(to_us(instant)) == instant
    berlin = timezone(timedelta(hours=1))
    assert to_us(datetime(1970, 1, 1, 1, tzinfo=berlin)) == 0
    assert utc_now().tzinfo is UTC


def test_an_instant_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_us(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake itself


def test_the_bell_does_not_ring_backwards_and_ends_with_the_log() -> None:
    head = VisibleHead(5)
    head.advance(3)
    assert head.wait_beyond(4, 60) == 5
    assert head.wait_beyond(5, 0) == 5
    assert head.wait_beyond(5, 60, stop=lambda: True) == 5
    waiter = threading.Thread(target=head.wait_beyond, args=(5, 60))
    waiter.start()
    head.close()
    waiter.join(60)
    assert not waiter.is_alive()
    assert head.is_closed
    assert head.wait_beyond(9, 60) == 5


def test_who_holds_a_file_is_said_as_far_as_it_is_known() -> None:
    assert str(AlreadyHeld("log.db")) == (
        "log.db is held by another process; stop it first, or use another file"
    )
    assert str(AlreadyHeld("log.db", pid=7, host="h", started="s", url="u")) == (
        "log.db is held by process 7 on h, since s; it answers at u"
    )


@pytest.mark.parametrize("kind", [Busy, StorageFull, ClockOff])
def test_what_may_come_again_is_a_conflict(kind: type[Busy]) -> None:
    error = kind("why")
    assert isinstance(error, Conflict)
    assert (error.code, error.message) == ("busy", "why")


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_every_named_statement_is_run_somewhere(engine: str) -> None:
    folder = Path(storage.__file__).parent
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (*folder.glob("*.py"), *folder.joinpath(engine).glob("*.py"))
    )
    named = load(f"ledger.storage.{engine}", "queries.sql")
    assert [name for name in named if f'"{name}"' not in code] == []
