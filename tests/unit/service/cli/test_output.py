"""What is printed: for people, for pipes, for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.cli.output import Output, cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        ({"amount": "0.070000", "currency": "EUR"}, "0.070000 EUR"),
        ({"commit": "x" * 43}, "(private)"),
        ({"include": ["DE"], "exclude": []}, "DE"),
        ({"include": ["2136"], "exclude": ["JP", "KR"]}, "2136 without JP KR"),
        (["a", None, 3], "a, , 3"),
        ({"a": 1, "b": [True]}, "a=1, b=yes"),
        ("two\nlines\tand a tab", "two lines and a tab"),
    ],
)
def test_how_a_value_is_written(value: object, text: str) -> None:
    assert cell(value) == text


def test_rows_are_json_lines_or_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [{"a": 1, "b": "x", "more": [1]}, {"a": 2, "b": None, "more": []}]
    Output(as_json=True).rows(("a", "b"), rows)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == rows
    Output(as_json=False).rows(("a", "b"), rows)
    assert capsys.readouterr().out == "1\tx\n2\t\n"


def test_json_has_no_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=True)
    out.say("a sentence")
    out.hint("a remark")
    out.facts({"a": "ü"})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"a": "ü"}
    assert printed.err == ""


def test_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    out.say("[bold]x[/bold]\ty")
    out.error("no file [red] [file_missing]")
    printed = capsys.readouterr()
    assert printed.out == "[bold]x[/bold]\ty\n"
    assert printed.err == "liner: no file [red] [file_missing]\n"


def test_a_bar_that_nobody_sees_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Output(as_json=False).progress("auditing", 3) as bar:
        bar.at(1)
        bar.at(3, "done")
    assert capsys.readouterr() == ("", "")


def test_what_a_stranger_calls_a_song_steers_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Output(as_json=False)
    out.rows(("title",), [{"title": "\x1b[2JSong\x9b31m \u202eerom"}])
    out.say("Song\x1b]0;title\x07 is refused\tas before")
    out.error("nobody registered \x1b[2J")
    found = capsys.readouterr()
    assert found.out == (
        "\\x1b[2JSong\\x9b31m \\u202eerom\nSong\\x1b]0;title\\x07 is refused\tas before\n"
    )
    assert "\x1b" not in found.err
