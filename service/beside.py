"""Reading an instance's log beside whoever writes it: an audit, a rebuild, a look after a crash.

Readers stop at what the register accepted; the process lock is for who writes a file. Both
databases let any number of processes read while one writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.storage.contract import Store
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from service.settings import Settings


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Give the store of an instance's log, to read.

    Raises `FileNotFoundError` where there is none, `KeyFileError` where the key of the openings may
    be read by others than its owner.
    """
    key = read_master_key(settings.master_key)
    with LogReading(settings.log_database, master_key=key) as reading:
        yield reading.store
