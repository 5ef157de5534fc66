"""One generation over HTTP: what is counted, what the lines hold, and the one trace of it all."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from schemas.observing import Step
from service.observing.logs import configure
from service.observing.observer import Observing, observing_of
from tests.integration.api.world import served
from tests.integration.observing.story import authorization, authorize, creator, generate
from tests.kit.instance import Place
from tests.kit.sound import wait_ended
from tests.support.otlp_receiver import collecting
from tests.support.patience import PATIENCE_S, until

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = GIVEN.split("-")[1]


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=PATIENCE_S)


def number(text: str, sample: str) -> float:
    found = re.search(rf"^linernotes_{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    assert found is not None, sample
    return float(found[1])


def test_every_part_counts(place: Place) -> None:
    with place.open(work=True) as instance, served(instance) as url:
        with creator(place, instance, url) as http:
            generate(place, instance, http, {})
            refused = authorize(place, instance, http, {}, territory="JP", tier="commercial")
            assert refused.status_code == 403, refused.text
            code = refused.json()["verdict"]["reasons"][0]["code"]
            assert http.post("/v1/commands/AuthorizeGeneration", json={}).status_code == 400
            assert http.get("/nowhere/at/all").status_code == 404
            false = {"authorization": "Bearer liner_false"}
            assert http.get("/v1/events", headers=false).status_code == 401
        instance.assurer.report()
        # What a step has done can be seen before the step is counted.
        for kind in ("job", "finish"):
            sample = f'ended_total{{kind="{kind}",outcome="completed"}}'
            until(lambda one=sample: one in get(f"{url}/metrics").text, sample)  # type: ignore[misc]  # a default
        text = get(f"{url}/metrics").text
        head = instance.feed.visible_head()
    for step in (
        *("command", "read", "verify", "decide", "append", "batch", "project"),
        *("work", "render", "embed", "put", "finish", "read_back", "report"),
    ):
        assert number(text, f'step_seconds_count{{step="{step}"}}') >= 1
    assert number(text, 'ended_total{kind="job",outcome="completed"}') == 1
    assert number(text, 'ended_total{kind="finish",outcome="completed"}') == 1
    assert number(text, f'refused_total{{code="{code}"}}') == 1
    assert number(text, "batch_commands_count") >= 2
    assert number(text, "log_entries") == number(text, "register_entries") == head
    assert number(text, "queue_commands") == 0
    assert number(text, "outputs_completed") == 1
    assert number(text, "outputs_mismatched") == number(text, "audit_differ") == 0
    assert number(text, 'projection_stopped{projection="royalties"}') == 0
    route = 'method="POST",route="/v1/commands/AuthorizeGeneration"'
    assert number(text, f'http_requests_total{{{route},status="403"}}') == 1
    assert number(text, f"http_request_seconds_count{{{route}}}") == 3
    assert number(text, 'http_requests_total{method="GET",route="none",status="404"}') == 1
    assert number(text, 'http_requests_total{method="GET",route="none",status="401"}') == 1


def test_ready_says_what_is_missing(place: Place) -> None:
    with place.open() as instance, served(instance) as url:
        # What does not answer for a moment is missing too.
        until(lambda: get(f"{url}/ready").status_code == 200, "it is ready")
        instance.settings.register.rename(place.folder / "away")
        until(lambda: missing(url) == {"register"}, "its register is missing, and nothing else")
        assert get(f"{url}/ready").status_code == 503
        (place.folder / "away").rename(instance.settings.register)
        until(lambda: get(f"{url}/ready").status_code == 200, "it is ready again")
        instance.storage.visible.close()
        assert "log" in missing(url)
        assert get(f"{url}/health").status_code == 200
        assert get(f"{url}/metrics").status_code == 200


def missing(url: str) -> set[str]:
    """Return the names of what a door says that it lacks."""
    return set(get(f"{url}/ready").json().get("missing", ()))


def test_one_trace_leads_from_the_request_to_the_worker_and_back(place: Place) -> None:
    """Over the wire of a real collector: spans are protobuf over HTTP."""
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        observing = observing_of("api")
        with (
            place.open(work=True, observing=observing) as instance,
            served(instance) as url,
            creator(place, instance, url) as http,
        ):
            generate(place, instance, http, {"traceparent": GIVEN})
        observing.close()
    spans = [span for span in collector.spans if span.trace == TRACE]
    by_id = {span.span: span for span in spans}
    names = {span.name for span in spans}
    assert {"request", "command", "append", "work", "render", "embed", "put"} <= names
    assert {"finish", "read_back", "report"} <= names
    (request,) = [span for span in spans if span.name == "request"]
    assert request.parent == GIVEN.split("-")[2]
    for span in spans:  # everything hangs together
        assert span is request or span.parent in by_id
    (command,) = [one for one in spans if one.name == "command" and one.parent == request.span]
    (work,) = [span for span in spans if span.name == "work"]
    assert work.parent == command.span
    assert any(TRACE in batch.links for batch in collector.named("batch"))
    assert spans[0].service["service.name"] == "linernotes"


def test_a_span_tells_the_kind_of_an_error_and_never_its_words(place: Place) -> None:
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        observing = observing_of("worker")
        with pytest.raises(OSError, match="secret"), observing.step("put", carried=GIVEN):
            raise OSError("a secret path")
        observing.close()
    (span,) = collector.spans
    assert (span.status, span.trace) == ("OSError", TRACE)


def test_without_a_collector_no_spans_are_made() -> None:
    assert observing_of("api", {})._tracer is None


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(
        {"LINERNOTES_LOG": "json", "LINERNOTES_LOG_LEVEL": "debug"}, role="api", stream=stream
    )
    yield stream
    root.handlers[:], root.level = handlers, level


def test_no_line_holds_what_is_private(place: Place, lines: io.StringIO) -> None:
    """Every value that lies sealed beside the log is searched in every line, down to debug."""
    token = ""
    with place.open(work=True) as instance, served(instance) as url:
        with creator(place, instance, url) as http:
            token = http.headers["authorization"].split()[1]
            generation = generate(place, instance, http, {"x-request-id": "order-17"})
            authorize(place, instance, http, {}, territory="JP", tier="commercial")
            http.get("/v1/artifacts/" + "0" * 64)
        with instance.store.snapshot() as reader:
            openings = [
                opening
                for stored in reader.read_after(0, 10_000)
                for opening in reader.openings(stored.event_id or "")
            ]
    logging.getLogger("service.somewhere").error("about %s", generation)
    text = lines.getvalue()
    private = {str(one.value) for one in openings if one.pointer != "/correlation"}
    assert "Robin Vale" in private
    assert place.creator in private
    for value in (*private, token):
        assert value not in text
    found = [json.loads(line) for line in text.splitlines()]
    assert found[-1]["message"] == f"about {generation}"


def test_what_belongs_together_goes_with_the_job_and_outlives_the_process(place: Place) -> None:
    """The correlation is a private field of the authorization, so a restart takes it up again."""
    with place.open() as instance, served(instance) as url:
        with creator(place, instance, url) as http:
            response = authorize(place, instance, http, {"traceparent": GIVEN})
        entry = authorization(response)
        generation = entry["data"]["generation"]
    seen = _Listening()
    with place.open(work=True, observing=seen) as instance:
        wait_ended(instance, generation)
        with instance.store.snapshot() as reader:
            stored = reader.entry(entry["position"])
            assert stored is not None
            assert TRACE.encode() not in stored.data  # committed, and nobody can guess it
    assert seen.began == {("work", GIVEN), ("finish", GIVEN)}


class _Listening(Observing):
    """Remembers what was carried to each step."""

    def __init__(self) -> None:
        super().__init__()
        self.began: set[tuple[str, str]] = set()

    def step(
        self, name: Step, *, carried: str | None = None, links: Iterable[str | None] = ()
    ) -> AbstractContextManager[None]:
        if carried is not None:
            self.began.add((name, carried))
        return super().step(name, carried=carried, links=links)
