"""What a run has shown: how much, how fast, what it took, and whether memory stayed flat."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import linear_regression
from typing import Any, Final

from tests.load.mix import Asked, Mix
from tests.load.watching import Seen

SETTLED: Final = 1 / 3
"""The part of a run after which memory should stay as it is: caches are full, modules loaded."""

BUSY: Final = 0.9
"""Of what there is, so much in use says that it is what limits."""

_PARTS: Final = (50, 95, 99)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the two tails, in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    found = {}
    for part in _PARTS:
        place = min(len(ordered) - 1, len(ordered) * part // 100)
        found[f"p{part}_ms"] = round(1000 * ordered[place], 1)
    return found


def steps(asked: Sequence[Asked]) -> dict[str, dict[str, Any]]:
    """Return how often each thing was asked, how fast it was answered, and how it ended."""
    found = {}
    for what in sorted({one.what for one in asked}):
        rows = [one for one in asked if one.what == what]
        good = [one.seconds for one in rows if one.ending < "4"]
        endings = Counter(sorted(one.ending for one in rows))
        found[what] = {"answers": len(rows), **percentiles(good), "endings": dict(endings)}
    return found


def processes(seen: Sequence[Seen]) -> dict[str, dict[str, float]]:
    """Return by process: cores in use, memory first, last and at its most, and its slope.

    The slope is that of a straight line through what was seen after the first third, in MiB an
    hour, and through the last third alone: where the second is far smaller, caches have filled.
    """
    found = {}
    first, last = seen[0], seen[-1]
    settled = [one for one in seen if one.at_s >= SETTLED * last.at_s]
    for name in last.cpu_s:
        memory = [one.memory_mib[name] for one in settled]
        took_s = last.cpu_s[name] - first.cpu_s[name]
        found[name] = {
            "cores": round(took_s / (last.at_s - first.at_s), 3),
            "memory_first_mib": round(memory[0], 1),
            "memory_last_mib": round(memory[-1], 1),
            "memory_most_mib": round(max(one.memory_mib[name] for one in seen), 1),
            "memory_slope_mib_an_hour": _slope(settled, name),
            "memory_end_slope_mib_an_hour": _slope(settled[len(settled) // 2 :], name),
        }
    return found


def _slope(seen: Sequence[Seen], name: str) -> float:
    memory = [one.memory_mib[name] for one in seen]
    return round(linear_regression([one.at_s for one in seen], memory).slope * 3600, 1)


def inside(seen: Sequence[Seen]) -> dict[str, dict[str, dict[str, float]]]:
    """Return by process what its steps took: how often, and the mean of each third of the run.

    What grows with the log, or with anything else, shows as a last third above the first.
    """
    looks = [seen[0], *(seen[len(seen) * part // 3] for part in (1, 2)), seen[-1]]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, step in sorted(looks[-1].steps):
        told = [one.steps.get((name, step), (0.0, 0.0)) for one in looks]
        row = {"times": told[-1][0] - told[0][0]}
        for number, (one, two) in enumerate(pairwise(told), 1):
            times = two[0] - one[0]
            row[f"third_{number}_ms"] = round(1000 * (two[1] - one[1]) / times, 1) if times else 0.0
        if row["times"]:
            found.setdefault(name, {})[step] = row
    return found


def made_a_second(mix: Mix, seconds: float) -> tuple[float, list[float]]:
    """Return generations a second in all, and in each tenth of the run."""
    tenth = seconds / 10
    counts = [0] * 10
    for at_s in mix.made:
        counts[min(9, int(at_s / tenth))] += 1
    return len(mix.made) / seconds, [round(count / tenth, 3) for count in counts]


def limits(by_process: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Say what limits: the machine's cores, or one process that has filled one of them."""
    cores = os.cpu_count() or 1
    used = sum(row["cores"] for row in by_process.values())
    most = max(by_process, key=lambda name: by_process[name]["cores"])
    if used >= BUSY * cores:
        says = "the machine's cores are all in use"
    elif by_process[most]["cores"] >= BUSY:
        says = f"{most} has filled one core"
    else:
        says = "neither the cores nor one process: waiting, or somebody else's work on this machine"
    shares = {name: round(row["cores"] / used, 3) for name, row in by_process.items()}
    return {
        "says": says,
        "cores": cores,
        "cores_used": round(used, 2),
        "cpu_shares": dict(sorted(shares.items(), key=lambda row: -row[1])),
    }


def queues(seen: Sequence[Seen]) -> dict[str, dict[str, float]]:
    """Return each queue and lag: its mean and its most."""
    names = sorted({name for one in seen for name in one.numbers})
    found = {}
    for name in names:
        values = [one.numbers[name] for one in seen if name in one.numbers]
        found[name] = {"mean": round(sum(values) / len(values), 1), "most": max(values)}
    return found
