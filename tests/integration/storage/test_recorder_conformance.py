"""The library's own suite for DCB recorders, and what it does not ask but we promise.

Of `eventsourcing.tests.persistence` none applies: its cases are for recorders of aggregates,
notifications and tracking, whose interfaces a DCB recorder has not. The question behind one of
them, whether two concurrent appends can interleave, is asked here.
"""

import threading

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError, ProgrammingError

from ledger.storage.opening import Storage
from tests.support.storage_world import LogWorld


def test_append_and_read_as_the_library_asks(log: Storage) -> None:
    DCBRecorderTestCase()._test_append_read(log.recorder)


def test_append_and_read_as_the_library_asks_on_a_log_that_has_entries(log: Storage) -> None:
    log.recorder.append([DCBEvent("Older", b"older")] * 600)
    DCBRecorderTestCase()._test_append_read(log.recorder, initial_position=600)


def test_subscribe_as_the_library_asks(log: Storage) -> None:
    DCBRecorderTestCase()._test_append_subscribe(log.recorder)


def test_concurrent_appends_do_not_interleave(log: Storage) -> None:
    start = threading.Barrier(4)

    def append(name: str) -> None:
        start.wait()
        for _ in range(10):
            log.recorder.append([DCBEvent(name, b"", [name])] * 25)

    threads = [threading.Thread(target=append, args=(f"by {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = list(log.recorder.read())
    assert [event.position for event in read] == list(range(1, 1001))
    groups = [{event.event.type for event in read[at : at + 25]} for at in range(0, 1000, 25)]
    assert all(len(group) == 1 for group in groups)


def test_only_one_of_many_conditional_appends_succeeds(log: Storage) -> None:
    name = DCBQuery([DCBQueryItem(tags=["name:ipi/1"])])
    start = threading.Barrier(8)
    ends: list[str] = []

    def register() -> None:
        start.wait()
        try:
            log.recorder.append(
                [DCBEvent("PartyRegistered", b"", ["name:ipi/1"])], DCBAppendCondition(name)
            )
            ends.append("appended")
        except IntegrityError:
            ends.append("conflict")

    threads = [threading.Thread(target=register) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["appended", *["conflict"] * 7]


def test_an_empty_append_is_a_mistake(log: Storage) -> None:
    with pytest.raises(ProgrammingError):
        log.recorder.append([])


def test_read_does_not_change_while_the_log_grows(log: Storage) -> None:
    log.recorder.append([DCBEvent("A", b"")] * 700)
    response = log.recorder.read()
    assert next(response).position == 1
    log.recorder.append([DCBEvent("A", b"")])
    assert len(list(response)) == 699
    assert response.head == 700


def test_a_waiting_subscription_ends_when_it_is_stopped(log: Storage) -> None:
    subscription = log.recorder.subscribe()
    ended = threading.Event()

    def wait() -> None:
        assert list(subscription) == []
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    subscription.stop()
    assert ended.wait(60)
    thread.join()


def test_a_subscription_filters_and_ends_with_the_log(world: LogWorld) -> None:
    with world.create() as log:
        odd = DCBQuery([DCBQueryItem(tags=["odd"])])
        subscription = log.recorder.subscribe(odd, after=1)
        tags = [["odd"], ["even"]] * 600
        log.recorder.append([DCBEvent("N", b"", tag) for tag in tags])
        seen = [next(subscription).position for _ in range(599)]
        assert seen == list(range(3, 1201, 2))
    with pytest.raises(StopIteration):
        next(subscription)
