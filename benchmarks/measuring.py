"""What the benchmarks share: timing in turns, and the one line that `make bench` keeps."""

import json
import time
from collections.abc import Callable, Sequence

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """Return how long one run of `work` takes by the clock on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(
    *works: Callable[[], object], rounds: int = ROUNDS, before: Callable[[], object] | None = None
) -> Sequence[float]:
    """Return the best time of each work, taken in turns: what disturbs one disturbs the others.

    `before` is called before each round, and not timed.
    """
    taken = []
    for _ in range(rounds):
        if before is not None:
            before()
        taken.append([seconds(work) for work in works])
    return [min(times) for times in zip(*taken, strict=True)]


def told(measure: str, ratio: float, against: str, **raw: object) -> None:
    """Print the line that is kept: a ratio against something of the same run, and raw numbers."""
    print(json.dumps({"measure": measure, "ratio": round(ratio, 3), "against": against, **raw}))
