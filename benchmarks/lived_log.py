"""A log as the ledger writes it all day, without a sound: what the audit's benchmarks read.

A real instance is founded, two songs are registered with everyone's consent, and then generations
live through their three commands, from many clients at once: verified, authorized by citing that,
completed by the worker's word and what the finisher read. Nothing is rendered: the commands are
those of a file that says what was authorized, signed by the keys that sign them in earnest.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import sized
from ledger.audit import StoreLog
from ledger.audit.export import export
from ledger.audit.exported import ExportLog
from tests.kit.instance import make
from tests.kit.living import live

GENERATIONS = sized(1_800, tiny=16)
"""Six entries and three statements each; of fewer the ends of an audit weigh too much."""

CLIENTS = 16


@contextmanager
def exported() -> Iterator[ExportLog]:
    """Give an export of a fresh log with every statement and opening; gone afterwards."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        place = make(folder / "place")
        with place.open() as instance:
            with ThreadPoolExecutor(CLIENTS) as clients:
                list(clients.map(lambda _: live(instance, place), range(GENERATIONS)))
            log = StoreLog(instance.store, origin=instance.facts.origin)
            export(log, folder / "export", vkey=instance.facts.checkpoint_vkey)
        yield ExportLog(folder / "export")
