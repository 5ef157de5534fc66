"""An operator who deletes openings, so that what it decided cannot be decided again."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.audit import Report, StoreLog, audit
from ledger.audit.pool import processes
from schemas.commands.erasure import RequestErasure
from schemas.commands.generations import VerifyGeneration
from schemas.commands.parties import RegisterParty
from schemas.ids import new_id
from service.instance import Instance
from service.speaking import Private
from tests.kit.cheats import pried_open
from tests.kit.instance import Place
from tests.kit.living import live

CREATORS = (
    "DELETE FROM openings WHERE event = (SELECT event FROM events WHERE type = :type)"
    " AND subject = :subject"
)


def report_of(instance: Instance, **how: Any) -> Report:
    log = StoreLog(instance.store, origin=instance.facts.origin)
    return audit(log, instance.facts.checkpoint_vkey, **how)


def delete(place: Place, topic: str) -> int:
    """Delete what is open of the one entry of a type; return where it stands."""
    with pried_open(place) as database:
        query = "SELECT position FROM events WHERE type = ?"
        ((position,),) = database.execute(query, (topic,)).fetchall()
        values = {"type": topic, "subject": place.creator}
        assert database.execute(CREATORS, values).rowcount > 0
    return int(position)


def erase(instance: Instance, party: str) -> None:
    instance.speaker(party).say(RequestErasure(party=party, basis="own_request"))


@pytest.mark.parametrize("decide", [True, False])
def test_all_openings_gone_are_found_at_the_first_that_the_ledger_made(
    place: Place, *, decide: bool
) -> None:
    with pried_open(place) as database:
        query = "SELECT min(position) FROM events WHERE type = 'VerificationCleared'"
        (first,) = database.execute(query).fetchone()
        assert database.execute("DELETE FROM openings").rowcount > 0
    with place.open() as instance:
        found = report_of(instance, decide=decide).first
    assert found is not None
    assert (found.position, found.step) == (first, "(1) entry")
    assert "no erasure says so" in found.message


def test_somebody_elses_erasure_does_not_cover_it(place: Place) -> None:
    with place.open() as instance:
        erase(instance, place.pieces[1].holder)
        assert report_of(instance).sound
    position = delete(place, "GenerationAuthorized")
    with place.open() as instance:
        found = report_of(instance).first
        log = StoreLog(instance.store, origin=instance.facts.origin)
        vkey = instance.facts.checkpoint_vkey
        with processes(2, chunk=8) as beside:
            elsewhere = audit(log, vkey, decide=False, beside=beside).first
    assert found is not None
    assert (found.position, found.step) == (position, "(1) entry")
    assert elsewhere == found


def test_an_erasure_before_it_does_not_cover_what_was_done_since(place: Place) -> None:
    with place.open() as instance:
        erase(instance, place.creator)
        request = place.request(instance)
        said = VerifyGeneration(verification=new_id("ver"), request=request)
        (again,) = instance.speaker(place.creator).say(said).positions
        assert report_of(instance).sound
    with pried_open(place) as database:
        query = "DELETE FROM openings WHERE position = ?"
        assert database.execute(query, (again,)).rowcount > 0
    with place.open() as instance:
        found = report_of(instance).first
    assert found is not None
    assert (found.position, found.step) == (again, "(1) entry")


def test_an_erasure_that_comes_during_an_audit_is_no_finding(place: Place) -> None:
    """The openings go at once, and the entry that says so stands behind what is audited."""
    with place.open() as instance:
        log = StoreLog(instance.store, origin=instance.facts.origin)
        erase(instance, place.creator)
        assert audit(log, instance.facts.checkpoint_vkey).sound
        assert report_of(instance).sound


def test_what_came_with_a_statement_may_never_have_been_handed_in(place: Place) -> None:
    """What nothing catches: the entry has a commitment, and need never have had its opening."""
    with place.open() as instance:
        name = Private()
        command = RegisterParty(
            party=new_id("pty"), kind="person", name=name.commit("/name", "Robin Vale")
        )
        (position,) = instance.operator().say(command, openings=name.openings).positions
    with pried_open(place) as database:
        query = "DELETE FROM openings WHERE position = ?"
        assert database.execute(query, (position,)).rowcount == 1
    with place.open() as instance:
        assert report_of(instance).sound


@pytest.mark.parametrize("erased", [False, True])
def test_after_any_erasure_a_payer_who_cannot_be_named_is_taken_for_erased(
    place: Place, *, erased: bool
) -> None:
    """The second limit: royalties do not say whose statement named the payer."""
    with place.open() as instance:
        live(instance, place)
        if erased:
            erase(instance, place.pieces[1].holder)
    with pried_open(place) as database:
        query = """DELETE FROM openings WHERE pointer = '/data/payer' AND event IN
        (SELECT event FROM events WHERE type = 'RoyaltyAccrued')"""
        assert database.execute(query).rowcount > 0
    with place.open() as instance:
        assert report_of(instance).sound is erased
