"""What many questions share is what each would have folded by itself, also across an erasure."""

from __future__ import annotations

from ledger.folding import FoldCache, LogSource
from ledger.rights.generations_states import GENERATION, GenerationState
from ledger.rights.view import View
from ledger.shared_views import SharedViews
from ledger.storage.contract import Reader
from schemas.commands.consents import RevokeConsent
from schemas.commands.erasure import RequestErasure
from service.inspection import record_of
from service.instance import Instance
from tests.kit.instance import Place


def fresh(reader: Reader) -> View:
    return View(LogSource(reader, FoldCache()))


def state(view: View, generation: str) -> GenerationState:
    return view.ask(GENERATION, generation)


def erase(place: Place, instance: Instance) -> None:
    command = RequestErasure(party=place.creator, basis="own_request")
    instance.speaker(place.creator).say(command)


def test_an_inspection_says_the_same_from_what_others_have_folded(place: Place) -> None:
    with place.open() as instance:
        first, second = (place.authorize(instance) for _ in range(2))
        views, piece = SharedViews(), place.pieces[0]
        for _ in range(3):
            with instance.store.snapshot() as reader:
                for generation in (first, second, first):
                    shared = record_of(reader, views.of(reader), generation, "urn")
                    assert shared == record_of(reader, fresh(reader), generation, "urn")
            party = instance.speaker(piece.holder)
            party.say(RevokeConsent(party=piece.holder, everything=True))


def test_what_was_open_before_an_erasure_is_not_seen_after_it(place: Place) -> None:
    with place.open() as instance:
        generation, views = place.authorize(instance), SharedViews()
        with instance.store.snapshot() as before:
            open_then = state(views.of(before), generation)
            erase(place, instance)
            with instance.store.snapshot() as after:
                closed = state(views.of(after), generation)
                assert closed == state(fresh(after), generation) != open_then
            # Who still looks at the snapshot of before sees what it shows, and leaves none of it.
            assert state(views.of(before), generation) == open_then
        with instance.store.snapshot() as later:
            assert state(views.of(later), generation) == closed


def test_who_began_before_an_erasure_fills_what_nobody_finds_after_it(place: Place) -> None:
    with place.open() as instance:
        generation, views = place.authorize(instance), SharedViews()
        with instance.store.snapshot() as before:
            slow = views.of(before)
            erase(place, instance)
            with instance.store.snapshot() as after:
                closed = state(views.of(after), generation)
                assert state(slow, generation) != closed
                assert state(views.of(after), generation) == closed
