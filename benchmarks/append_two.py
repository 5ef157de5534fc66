"""Two processes that write behind one head, against one: run `python -m benchmarks.append_two`.

Each process has a door, a cache and a writer of its own, as two of `liner serve` would have on one
PostgreSQL. As many clients speak to the one as to both together.
"""

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from benchmarks.append import LOAD, ROUNDS, founded, hand_in, said
from benchmarks.append_engines import Engine, postgres
from benchmarks.append_town import ROUND, Town, scripts
from benchmarks.measuring import sized, told

CLIENTS = sized(64, tiny=4)
ROUNDS_EACH = 2
AT_LEAST = 1.0


def serve(database: str, engine_register: str, town: Town, orders: Connection) -> None:
    """Say what comes, round by round, until nothing comes; answer each when all is said."""
    import asyncio  # noqa: PLC0415 - in the process that needs it
    from pathlib import Path  # noqa: PLC0415 - likewise

    engine = Engine(database, Path(engine_register), {})
    with engine.opened(town) as application:
        hand_in(application, [])
        orders.send("ready")
        while (raws := orders.recv()) is not None:
            orders.recv()  # the word to begin, when all have heard what to say
            asyncio.run(said(application, raws))
            orders.send("said")


def timed(doors: Sequence[Connection], loads: Sequence[list[list[bytes]]]) -> float:
    """Give each door its load, and return how long they take together."""
    for door, load in zip(doors, loads, strict=True):
        door.send(load)
    began = time.perf_counter()
    for door in doors:
        door.send("go")
    for door in doors:
        assert door.recv() == "said"
    return time.perf_counter() - began


def main() -> None:
    """Measure one and two in turns, and print the ratio."""
    context = multiprocessing.get_context("spawn")
    with postgres() as engine:
        with founded(engine) as (town, _):
            pass
        doors, processes = [], []
        for _ in range(2):
            ours, theirs = context.Pipe()
            rows = (str(engine.database), str(engine.register), town, theirs)
            process = context.Process(target=serve, args=rows)
            process.start()
            assert ours.recv() == "ready"
            doors.append(ours)
            processes.append(process)
        ones, twos = [], []
        for _ in range(ROUNDS):
            load = scripts(town, CLIENTS, ROUNDS_EACH)
            ones.append(timed(doors[:1], [load]))
            load = scripts(town, CLIENTS, ROUNDS_EACH)
            twos.append(timed(doors, [load[::2], load[1::2]]))
        for door, process in zip(doors, processes, strict=True):
            door.send(None)
            process.join()
    count = CLIENTS * ROUNDS_EACH * ROUND
    one, two = count / min(ones), count / min(twos)
    print(f"{one:.0f} statements a second by one process, {two:.0f} by two")
    told(
        "append_two",
        two / one,
        "one API process with as many clients, same PostgreSQL, same run",
        at_least=AT_LEAST,
        clients=CLIENTS,
        one_per_s=round(one),
        two_per_s=round(two),
        load=LOAD,
    )


if __name__ == "__main__":
    main()
