"""What the broker adds to a generation: run `python -m benchmarks.transport_ms`.

From the authorization to the completed event, one generation after the other, with a synthesizer
that takes no time: once over the embedded queue, in a thread of the ledger's process, and once over
a real broker with a worker in a process of its own.
"""

import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

from benchmarks.measuring import sized, told
from benchmarks.transported import broker, founded, transported
from service.instance import Instance
from service.workers.embedded import EmbeddedQueue, wait_for_end
from tests.kit.instance import Place
from tests.kit.remembering import Waiting
from tests.support.transport_roles import made_worker

GENERATIONS = sized(15, tiny=1)
ROUNDS = sized(2, tiny=1)
WARM = sized(2, tiny=1)
TARGET_MS = 50
WAIT_S = 120.0


def taken_ms(place: Place, instance: Instance) -> list[float]:
    """Have generations made, one after the other; return how long each took."""
    found = []
    for _ in range(WARM + GENERATIONS):
        began = time.perf_counter()
        generation = place.authorize(instance)
        assert wait_for_end(instance.feed, instance.store, generation, WAIT_S)
        found.append((time.perf_counter() - began) * 1000)
    return found[WARM:]


def embedded_ms(place: Place, instance: Instance) -> list[float]:
    """Over the embedded queue."""
    queue = EmbeddedQueue(
        instance.store,
        instance.feed,
        worker=made_worker(instance, place.folder / "embedded", Waiting(0.0)),
        finisher=instance.make_finisher(),
        origin=instance.facts.origin,
        key=instance.keys.process,
        proving=instance.witnessing,
    )
    with closing(queue):
        queue.start()
        return taken_ms(place, instance)


def brokered_ms(place: Place, instance: Instance) -> list[float]:
    """Over a real broker."""
    with (
        broker() as kafka,
        transported(place, instance, kafka.settings, workers=1, wait_s=0.0),
    ):
        return taken_ms(place, instance)


def measured(how: Callable[[Place, Instance], list[float]]) -> list[float]:
    """Measure one way on a ledger of its own."""
    with founded() as (place, instance):
        return how(place, instance)


def main() -> None:
    """Measure both in turns, and print what the median of one is beyond that of the other."""
    embedded: list[float] = []
    brokered: list[float] = []
    for _ in range(ROUNDS):
        embedded += measured(embedded_ms)
        brokered += measured(brokered_ms)
    added = median(brokered) - median(embedded)
    print(f"embedded {median(embedded):.0f} ms, over the broker {median(brokered):.0f} ms")
    told(
        "transport_ms",
        median(brokered) / median(embedded),
        "the embedded queue in the same run",
        added_ms=round(added, 1),
        added_at_most_ms=TARGET_MS,
        embedded_ms=round(median(embedded), 1),
        brokered_ms=round(median(brokered), 1),
        generations=len(brokered),
    )


if __name__ == "__main__":
    main()
