"""The process that forks a reader for each file: readers are apart, and it may go and come."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ledger.provenance.reading import Limits
from ledger.provenance.reading_nursery import NURSERY
from schemas.ids import new_id
from schemas.manifest import manifest_urn
from tests.support.signed_files import Studio, two_references


def pid() -> int:
    process = NURSERY._process
    assert process is not None
    return process.pid


def signed(studio: Studio, name: str = "output.wav") -> tuple[str, bytes]:
    """Return the URN of a file that was signed, and its bytes."""
    generation = new_id("gen")
    path = studio.sign(generation, two_references(), name=name).path
    return manifest_urn(generation), path.read_bytes()


def test_one_process_forks_for_many_files(studio: Studio) -> None:
    urn, raw = signed(studio)
    assert studio.read_bytes(raw).urn == urn
    first = pid()
    assert studio.read_bytes(raw, limits=Limits(memory_bytes=1 << 20)).urn is None
    assert studio.read_bytes(raw).urn == urn  # what one reader was denied, the next one has
    assert pid() == first


def test_readers_at_once_each_say_what_their_own_file_says(studio: Studio) -> None:
    files = [signed(studio) for _ in range(4)]
    together = threading.Barrier(8)

    def read(number: int) -> bool:
        urn, raw = files[number % 4]
        together.wait(60)
        return studio.read_bytes(raw, f"case-{number}.wav").urn == urn

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [True] * 8


def test_one_that_was_killed_is_started_again(studio: Studio) -> None:
    urn, raw = signed(studio)
    assert studio.read_bytes(raw).urn == urn
    first = pid()
    os.kill(first, signal.SIGKILL)
    assert studio.read_bytes(raw).urn == urn
    assert pid() != first


def test_a_file_that_takes_too_long_ends_alone(studio: Studio) -> None:
    urn, raw = signed(studio)
    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(studio.read_bytes, raw, "late.wav", limits=Limits(timeout_s=0))
        fine = pool.submit(studio.read_bytes, raw, "fine.wav")
        assert late.result(60).state == "timed_out"
        assert fine.result(60).urn == urn


def test_a_child_of_ours_has_one_of_its_own(studio: Studio) -> None:
    urn, raw = signed(studio)
    assert studio.read_bytes(raw).urn == urn
    ours = pid()
    child = os.fork()
    if child == 0:
        is_fine = NURSERY._process is None and studio.read_bytes(raw, "child.wav").urn == urn
        NURSERY.close()
        os._exit(0 if is_fine and os.getpid() != ours else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert studio.read_bytes(raw).urn == urn
    assert pid() == ours


def test_it_knows_no_secret_of_ours(studio: Studio) -> None:
    _, raw = signed(studio)
    assert studio.read_bytes(raw).urn is not None
    rows = Path(f"/proc/{pid()}/environ").read_bytes().split(b"\0")
    names = {row.partition(b"=")[0] for row in rows if row}
    assert names <= {
        b"PYTHONPATH",
        b"PYTHONDONTWRITEBYTECODE",
        b"MALLOC_ARENA_MAX",
        b"OPENBLAS_NUM_THREADS",
        b"RAYON_NUM_THREADS",
        b"LD_LIBRARY_PATH",
    }
