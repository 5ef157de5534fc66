"""The log as people read it: pages, filters, long polls, a stream, and one event with its proof."""

import threading
import time

import pytest

from tests.integration.api.test_commands import problem
from tests.integration.api.world import World


def register(world: World, name: str) -> tuple[str, int]:
    answer = world.officer().did("RegisterParty", {"kind": "organization", "name": name})
    (entry,) = answer["entries"]
    return entry["data"]["party"], entry["position"]


def test_pages_cover_the_log_once_and_in_order(world: World) -> None:
    who = world.officer()
    for n in range(3):
        register(world, f"Page {n}")
    seen, url = [], "/v1/events?limit=2"
    while url:
        response = who.get(url)
        page = response.json()
        seen += [item["position"] for item in page["items"]]
        link = response.headers.get("link", "")
        assert bool(link) == (page["next"] is not None)
        url = link.partition(">")[0].lstrip("<")
    assert seen == list(range(1, page["head"] + 1))
    assert response.headers["ledger-position"] == str(page["head"])


def test_events_are_found_by_type_and_by_whom_they_concern(world: World) -> None:
    party, position = register(world, "Found")
    who = world.officer()
    found = who.get(f"/v1/events?about={party}&types=PartyRegistered,KeyProposed").json()
    assert [item["position"] for item in found["items"]] == [position]
    assert who.get(f"/v1/events?about={party}&types=ConsentGranted").json()["items"] == []
    opened = who.get("/v1/events?types=LogOpened").json()["items"]
    assert [item["position"] for item in opened] == [1]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=501", f"after={2**80}", "about=nobody"]
)
def test_a_question_in_another_form_is_refused(world: World, query: str) -> None:
    response = world.officer().get(f"/v1/events?{query}")
    assert response.status_code == 400, response.text
    assert response.json()["code"] in {"request_invalid", "identifier_invalid"}


def test_nobody_reads_events_without_a_token(world: World) -> None:
    problem(world.nobody.get("/v1/events"), 401, "token_missing")


def test_one_event_comes_with_its_proof(world: World) -> None:
    _, position = register(world, "Proven")
    found = world.officer().get(f"/v1/events/{position}").json()
    assert found["event"]["type"] == "PartyRegistered"
    assert f"\nindex {position - 1}\n" in found["proof"]
    problem(world.officer().get("/v1/events/999999"), 404, "position_unknown")


def test_a_long_poll_ends_with_the_next_event(world: World) -> None:
    who = world.officer()
    head = who.get("/v1/events?limit=1").json()["head"]
    answers = []

    def poll() -> None:
        url = f"/v1/events?after={head}&types=PartyRegistered"
        answers.append(who.get(url, headers={"Prefer": "wait=30"}))

    thread = threading.Thread(target=poll)
    thread.start()
    while not answers and thread.is_alive():
        register(world, "Awaited")
        thread.join(0.2)
    thread.join()
    assert answers[0].json()["items"][0]["position"] > head


def test_a_poll_without_news_ends_when_its_time_is_over(world: World) -> None:
    who = world.officer()
    head = who.get("/v1/events?limit=1").json()["head"]
    began = time.monotonic()
    page = who.get(f"/v1/events?after={head}", headers={"Prefer": "wait=1"}).json()
    assert page == {"items": [], "next": None, "head": head}
    assert time.monotonic() - began >= 0.9


def test_whoever_wrote_reads_it_and_the_future_is_not_guessed(world: World) -> None:
    _, position = register(world, "Mine")
    who = world.officer()
    assert who.get(f"/v1/events/{position}?min_position={position}").status_code == 200


def test_a_stream_goes_on_after_the_last_event_that_was_seen(world: World) -> None:
    who = world.officer()
    _, first = register(world, "Streamed 1")
    url = "/v1/events/stream?types=PartyRegistered"
    headers = {"Last-Event-ID": str(first - 1)}
    found: list[str] = []
    with who.stream("GET", url, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("id: "):
                found.append(line)
                if len(found) == 2:
                    break
                _, second = register(world, "Streamed 2")
    assert found == [f"id: {first}", f"id: {second}"]


def test_head_of_a_stream_ends(world: World) -> None:
    response = world.officer().head("/v1/events/stream")
    assert (response.status_code, response.content) == (200, b"")


def test_a_token_has_so_many_streams_and_no_more(world: World) -> None:
    who = world.officer()
    opened = []
    try:
        for _ in range(8):
            request = who.http.build_request("GET", "/v1/events/stream")
            response = who.http.send(request, stream=True)
            assert response.status_code == 200
            lines = response.iter_lines()
            next(lines)
            opened.append((response, lines))  # the iterator holds the stream open
        problem(who.get("/v1/events/stream"), 429, "too_many_requests")
    finally:
        for response, _ in opened:
            response.close()
