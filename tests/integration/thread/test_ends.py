"""Generations that are called off: by their creator, by the clock, by a consent that says so."""

from __future__ import annotations

import errno
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from generation.synthesizer import Canceled, Progress, Rendering, RenderRequest
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.commands.generations import CancelGeneration
from schemas.events.consents import ConsentGranted
from schemas.events.generations import GenerationCanceled, GenerationCompleted
from schemas.refusals import Malformed
from schemas.terms import Consent
from service.instance import Instance
from service.workers import embedded
from service.workers.embedded import EmbeddedQueue
from service.workers.scheduler import Scheduler
from tests.integration.thread.liars import Lies, Patient, liar, message, work
from tests.kit.instance import Place
from tests.kit.remembering import Remembering
from tests.kit.sound import check_sound, events, topics, wait_ended
from tests.kit.words import when

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]


class Clock:
    """The time of an instance and of its database: it stands still until it is moved on."""

    def __init__(self) -> None:
        self.begun = datetime.now(UTC)
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return self.begun + self.ahead


def words(instance: Instance, consent: str) -> dict[str, Any]:
    """Return the words of a consent as they were granted."""
    found = events(instance, f"consent:{consent}")[0]
    assert isinstance(found, ConsentGranted)
    return found.consent.data()


def change(instance: Instance, consent: str, **changes: Any) -> None:
    said = Consent.read(words(instance, consent) | changes)
    instance.speaker(said.grantor).say(ChangeConsent(consent=said))


def scheduler(instance: Instance) -> Scheduler:
    return Scheduler(
        instance.process,
        instance.store,
        outcomes=instance.payouts,
        forgetting=instance.forgetting,
    )


def queue(instance: Instance, worker: Any) -> EmbeddedQueue:
    return EmbeddedQueue(
        instance.store,
        instance.feed,
        worker=worker,
        finisher=instance.finisher,
        origin=instance.facts.origin,
        key=instance.keys.process,
        proving=Unwitnessed(instance),
    )


