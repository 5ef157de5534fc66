"""Texts with U+0000, which statements could hold before it was refused, stop no projection."""

from dataclasses import replace

from projections.base import as_json, from_json
from projections.catalog import Catalog, queries
from projections.rebuild import rebuild
from schemas.events.catalog import RecordingRegistered
from tests.kit.projected import Projected
from tests.kit.world import World
from tests.support.places import ENGINES, Place, empty_place

OLD = "Night\0fall"
SHOWN = "Night\u2400fall"


def older() -> World:
    """Return a world whose one recording has a title that is refused today."""
    world = World.opened().party("L").recording("S1", title="Nightfall").recording("S2", title="X")
    recorded = world.log.recorded
    for index, row in enumerate(recorded):
        if isinstance(row.event, RecordingRegistered) and row.event.title == "Nightfall":
            event = row.event.model_copy(update={"title": OLD})
            recorded[index] = replace(row, event=event)
    return world


def test_such_a_text_is_shown_with_a_picture_and_the_projection_goes_on(tables_at: Place) -> None:
    world = older()
    tables = Projected(world.log, tables_at).catch_up()
    row = queries.recordings(tables.readings, recording=world.asset("S1")).one
    assert row is not None
    assert row.title == SHOWN
    later = queries.recordings(tables.readings, recording=world.asset("S2")).one
    assert later is not None
    assert later.title == "X"


def test_both_engines_show_the_same_and_a_rebuild_finds_no_difference() -> None:
    world, digests = older(), set()
    for engine in ENGINES:
        with empty_place(engine) as place:
            tables = Projected(world.log, place).catch_up()
            assert rebuild(tables.database, tables.feed, Catalog()).equal
            digests.add(tables.digest("catalog"))
    assert len(digests) == 1


def test_lists_show_the_picture_too_and_leave_everything_else_as_it_is() -> None:
    backslash = "\\u0000"
    assert from_json(as_json((OLD, backslash, 7, None))) == [SHOWN, backslash, 7, None]
    assert from_json(as_json({"a": [OLD]})) == {"a": [SHOWN]}
