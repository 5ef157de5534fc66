"""What projections read quickly is what decisions read strictly, entry by entry."""

from pathlib import Path

import pytest

from ledger.decoding import read_recorded, read_replayed
from ledger.rights.view import Recorded
from projections import ahead as ahead_module
from projections.ahead import Ahead
from tests.kit.instance import make


def test_every_entry_replays_to_what_it_was_read_as(tmp_path: Path) -> None:
    place = make(tmp_path / "place")
    with place.open() as instance, instance.store.snapshot() as reader:
        stored = reader.read_after(0, reader.bound)
        openings = reader.openings_of([one.event_id for one in stored if one.event_id])
        assert openings
        for one in stored:
            opened = reader.openings(one.event_id or "")
            assert list(opened) == openings.get(one.event_id or "", [])
            assert read_replayed(one, opened) == read_recorded(one, opened)
            assert read_replayed(one, ()) == read_recorded(one, ())


def test_reading_ahead_gives_what_reading_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead_module, "SLICE", 2)
    with make(tmp_path / "place").open() as instance:
        feed, head = instance.feed, instance.feed.visible_head()
        whole = feed.read_after(0, head)
        found: list[Recorded] = []
        ahead = Ahead(feed, 3)
        while batch := ahead.read_after(len(found), head):
            ahead.go_on()
            ahead.go_on()
            found += batch
        assert found == whole
        assert ahead.read_after(1, 2) == whole[1:3]
        ahead.go_on()  # a part of a batch: nothing is read ahead of it
        for folded in (0.1, 0.5, 1.0):  # it goes on reading as this batch is folded
            assert ahead.read_after(0, head) == whole[:3]
            ahead.go_on(folded)
            ahead.go_on(folded)
            assert ahead.read_after(3, head) == whole[3:6]
        ahead.read_after(0, head)
        ahead.go_on()
        ahead.drop()
        assert ahead.read_after(3, head) == whole[3:6]
