"""A production ledger as an operator sees it: one trace through five processes, audio in S3.

Every server is real: PostgreSQL, Kafka, the S3 gateway, and a collector of traces over OTLP.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from generation.broker import Broker
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from tests.kit.cluster import LINER, ROLES, Cluster, cluster
from tests.kit.creating import Creating
from tests.production.faults.standing import wait_lacking
from tests.support.kafka_broker import KafkaBroker
from tests.support.otlp_receiver import Collector, Received, collecting
from tests.support.postgres_server import PostgresServer
from tests.support.processes import stopped
from tests.support.s3_server import KEY_ID, SECRET, S3Server, s3_server

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = GIVEN.split("-")[1]
WORKER = "worker-1"


@dataclass
class Seen:
    """A ledger on which one generation was made under a caller's trace, and who watched."""

    running: Cluster
    collector: Collector
    broker: KafkaBroker
    objects: Path
    objects_server: S3Server
    generation: str

    def url(self, name: str) -> str:
        return self.running.processes[name].url

    def samples(self, name: str) -> dict[str, float]:
        text = httpx.get(f"{self.url(name)}/metrics", trust_env=False, timeout=60).text
        return {
            ",".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def wait_samples(self, name: str, is_so: Callable[[dict[str, float]], bool]) -> None:
        """Wait until the numbers of a process are so.

        What a step has done can be seen before the step is counted, and its numbers are asked for
        one after the other: a look between two of them finds what was never so.
        """
        what = f"the numbers of {name} are so"
        self.running.wait(lambda: is_so(defaultdict(float, self.samples(name))), what)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    secret = folder / "s3-secret"
    secret.write_text(f"{SECRET}\n")
    with ExitStack() as stack:
        collector = stack.enter_context(collecting())
        objects: S3Server = stack.enter_context(s3_server(folder / "s3"))
        bucket = objects.make_bucket("audio")
        database = stack.enter_context(closing(PostgresServer(durable=True)))
        broker = KafkaBroker(tmp_path_factory.mktemp("broker"))
        stack.callback(broker.stop)
        running = stack.enter_context(
            cluster(
                folder / "place",
                database_url=database.url(),
                broker=broker.settings,
                LINERNOTES_ARTIFACTS="s3://audio/v1",
                LINERNOTES_S3_ENDPOINT=objects.url,
                LINERNOTES_S3_KEY_ID=KEY_ID,
                LINERNOTES_S3_SECRET_FILE=str(secret),
                OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
                OTEL_BSP_SCHEDULE_DELAY="200",
                LINERNOTES_LOG_LEVEL="debug",
            )
        )
        running.instant = False
        running.start_all(apis=1, workers=1)
        generation = made(running)
        yield Seen(running, collector, broker, bucket, objects, generation)


def made(running: Cluster) -> str:
    """Have one output made, asked for under the caller's own trace."""
    door = running.processes["api-1"].url
    with closing(Creating(running.place)) as creating:
        generation = new_id("gen")
        command = AuthorizeGeneration(
            verification=new_id("ver"), request=creating.request(generation)
        )
        headers = {"traceparent": GIVEN, "x-request-id": "order-17"}
        answer = creating.post(door, running.place.creator, command, **headers)
        assert answer.is_success, answer.text
        assert answer.headers["x-request-id"] == "order-17"
        running.wait(
            lambda: creating.status(door, generation) == "completed", f"{generation} is completed"
        )
    return generation


def role(span: Received) -> str:
    return span.service["service.instance.role"]


def test_one_trace_leads_through_every_process_and_back(seen: Seen) -> None:
    def spans() -> list[Received]:
        return [span for span in seen.collector.spans if span.trace == TRACE]

    wanted = {
        *(("api", name) for name in ("request", "command", "append")),
        ("relay", "publish"),
        *(("generation", name) for name in ("work", "render", "embed", "put")),
        *(("finisher", name) for name in ("finish", "read_back", "report", "command")),
    }

    def hanging() -> list[str]:
        """Return the steps without the one that they belong to: what ends later comes later."""
        found = spans()
        known = {GIVEN.split("-")[2], *(span.span for span in found)}
        return [f"{role(span)} {span.name}" for span in found if span.parent not in known]

    seen.running.wait(
        lambda: wanted <= {(role(span), span.name) for span in spans()}, "every step has come"
    )
    seen.running.wait(lambda: not hanging(), "nothing hangs alone")
    (request,) = [span for span in spans() if span.name == "request"]
    assert request.parent == GIVEN.split("-")[2]
    assert [span for span in spans() if span.parent == request.parent] == [request]


def test_the_audio_lies_in_the_bucket_and_nowhere_else(seen: Seen) -> None:
    assert len([path for path in seen.objects.rglob("*") if path.is_file()]) >= 3
    assert not list(seen.running.place.settings.home.rglob("artifacts/*/*"))


def test_every_process_counts_what_it_does(seen: Seen) -> None:
    seen.wait_samples(
        "api-1",
        lambda api: (
            api["linernotes_ended_total,command,appended"] >= 1
            and api["linernotes_http_requests_total,POST,/v1/statements,202"] == 1
            and api["linernotes_log_entries"] == api["linernotes_register_entries"] > 0
        ),
    )
    seen.wait_samples(
        WORKER,
        lambda worker: (
            worker["linernotes_ended_total,job,completed"] == 1
            and worker["linernotes_step_seconds_count,render"] == 1
        ),
    )
    assert "linernotes_log_entries" not in seen.samples(WORKER)
    seen.wait_samples(
        "finisher", lambda finisher: finisher["linernotes_ended_total,finish,completed"] == 1
    )
    seen.wait_samples(
        "relay",
        lambda relay: (
            relay["linernotes_step_seconds_count,publish"] >= 1
            and relay["linernotes_relay_position"] > 0
            and relay["linernotes_relay_lag_entries"] == 0
        ),
    )
    seen.wait_samples(
        "projections",
        lambda projections: (
            "linernotes_projection_stopped,royalties" in projections
            and projections["linernotes_projection_stopped,royalties"] == 0
            and projections["linernotes_step_seconds_count,project"] >= 1
        ),
    )


def test_the_lines_of_every_process_belong_together(seen: Seen) -> None:
    for name in seen.running.processes:
        for line in seen.running.lines(name).splitlines():
            if line.startswith("{") and '"logger"' in line:
                assert {"at", "level", "role", "message"} <= json.loads(line).keys()


def test_no_line_of_any_process_holds_what_is_private(seen: Seen) -> None:
    settings = seen.running.place.settings
    with (
        LogReading(settings.log_database, master_key=read_master_key(settings.master_key)) as log,
        log.store.snapshot() as reader,
    ):
        openings = [
            opening
            for stored in reader.read_after(0, 10_000)
            for opening in reader.openings(stored.event_id or "")
        ]
    private = {str(one.value) for one in openings if one.pointer != "/correlation"}
    assert {"Robin Vale", seen.running.place.creator} <= private
    for name in seen.running.processes:
        lines = seen.running.lines(name)
        assert lines, name
        for value in (*private, SECRET):
            assert value not in lines, f"{name} tells of {value}"


def test_a_store_that_is_away_for_a_while_ends_no_generation(seen: Seen) -> None:
    seen.objects_server.stop(signal.SIGKILL)
    door = seen.url("api-1")
    with closing(Creating(seen.running.place)) as creating:
        generation = creating.authorize(door)
        seen.running.wait(
            lambda: "a job failed, try 1" in seen.running.lines(WORKER), "the worker has tried"
        )
        assert creating.status(door, generation) != "failed"
        seen.objects_server.start()
        seen.running.wait(
            lambda: creating.status(door, generation) == "completed", f"{generation} is completed"
        )


def test_a_forged_message_becomes_a_letter_that_an_operator_can_look_at(seen: Seen) -> None:
    settings = seen.running.place.settings.broker
    assert settings is not None
    with Broker(settings).sender() as sender:
        sender.send(settings.topics.authorized, key=b"gen_forged", value=b"not the ledger's word")
        sender.flush()
    seen.running.wait(lambda: "gen_forged" in told(seen, "dead", "list"), "the letter lies there")
    shown = told(seen, "dead", "show", "0")
    assert "not the ledger's word" in shown
    assert "generation.authorized" in told(seen, "dead", "replay", "0")
    seen.running.wait(
        lambda: told(seen, "dead", "list").count("gen_forged") == 2, "it was judged again, alike"
    )
    with pytest.raises(AssertionError, match="letter_unknown"):
        told(seen, "dead", "show", "99")
    seen.wait_samples(WORKER, lambda worker: worker["linernotes_ended_total,job,dead"] == 2)


def told(seen: Seen, *words: str) -> str:
    """Return what the program says."""
    done = subprocess.run(  # noqa: S603 - our own program
        [LINER, *words], env=dict(seen.running.env()), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_process_that_stopped_answering_is_not_waited_for(seen: Seen) -> None:
    """A worker that hangs is not alive: what asks it sees that within its time."""
    process = seen.running.processes[WORKER].running
    assert process is not None
    with stopped(process.pid), pytest.raises(httpx.TimeoutException):
        httpx.get(f"{seen.url(WORKER)}/health", trust_env=False, timeout=2)
    assert httpx.get(f"{seen.url(WORKER)}/health", trust_env=False, timeout=60).is_success


def test_who_needs_the_broker_says_when_it_is_away(seen: Seen) -> None:
    """The last of this file: the broker does not come back."""
    processes = seen.running.processes
    for process in processes.values():
        seen.running.wait_ready(process)
    seen.broker.stop()
    for name in ("relay", "finisher", WORKER):
        wait_lacking(seen.running, processes[name], "broker")
    for name in ("api-1", "projections", "scheduler"):
        seen.running.wait_ready(processes[name])
    assert {*ROLES, "api-1", WORKER} == set(seen.running.processes)
