"""What a command prints: tables on a terminal, plain lines in a pipe, JSON where asked.

Plain lines have their columns separated by tabs and no heading. `--json` is one JSON document, or
JSON lines where the answer is a list. NO_COLOR is respected (rich does, https://no-color.org).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

NOTHING: Final = "nothing"
"""What a person is told where a list is empty."""

_STEERING: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"
)
"""What steers a terminal instead of being read: control characters but tab and line feed, and what
turns the direction of text. Titles and names come from strangers."""


class Output:
    """Standard output for answers, standard error for progress and errors."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, soft_wrap=True)
        self.error_console = Console(highlight=False, soft_wrap=True, stderr=True)

    @property
    def for_people(self) -> bool:
        """Whether somebody sits at a terminal and reads."""
        return self.console.is_terminal and not self.as_json

    def document(self, data: Any) -> None:
        """Print one JSON document, if JSON was asked for."""
        if self.as_json:
            print(json.dumps(data, ensure_ascii=False, indent=1))  # noqa: T201 - this prints

    def say(self, text: str, *, style: str = "") -> None:
        """Print a sentence for people; nothing where JSON was asked for."""
        text = harmless(text)
        if self.for_people:
            self.console.print(escape(text), style=style or None)
        elif not self.as_json:
            self.raw(text)  # a console would turn tabs into blanks

    def raw(self, text: str) -> None:
        """Print a text exactly as it is, for another program: a checkpoint, a key, a statement."""
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Print names with their values: a table for people, `name<TAB>value` in a pipe."""
        if self.as_json:
            self.document(facts)
            return
        rows = [{"name": name, "value": value} for name, value in facts.items()]
        self.rows(("name", "value"), rows, heading=False)

    def rows(
        self,
        columns: Sequence[str],
        rows: Iterable[Mapping[str, Any]],
        *,
        right: Sequence[str] = (),
        heading: bool = True,
    ) -> None:
        """Print a list. JSON lines carry whole rows; people see the columns named."""
        if self.as_json:
            for row in rows:
                print(json.dumps(row, ensure_ascii=False))  # noqa: T201 - this prints
            return
        lines = [[cell(row.get(column)) for column in columns] for row in rows]
        if not self.for_people:
            for line in lines:
                self.raw("\t".join(line))
            return
        if not lines:
            self.console.print(NOTHING, style="dim")
            return
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), show_header=heading)
        for column in columns:
            side = "right" if column in right else "left"
            table.add_column(column.replace("_", " "), justify=side, header_style="dim")  # type: ignore[arg-type]  # a Literal of two
        for line in lines:
            table.add_row(*map(escape, line))
        self.console.print(table, soft_wrap=False)

    def flush(self) -> None:
        """Hand on what was printed: whoever waits for it reads a pipe."""
        sys.stdout.flush()

    def error(self, line: str) -> None:
        """Print one sentence to standard error."""
        self.error_console.print(escape(f"liner: {harmless(line)}"), style="red")

    def hint(self, line: str) -> None:
        """Print a remark to standard error, so that pipes do not carry it."""
        if not self.as_json:
            self.error_console.print(escape(harmless(line)), style="dim")

    def warn(self, line: str) -> None:
        """Print a remark to standard error that nobody should miss, with `--json` too."""
        self.error_console.print(escape(harmless(line)), style="yellow")

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Bar]:
        """Show a bar on a terminal; in a pipe nothing, so that nobody has to filter it out."""
        if not self.error_console.is_terminal or self.as_json:
            yield Bar(None)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.error_console, transient=True) as progress:
            progress.add_task(what, total=max(total, 1))
            yield Bar(progress)


class Bar:
    """A progress bar, or none."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def at(self, done: int, stage: str | None = None) -> None:
        """Move it."""
        if self._progress is None:
            return
        task = self._progress.tasks[0]
        self._progress.update(task.id, completed=done, description=stage or task.description)


def cell(value: Any) -> str:
    """Write a value as people read it: money with its currency, lists with commas, no null."""
    text = str(value)
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case {"amount": amount, "currency": currency}:
            text = f"{amount} {currency}"
        case {"commit": _}:
            text = "(private)"
        case {"include": include, "exclude": exclude}:
            less = f" without {' '.join(exclude)}" if exclude else ""
            text = f"{' '.join(include)}{less}"
        case dict():
            text = ", ".join(f"{name}={cell(found)}" for name, found in value.items())
        case list() | tuple() | frozenset():
            text = ", ".join(cell(found) for found in value)
    return harmless(" ".join(text.split()))


def harmless(text: str) -> str:
    """Write out what would steer a terminal: an escape is then seen, and does nothing."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
