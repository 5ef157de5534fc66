"""Lines of the log: each is one JSON object that says to what it belongs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from service.observing.correlation import begin, carrying
from service.observing.logs import ObserveSettingError, configure
from service.observing.process import observed

log = logging.getLogger("service.somewhere")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def lines(**env: str) -> tuple[io.StringIO, logging.Handler]:
    stream = io.StringIO()
    return stream, configure(env, role="api", stream=stream)


def test_a_line_is_one_object_with_its_correlation() -> None:
    stream, _ = lines(LINERNOTES_LOG="json")
    with carrying(begin(request="order-17")):
        log.warning("two\nlines and a \u201cquote\u201d [%s]", "gen_1")
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found["message"] == "two\nlines and a \u201cquote\u201d [gen_1]"
    assert found["request_id"] == "order-17"
    assert (len(found["trace_id"]), len(found["span_id"])) == (32, 16)
    assert (found["level"], found["role"]) == ("warning", "api")
    assert found["logger"] == "service.somewhere"
    assert found["at"].endswith("Z")


def test_a_line_outside_of_every_request_has_no_correlation() -> None:
    stream, _ = lines(LINERNOTES_LOG="json")
    log.warning("alone")
    assert "trace_id" not in json.loads(stream.getvalue())


def test_an_exception_keeps_its_stack_in_the_same_line() -> None:
    stream, _ = lines(LINERNOTES_LOG="json")
    try:
        int("by nothing")
    except ValueError:
        log.exception("it broke")
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found["error"] == "ValueError"
    assert "by nothing" in found["stack"]


@pytest.mark.parametrize(
    ("level", "said"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_the_level_is_a_setting(level: str, said: int) -> None:
    stream, _ = lines(LINERNOTES_LOG="json", LINERNOTES_LOG_LEVEL=level)
    for say in (log.debug, log.info, log.warning, log.error):
        say("a line")
    assert len(stream.getvalue().splitlines()) == said


def test_text_is_for_people() -> None:
    stream, _ = lines()
    log.warning("a line")
    assert stream.getvalue().endswith("WARNING service.somewhere: a line\n")


def test_set_up_again_it_says_each_line_once() -> None:
    lines(LINERNOTES_LOG="json")
    stream, _ = lines(LINERNOTES_LOG="json")
    log.warning("a line")
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("name", ["LINERNOTES_LOG", "LINERNOTES_LOG_LEVEL"])
def test_a_word_that_it_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(ObserveSettingError, match=name):
        configure({name: "loud"}, role="api")


def test_a_process_sets_up_its_lines_under_its_role() -> None:
    with observed("relay", {"LINERNOTES_LOG": "json"}):
        (handler,) = logging.getLogger().handlers
        record = logging.LogRecord("service", logging.INFO, "", 0, "a line", None, None)
        assert json.loads(handler.format(record))["role"] == "relay"
