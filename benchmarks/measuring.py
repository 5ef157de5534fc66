"""What the benchmarks share: sizes, timing in turns, and the one line that `make bench` keeps."""

import json
import os
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

TINY: Final = "LINERNOTES_BENCH_TINY"
"""The environment variable under which a benchmark only shows that it still runs: as little of
everything as it can do with. What it measures then means nothing, and its line says so."""

_Size = TypeVar("_Size", int, float)


def sized(whole: _Size, *, tiny: _Size) -> _Size:
    """Return how much of something a benchmark takes: `tiny` where the environment asks for it."""
    return tiny if os.environ.get(TINY) else whole


ROUNDS: Final = sized(5, tiny=1)


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
    row = {"measure": measure, "ratio": round(ratio, 3), "against": against, **raw}
    print(json.dumps({**row, "tiny": True} if os.environ.get(TINY) else row))
