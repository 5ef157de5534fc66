"""A job that comes again, before and after its worker has forgotten it: one output, one accrual."""

from datetime import datetime, timedelta

import pytest

from generation.worker import Worker
from generation.worker_folder import EXPIRES, FINISHED, GRACE
from schemas.refusals import Malformed
from service.instance import Instance
from tests.integration.thread.liars import liar, message, work
from tests.kit.instance import Place
from tests.kit.sound import topics

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]


def later(worker: Worker, instance: Instance) -> Worker:
    """Let a worker's clock show when its grace is over."""
    at = instance.clock() + timedelta(seconds=3600) + GRACE

    def clock() -> datetime:
        return at

    worker._clock = clock
    return worker


def test_it_is_answered_from_the_folder_and_after_that_it_changes_nothing(
    instance: Instance, shared: Place
) -> None:
    generation, other = shared.authorize(instance), shared.authorize(instance)
    raw = message(instance, generation)
    finished = work(liar(instance), raw)
    assert work(liar(instance), raw) == finished, "the same bytes, without rendering"
    instance.finisher.finish(finished)
    home = instance.settings.workers / generation
    assert {FINISHED, EXPIRES} < {path.name for path in home.iterdir()}
    work(later(liar(instance), instance), message(instance, other))
    assert {FINISHED, EXPIRES}.isdisjoint(path.name for path in home.iterdir())
    anew = work(liar(instance), raw)
    assert anew != finished
    with pytest.raises(Malformed, match="already_completed"):
        instance.finisher.finish(anew)
    assert instance.finisher.finish(finished).replayed
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
