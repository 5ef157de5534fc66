"""What holds for every request: problems, ids, limits, HEAD, and the end of the log."""

from pathlib import Path

import pytest

from service.api.limits import Limits
from service.api.problem_list import PROBLEMS
from tests.integration.api.test_commands import problem
from tests.integration.api.world import World, open_world


def test_an_unknown_address_is_a_problem(world: World) -> None:
    found = problem(world.nobody.get("/nowhere"), 404, "not_found")
    assert found["instance"] == "/nowhere"
    assert found["type"] == "/problems/not-found"


def test_another_method_is_a_problem_and_says_which_are_taken(world: World) -> None:
    response = world.nobody.delete("/checkpoint")
    problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_the_type_of_every_problem_resolves_here(world: World, code: str) -> None:
    response = world.nobody.get(PROBLEMS[code].url)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>{code}</code>" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_a_problem_type_that_is_none_is_not_found(world: World) -> None:
    problem(world.nobody.get("/problems/bad-weather"), 404, "not_found")


def test_a_request_id_comes_back(world: World) -> None:
    named = world.nobody.get("/nowhere", headers={"X-Request-Id": "mine-1"})
    assert named.headers["x-request-id"] == named.json()["request_id"] == "mine-1"
    other = world.nobody.get("/nowhere", headers={"X-Request-Id": "<script>"})
    assert other.headers["x-request-id"] == other.json()["request_id"] != "<script>"


def test_every_answer_carries_position_and_safe_headers(world: World) -> None:
    for path in ("/health", "/nowhere", "/checkpoint", "/reference"):
        headers = world.nobody.get(path).headers
        assert int(headers["ledger-position"]) > 0
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_health_and_readiness(world: World) -> None:
    health, ready = world.nobody.get("/health"), world.nobody.get("/ready")
    assert (health.status_code, ready.status_code) == (200, 200)
    assert health.json()["origin"] == world.instance.facts.origin
    assert {"royalties", "permissions"} <= {row["name"] for row in ready.json()["projections"]}
    assert not any(row["is_stopped"] for row in ready.json()["projections"])


@pytest.mark.parametrize("path", ["/v1/search?q=a%00b", "/v1/parties/%00", "/v1/%00"])
def test_a_text_that_no_database_takes_is_refused_at_the_door(world: World, path: str) -> None:
    problem(world.officer().get(path), 400, "request_invalid")


def test_a_body_beyond_its_limit_is_refused_before_it_is_read(world: World) -> None:
    body = b"x" * ((1 << 20) + 1)
    headers = {"Content-Type": "application/cose"}
    problem(
        world.nobody.post("/v1/statements", content=body, headers=headers), 413, "content_too_large"
    )


def test_a_body_without_a_length_is_bounded_too(world: World) -> None:
    chunks = (b"x" * (1 << 16) for _ in range(17))
    headers = {"Content-Type": "application/cose"}
    response = world.nobody.post("/v1/statements", content=chunks, headers=headers)
    problem(response, 413, "content_too_large")


def test_whoever_asks_too_often_waits(tmp_path: Path) -> None:
    with open_world(tmp_path, limits=Limits(requests=3, window_s=3600)) as world:
        answers = [world.nobody.get("/health") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        problem(answers[3], 429, "too_many_requests")
        assert int(answers[3].headers["retry-after"]) > 0
        assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=3600'
        assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=')
        assert world.officer().get("/health").status_code == 200, "a token counts by itself"


def test_after_a_fatal_end_nothing_leaves_but_that_it_ended(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        who = world.officer()
        # The register falls silent: the next batch is committed and cannot be shown.
        world.instance.settings.register.rename(tmp_path / "elsewhere")
        refused = who.say("RegisterParty", {"kind": "organization", "name": "Lost"})
        problem(refused, 503, "not_ready")
        for path in ("/v1/events", "/checkpoint", "/ready"):
            problem(who.get(path), 503, "not_ready")
        assert world.nobody.get("/health").status_code == 200


def test_the_reference_is_whole_in_itself(world: World) -> None:
    text = world.nobody.get("/reference").text
    for outside in (
        "<script",
        "<link",
        "<img",
        "src=",
        'href="http',
        'href="//',
        "@import",
        "url(",
    ):
        assert outside not in text
    assert "grant_consent" in text


def test_a_server_that_stops_ends_its_streams(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        who = world.officer()
        request = who.http.build_request("GET", "/v1/events/stream")
        response = who.http.send(request, stream=True)
        lines = response.iter_lines()
        next(lines)
    # Leaving the block stops the server: were the stream not told, it would never come back here.
    response.close()