class Unwitnessed:
    """Waits for no witness, as an instance does whose policy names none."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def policy(self) -> Any:
        return self.instance.policy.current()

    def wait_for(self, position: int, timeout_s: float) -> bool:
        return position > 0 and timeout_s > 0


def test_canceled_while_it_is_rendered(place: Place) -> None:
    begun = threading.Event()
    with place.open() as instance:
        working = queue(instance, liar(instance, backend=Patient(begun)))
        working.start()
        try:
            generation = place.authorize(instance)
            assert begun.wait(60)
            instance.speaker(place.creator).say(CancelGeneration(generation=generation))
            wait_ended(instance, generation)
            while working.status(generation) is not None:  # until the worker has noticed
                threading.Event().wait(0.01)
            assert working.is_alive
        finally:
            working.close()
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]
        assert not (instance.settings.workers / generation / "finished.cose").exists()
        check_sound(instance)
    with place.open(work=True) as instance:  # and it is no work for the next start
        after = place.authorize(instance)
        wait_ended(instance, after)
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]
        assert topics(instance, f"job:{after}") == [*AUTHORIZED, *COMPLETED]


def test_stopped_while_it_is_rendered_it_is_taken_up_again(place: Place) -> None:
    begun = threading.Event()
    with place.open() as instance:
        working = queue(instance, liar(instance, backend=Patient(begun)))
        working.start()
        generation = place.authorize(instance)
        assert begun.wait(60)
        working.close()
        assert topics(instance, f"job:{generation}") == AUTHORIZED
    with place.open(work=True) as instance:
        wait_ended(instance, generation)
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
        check_sound(instance)


def test_a_worker_that_breaks_ends_its_job_and_not_the_queue(place: Place) -> None:
    def fall(manifest: Any) -> Any:
        raise RuntimeError("a mistake in the worker")

    with place.open() as instance:
        working = queue(instance, liar(instance, Lies(manifest=fall)))
        working.start()
        try:
            generations = [place.authorize(instance) for _ in range(2)]
            for generation in generations:
                wait_ended(instance, generation)
            assert working.is_alive
        finally:
            working.close()
        for generation in generations:
            assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationFailed"]
        check_sound(instance)


def test_canceled_after_it_was_rendered(instance: Instance, shared: Place) -> None:
    generation = shared.authorize(instance)
    finished = work(liar(instance), message(instance, generation))
    creator = instance.speaker(shared.creator)
    with pytest.raises(Malformed, match="not_controller"):
        instance.operator().say(CancelGeneration(generation=generation))
    creator.say(CancelGeneration(generation=generation))
    with pytest.raises(Malformed, match="not_authorized"):
        instance.finisher.finish(finished)
    with pytest.raises(Malformed, match="not_authorized"):
        creator.say(CancelGeneration(generation=generation))
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]


def test_expired_before_it_was_finished(place: Place) -> None:
    clock = Clock()
    with place.open(clock=clock) as instance:
        generation, quick = place.authorize(instance), place.authorize(instance)
        finished = work(liar(instance), message(instance, generation))
        instance.finisher.finish(work(liar(instance), message(instance, quick)))
        waits = scheduler(instance)
        assert waits.expire() == 0
        clock.ahead = timedelta(minutes=59, seconds=30)
        assert waits.expire() == 0
        clock.ahead = timedelta(minutes=60, seconds=30)
        with pytest.raises(Malformed, match="not_authorized"):
            instance.finisher.finish(finished)
        assert topics(instance, f"job:{generation}") == AUTHORIZED
        assert waits.expire() == 1
        assert waits.expire() == 0
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "AuthorizationExpired"]
        assert topics(instance, f"job:{quick}") == [*AUTHORIZED, *COMPLETED]
        with pytest.raises(Malformed, match="not_authorized"):
            instance.finisher.finish(finished)
        check_sound(instance)


@pytest.mark.parametrize("in_flight", ["cancel", "complete"])
def test_a_consent_that_is_revoked_in_flight(in_flight: str, place: Place) -> None:
    piece = place.pieces[0]
    with place.open() as instance:
        revocation = {"notice_days": 0, "in_flight": in_flight, "survives": True}
        change(instance, piece.master_consent, revocation=revocation)
        generation = place.authorize(instance)
        finished = work(liar(instance), message(instance, generation))
        command = RevokeConsent(party=piece.holder, consent=piece.master_consent)
        instance.speaker(piece.holder).say(command)
        instance.finisher.finish(finished)
        last = events(instance, f"job:{generation}")[2]
        if in_flight == "cancel":
            assert isinstance(last, GenerationCanceled)
            assert (last.because, last.consents) == ("consent_revoked", (piece.master_consent,))
            assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]
        else:
            assert isinstance(last, GenerationCompleted)
            assert last.authorized_before_revocation == (piece.master_consent,)
            assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
        check_sound(instance)


def test_a_consent_whose_window_ends_in_flight(place: Place) -> None:
    clock, piece = Clock(), place.pieces[0]
    with place.open(clock=clock) as instance:
        until = (clock() + timedelta(minutes=30)).replace(microsecond=0)
        change(
            instance,
            piece.publishing_consent,
            effective_until=when(until),
            revocation={"notice_days": 0, "in_flight": "cancel", "survives": True},
        )
        generation = place.authorize(instance)
        finished = work(liar(instance), message(instance, generation))
        clock.ahead = timedelta(minutes=31)
        instance.finisher.finish(finished)
        last = events(instance, f"job:{generation}")[-1]
        assert isinstance(last, GenerationCanceled)
        assert (last.because, last.consents) == ("outside_window", (piece.publishing_consent,))
        assert "RoyaltyAccrued" not in topics(instance)
        check_sound(instance)


def test_without_its_anchors_the_queue_stops_loudly_and_loses_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    anchors = place.settings.authority / "root.pem"
    kept = anchors.read_bytes()
    with place.open() as instance:
        working = queue(instance, liar(instance))
        working.start()
        try:
            anchors.write_bytes(b"no certificate")
            generation = place.authorize(instance)
            while working.is_alive:
                threading.Event().wait(0.01)
        finally:
            working.close()
        assert "no file can be read back" in caplog.text
        assert topics(instance, f"job:{generation}") == AUTHORIZED
    anchors.write_bytes(kept)
    with place.open(work=True) as instance:
        wait_ended(instance, generation)
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
        check_sound(instance)


class FullOnce(Remembering):
    """A backend on a disk that is full the first time."""

    is_full = True

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        if self.is_full:
            self.is_full = False
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().generate(request, progress, canceled)


def test_a_full_disk_delays_a_generation_and_does_not_end_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "WORK_RETRY_S", 0.01)
    with place.open() as instance:
        working = queue(instance, liar(instance, backend=FullOnce()))
        working.start()
        try:
            generation = place.authorize(instance)
            wait_ended(instance, generation)
        finally:
            working.close()
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
