"""What the cache keeps: bounded, never older than what it was fed, and nothing after an erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.folding import JOB, JOB_WEIGHS, FoldCache
from ledger.rights.states import PARTY
from ledger.rights.view import Recorded
from schemas.events.erasure import OpeningsErased
from schemas.events.parties import PartyRegistered
from schemas.ids import new_id
from tests.kit.log import START

WHO = new_id("pty")
TAG = PARTY.tag(WHO)


def registered(position: int, party: str = WHO) -> Recorded:
    nameless = dict.fromkeys(("isni", "ipi_name", "ipi_base", "ipn", "residence"))
    said = {"party": party, "kind": "organization", "name": f"at {position}", **nameless}
    event = PartyRegistered.read(said)
    return Recorded(position, START + timedelta(seconds=position), party, event)


def test_what_is_not_known_stays_unknown_unless_it_is_fresh() -> None:
    cache = FoldCache()
    cache.feed(registered(1), [TAG])
    assert cache.get(TAG) is None
    cache.feed(registered(2), [TAG], read={TAG: 0})
    assert cache.get(TAG) == (PARTY.evolve(PARTY.empty(WHO), registered(2)), 2)
    assert (cache.fed, cache.time) == (2, START + timedelta(seconds=2))


def test_a_snapshot_from_before_what_was_fed_is_not_kept() -> None:
    cache = FoldCache()
    cache.skip(5, START)
    cache.put(TAG, PARTY.empty(WHO), 0, bound=4)
    assert cache.get(TAG) is None
    cache.put(TAG, PARTY.empty(WHO), 0, bound=5)
    assert cache.get(TAG) == (PARTY.empty(WHO), 0)


def test_what_a_snapshot_has_shown_meanwhile_is_not_passed_over() -> None:
    cache = FoldCache()
    assert cache.skip(5, START, [TAG])
    cache.put(TAG, PARTY.empty(WHO), 0, bound=5)
    assert not cache.skip(6, START, [TAG])
    assert cache.fed == 5, "what is kept lacks that event, and does not seem to hold it"


def test_what_a_snapshot_showed_ahead_is_not_evolved_again() -> None:
    cache = FoldCache()
    ahead = PARTY.evolve(PARTY.empty(WHO), registered(3))
    cache.put(TAG, ahead, 3, bound=3)
    assert cache.get_at(TAG, 2) is None
    cache.feed(registered(2), [TAG])
    assert cache.get(TAG) == (ahead, 3)
    cache.feed(registered(3), [TAG])
    assert cache.get(TAG) == (ahead, 3)
    assert cache.get_at(TAG, 3) == (ahead, 3)
    assert cache.get_at(TAG, 4) is None


@pytest.mark.parametrize("limit", [2, 7, 20])
def test_it_is_bounded_and_keeps_what_is_used(limit: int) -> None:
    cache = FoldCache(limit)
    cache.put(TAG, "used", 1, bound=1)
    for number in range(100):
        cache.put(f"rights:{number}", number, 1, bound=1)
        assert cache.get(TAG) is not None or limit == 2
        assert len(cache.items()) <= limit + 1
    assert cache.get("rights:1") is None


def test_what_a_generation_holds_weighs_more_and_fills_it_sooner() -> None:
    cache = FoldCache(limit=20 * JOB_WEIGHS)
    cache.put(TAG, "used", 1, bound=1)
    for number in range(1_000):
        cache.put(f"{JOB}gen_{number}", number, 1, bound=1)
        assert cache.get(TAG) is not None
        assert len(cache.items()) <= 20 + 2
    assert cache.get(f"{JOB}gen_999") is not None


def test_an_erasure_forgets_everything() -> None:
    cache = FoldCache()
    cache.put(TAG, PARTY.empty(WHO), 0, bound=1)
    erased = OpeningsErased(party=WHO, subjects=(WHO,))
    cache.feed(Recorded(2, START, WHO, erased), [])
    assert cache.items() == {}
