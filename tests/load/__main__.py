"""Drive a whole ledger over HTTP and say how fast it is, and what limits it: `make load`.

A PostgreSQL that waits for the disk, a Kafka broker, and every role as a process of its own, all on
this machine with the clients: so the numbers are this machine's, and the shape is what to look at.
The synthesizer remembers what it has made; embedding, signing, reading back and accruing are as in
production. Writes `load.json` and `load.svg`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.kit.aftermath import reading, recorded_seconds
from tests.kit.cluster import Cluster, cluster
from tests.load import report
from tests.load.drawing import draw
from tests.load.mix import Mix
from tests.load.watching import Seen, Watch
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer

LOOK_S = 1.0


def main() -> None:
    """Run, and report."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="load") as folder:
        database = PostgresServer(durable=True)
        broker = KafkaBroker(Path(folder) / "broker")
        place = Path(folder) / "place"
        try:
            with cluster(place, database_url=database.url(), broker=broker.settings) as running:
                running.start_all(apis=asked.apis, workers=asked.workers)
                found, seen = _drive(running, database, broker, asked)
        finally:
            broker.stop()
            database.close()
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "load.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (asked.out / "load.svg").write_text(_drawn(seen), encoding="utf-8")
    _tell(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    for name, default in (("creators", 4), ("holders", 2), ("services", 1)):
        parser.add_argument(f"--{name}", type=int, default=default, help="clients")
    for name, default in (("apis", 2), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default, help="processes")
    parser.add_argument("--out", type=Path, default=Path("out"))
    return parser.parse_args()


def _drive(
    running: Cluster, database: PostgresServer, broker: KafkaBroker, asked: argparse.Namespace
) -> tuple[dict[str, Any], list[Seen]]:
    doors = [one.url for name, one in running.processes.items() if name.startswith("api")]
    mix = Mix(running.place, doors, asked.creators, asked.holders, asked.services)
    with Watch(running, database, broker, waiting=lambda: mix.waiting) as watch, mix:
        until = time.monotonic() + asked.seconds
        while time.monotonic() < until and not mix.has_failed:
            time.sleep(LOOK_S)
    with reading(running) as log:
        made_s = recorded_seconds(log, "GenerationAuthorized", "GenerationCompleted")
        entries = log.bound
    rate, tenths = report.made_a_second(mix, asked.seconds)
    by_process = report.processes(watch.seen)
    found = {
        "seconds": asked.seconds,
        "clients": {name: getattr(asked, name) for name in ("creators", "holders", "services")},
        "processes": {"apis": asked.apis, "workers": asked.workers},
        "entries": entries,
        "ends": dict(mix.ends),
        "generations_a_second": round(rate, 3),
        "generations_a_second_by_tenth": tenths,
        "authorized_to_completed": report.percentiles(made_s),
        "steps": report.steps(mix.asked),
        "inside": report.inside(watch.seen),
        "queues": report.queues(watch.seen),
        "limits": report.limits(by_process),
        "by_process": by_process,
    }
    return found, watch.seen


def _drawn(seen: list[Seen]) -> str:
    names = list(seen[-1].memory_mib)
    memory = {name: [(one.at_s, one.memory_mib[name]) for one in seen] for name in names}
    cores = {
        name: [
            (two.at_s, (two.cpu_s[name] - one.cpu_s[name]) / (two.at_s - one.at_s))
            for one, two in pairwise(seen)
        ]
        for name in names
    }
    numbers = sorted({name for one in seen for name in one.numbers})
    queues = {
        name: [(one.at_s, one.numbers[name]) for one in seen if name in one.numbers]
        for name in numbers
    }
    return draw({"Memory, MiB": memory, "Cores in use": cores, "Queues and lags": queues})


def _tell(found: dict[str, Any]) -> None:
    told = [
        f"{found['generations_a_second']} generations a second",
        f"by tenth of the run: {found['generations_a_second_by_tenth']}",
        f"authorized to completed: {found['authorized_to_completed']}",
        "",
    ]
    for what, row in found["steps"].items():
        tails = "  ".join(f"{name} {value:>8}" for name, value in row.items() if "_ms" in name)
        told.append(f"{what:<24} {row['answers']:>7}  {tails}  {row['endings']}")
    told += ["", f"{'process':<12} {'step':<12} {'times':>8} {'mean ms, each third':>24}"]
    told += [
        f"{name:<12} {step:<12} {row['times']:>8.0f} "
        + " ".join(f"{value:>7}" for key, value in row.items() if key.startswith("third"))
        for name, rows in found["inside"].items()
        for step, row in rows.items()
    ]
    head = f"{'process':<12} {'cores':>6} {'MiB':>8} {'at most':>8}"
    told += ["", f"{head} {'MiB an hour':>12} {'at the end':>12}"]
    for name, row in found["by_process"].items():
        told.append(
            f"{name:<12} {row['cores']:>6} {row['memory_last_mib']:>8}"
            f" {row['memory_most_mib']:>8} {row['memory_slope_mib_an_hour']:>12}"
            f" {row['memory_end_slope_mib_an_hour']:>12}"
        )
    told += ["", f"what limits: {found['limits']['says']}", f"queues: {found['queues']}"]
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
