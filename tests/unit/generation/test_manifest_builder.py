"""The builder writes what was authorized and refuses what no verifier would take."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from generation.manifest import (
    MINING_ENTRIES,
    NOTHING_ALLOWED,
    Generator,
    ManifestContent,
    ManifestError,
    build_manifest,
)
from schemas.ids import new_id
from tests.support.signed_files import assertion, now, reference, two_references


def content(**changes: Any) -> ManifestContent:
    plain = ManifestContent(
        generation=new_id("gen"),
        title="A new song",
        media_type="audio/wav",
        generator=Generator("Linernotes", "0.1.0", "mosaic"),
        source_type="composite",
        created_at=now(),
        assertion=assertion(two_references()),
    )
    return dataclasses.replace(plain, **changes)


def part(manifest: dict[str, Any], label: str) -> Any:
    found = [one for one in manifest["assertions"] if one["label"] == label]
    assert len(found) == 1
    assert found[0]["created"] is True
    return found[0]["data"]


@pytest.mark.interop(44)
def test_every_ingredient_is_named_by_the_action_that_created_the_sound() -> None:
    made = build_manifest(content())
    created = part(made, "c2pa.actions.v2")["actions"][0]
    labels = [ingredient["label"] for ingredient in made["ingredients"]]
    assert created["action"] == "c2pa.created"
    assert created["parameters"]["ingredientIds"] == labels
    assert created["digitalSourceType"].endswith("/composite")


def test_what_is_copied_is_placed_and_what_conditions_is_not() -> None:
    rows = two_references()
    made = build_manifest(content(assertion=assertion(rows)))
    actions = part(made, "c2pa.actions.v2")
    assert actions["allActionsIncluded"] is True
    assert [action["action"] for action in actions["actions"]] == ["c2pa.created", "c2pa.placed"]
    assert actions["actions"][1]["parameters"]["ingredientIds"] == [rows[0].recording]
    assert [i["relationship"] for i in made["ingredients"]] == ["componentOf", "inputTo"]


def test_nothing_is_placed_where_nothing_is_copied() -> None:
    made = build_manifest(content(assertion=assertion((reference(0, new_id("rec")),))))
    actions = part(made, "c2pa.actions.v2")["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created"]


def test_several_rows_of_a_recording_are_one_ingredient_with_the_first_title() -> None:
    recording = new_id("rec")
    rows = (reference(0, recording), reference(1, recording, copied=True))
    made = build_manifest(content(assertion=assertion(rows)))
    assert [(i["instance_id"], i["title"], i["relationship"]) for i in made["ingredients"]] == [
        (recording, "Song 0", "componentOf")
    ]


def test_our_assertion_carries_a_setting_as_its_name() -> None:
    made = build_manifest(content(label="com.example.references"))
    assert part(made, "com.example.references")["authorization"]["position"] == 12


def test_training_and_mining_are_answered_no_unless_said_otherwise() -> None:
    entries = part(build_manifest(content()), "cawg.training-mining")["entries"]
    assert entries == {name: {"use": "notAllowed"} for name in MINING_ENTRIES}
    some = {**NOTHING_ALLOWED, "cawg.data_mining": "allowed"}
    entries = part(build_manifest(content(mining=some)), "cawg.training-mining")["entries"]
    assert entries["cawg.data_mining"] == {"use": "allowed"}


@pytest.mark.parametrize(
    "changes",
    [
        {"source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/composite"},
        {"source_type": "digitalCapture"},
        {"mining": {}},
        {"mining": {**NOTHING_ALLOWED, "cawg.data_mining": "maybe"}},
        {"mining": {**NOTHING_ALLOWED, "c2pa.data_mining": "allowed"}},
        {"created_at": dt.datetime(2026, 11, 22, 8, 0)},  # noqa: DTZ001  # that is the mistake
        {"created_at": dt.datetime(2026, 11, 22, 8, tzinfo=dt.timezone(dt.timedelta(hours=1)))},
        {"title": "x" * 2**20},
    ],
)
def test_what_no_verifier_would_take_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        build_manifest(content(**changes))
