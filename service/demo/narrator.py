"""Telling the story: sentences with their positions in the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ledger.answer import Answer

RUN = "\u2013"
"""An en dash: from one position to another."""

POSITION_WIDTH = 9
"""Characters of the column in which positions stand."""


class Narrator:
    """Writes the story to a console: headings, sentences with positions, asides, questions."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._chapter = 0

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._chapter += 1
        self.console.print(f"\n[bold]{self._chapter}. {title}[/bold]")

    def tell(self, sentence: str, *answers: Answer, positions: Iterable[int] = ()) -> None:
        """Tell a sentence, with the positions of what it put into the log."""
        places = {place for answer in answers for place in answer.positions} | set(positions)
        row = Table.grid(padding=(0, 2))
        row.add_column(width=POSITION_WIDTH, justify="right", style="cyan")
        row.add_column(ratio=1)
        row.add_row(spans(sorted(places)), sentence)
        self.console.print(row)

    def aside(self, sentence: str) -> None:
        """Tell something that is in no log: a reading, a file, a hint."""
        self.tell(f"[dim]{sentence}[/dim]")

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        """Show rows under the sentence before; columns after the first two are right-aligned."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for number, name in enumerate(columns):
            table.add_column(name, justify="right" if number > 1 else "left", style="dim")
        for row in rows:
            table.add_row(*row)
        self.console.print(Padding(table, (0, 0, 0, POSITION_WIDTH + 2)))

    def closing(self, line: str, hints: list[tuple[str, str]]) -> None:
        """End the story: what to try next, and the audit's line."""
        self.console.print("\n[bold]What next[/bold]")
        for what, how in hints:
            self.console.print(f"  {what + ':':<20} {how}", soft_wrap=True)
        self.console.print(f"\n{line}", soft_wrap=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Progress]:
        """Show a progress bar while something long is done."""
        columns = (
            TextColumn(" " * POSITION_WIDTH),
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=False) as progress:
            progress.add_task(what, total=1000)
            yield progress


def spans(positions: list[int]) -> str:
    """Write positions shortly: a run by its ends, one alone, `+2` where more lie apart."""
    if not positions:
        return ""
    runs: list[list[int]] = []
    for place in positions:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    first = runs[0]
    text = str(first[0]) if len(first) == 1 else f"{first[0]}{RUN}{first[-1]}"
    rest = len(positions) - len(first)
    return f"{text} +{rest}" if rest else text
