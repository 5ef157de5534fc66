"""What a second worker brings: run `python -m benchmarks.workers_2`.

A synthesizer that waits half a second for each job, a backlog of jobs, and one worker or two, each
a process: generations completed in a second while every worker has work. The log is the clock: what
counts is a generation's last event.
"""

import time

from benchmarks.measuring import sized, told
from benchmarks.transported import broker, founded, transported
from generation.broker_settings import BrokerSettings
from ledger.feed import Feed
from schemas.events.generations import GenerationCompleted

WAIT_S = 0.5
WARM = sized(4, tiny=1)
COUNTED = sized(10, tiny=2)
BACKLOG = sized(40, tiny=8)
ROUNDS = sized(2, tiny=1)
TARGET = 1.8
LOOK_S = 0.01


def completed(feed: Feed, after: int, count: int) -> int:
    """Wait for so many completions after a position; return the position of the last."""
    while True:
        for recorded in feed.read_after(after, 500):
            after = recorded.position
            count -= isinstance(recorded.event, GenerationCompleted)
            if count == 0:
                return after
        feed.wait_beyond(after, LOOK_S)


def per_s(workers: int, settings: BrokerSettings) -> float:
    """Return the generations a second that workers complete, from a ledger of their own."""
    with (
        founded() as (place, instance),
        transported(place, instance, settings, workers=workers, wait_s=WAIT_S),
    ):
        head = instance.feed.visible_head()
        for _ in range(BACKLOG):
            place.authorize(instance)
        begun = completed(instance.feed, head, WARM * workers)
        began = time.perf_counter()
        completed(instance.feed, begun, COUNTED * workers)
        return COUNTED * workers / (time.perf_counter() - began)


def main() -> None:
    """Measure one and two in turns, the best of each."""
    with broker() as kafka:
        rows = [(per_s(1, kafka.settings), per_s(2, kafka.settings)) for _ in range(ROUNDS)]
    one, two = (max(column) for column in zip(*rows, strict=True))
    print(f"one worker {one:.2f}/s, two {two:.2f}/s")
    told(
        "workers_2",
        two / one,
        "one worker in the same run",
        at_least=TARGET,
        one_per_s=round(one, 3),
        two_per_s=round(two, 3),
        waits_ms=round(WAIT_S * 1000),
    )


if __name__ == "__main__":
    main()
