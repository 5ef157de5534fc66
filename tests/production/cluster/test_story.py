"""The whole story across separate processes: every role its own, two of those that may be two."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from schemas.commands.consents import RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from tests.kit.cluster import LINER, ROOT, Cluster
from tests.kit.creating import Creating
from tests.kit.insisting import Insisting

GENERATIONS = 6


@pytest.fixture(scope="module")
def creating(running: Cluster) -> Iterator[Creating]:
    """Give somebody who speaks at the doors."""
    with closing(Creating(running.place)) as speaking:
        yield speaking


@pytest.fixture(scope="module")
def story(running: Cluster, creating: Creating) -> Cluster:
    """Give a ledger on which some generations were made, by way of two doors in turn."""
    running.start_all()
    doors = [running.processes[name].url for name in ("api-1", "api-2")]
    for number in range(GENERATIONS):
        creating.authorize(doors[number % 2])
    for generation in creating.authorized:
        running.wait(
            lambda made=generation: creating.status(doors[1], made) == "completed",  # type: ignore[misc]  # a default
            f"{generation} is completed",
        )
    return running


def asked(running: Cluster, path: str, *, party: str, roles: tuple[str, ...]) -> httpx.Response:
    """Ask the second door as somebody, until it answers: reading models may be behind."""
    doors = [running.processes["api-2"].url]
    with closing(Insisting(running.place, doors, party, roles)) as who:
        return who.get(path, "read")


def test_every_generation_is_one_output_and_one_accrual(story: Cluster) -> None:
    holder = story.place.pieces[0].holder
    uses = asked(story, "/v1/uses", party=holder, roles=("holder",)).json()["items"]
    assert len(uses) == GENERATIONS
    assert len({use["generation"] for use in uses}) == GENERATIONS


def test_a_finished_file_is_what_it_says(story: Cluster) -> None:
    creator = story.place.creator
    holder = story.place.pieces[0].holder
    use = asked(story, "/v1/uses", party=holder, roles=("holder",)).json()["items"][0]
    made = asked(
        story, f"/v1/generations/{use['generation']}", party=creator, roles=("creator",)
    ).json()
    digest = made["output"]["audio"]["file_sha256"]
    audio = asked(story, f"/v1/artifacts/{digest}", party=creator, roles=("creator",)).content
    doors = [story.processes["api-1"].url]
    with closing(Insisting(story.place, doors, creator, ("streaming_service",))) as service:
        answer = service.post(
            "/v1/inspections",
            "inspect",
            content=audio,
            params={"tier": "private", "channel": "download", "territory": "DE"},
            headers={"Content-Type": "audio/wav"},
        )
    found = answer.json()
    assert found["reading"]["state"] == "trusted", answer.text
    assert found["allowed_here"], answer.text


def test_a_revocation_at_one_door_is_known_at_the_other(story: Cluster, creating: Creating) -> None:
    piece = story.place.pieces[1]
    first, second = (story.processes[name].url for name in ("api-1", "api-2"))
    creating.say(
        first, piece.holder, RevokeConsent(party=piece.holder, consent=piece.master_consent)
    )
    command = AuthorizeGeneration(
        verification=new_id("ver"), request=creating.request(new_id("gen"))
    )
    with closing(Insisting(story.place, [second], story.place.creator, ("creator",))) as creator:
        said = creator.say(command)
    assert said.is_refused, said.answer
    assert said.answer["verdict"]["code"] == "consent_revoked"


def test_an_audit_decides_every_command_again(story: Cluster) -> None:
    command = [LINER, "audit"]
    told = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, env=dict(story.env()), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 differ" in told.stdout


def test_every_door_shows_the_assurance_report_of_another_process(story: Cluster) -> None:
    def shown(name: str) -> dict[str, Any] | None:
        url = story.processes[name].url
        answer = httpx.get(f"{url}/v1/assurance", timeout=60, trust_env=False)
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    story.wait(lambda: shown("api-1") is not None, "a report is made")
    found = shown("api-2")
    assert found is not None
    assert found["sound"], found["line"]


def test_every_process_ends_in_order_when_it_is_told_to(story: Cluster) -> None:
    assert {name: story.stop(name) for name in story.processes} == dict.fromkeys(story.processes, 0)
