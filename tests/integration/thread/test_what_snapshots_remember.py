"""A snapshot from before what the cache has heard finds and leaves nothing in the common memo."""

from __future__ import annotations

from ledger.folding import FoldCache, LogSource
from service.instance import Instance


def test_only_a_snapshot_that_shows_all_that_was_heard_shares_what_is_remembered(
    instance: Instance,
) -> None:
    cache = FoldCache()
    with instance.store.snapshot() as reader:
        cache.begin(reader.bound, reader.time())
        assert LogSource(reader, cache).memo is cache.memo
        # An erasure, perhaps: this snapshot would still show what was opened before it.
        cache.skip(reader.bound + 1, reader.time())
        assert LogSource(reader, cache).memo is not cache.memo
