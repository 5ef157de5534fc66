"""How much longer a balance at a position takes in a long log: `python -m benchmarks.asof_balance`.

What a party was owed, had payable and under way at a position of the past: an index lookup, so a
hundred times as many events may cost little more.
"""

from __future__ import annotations

from benchmarks.big_tables import compare
from projections.asking import Readings
from projections.royalties.queries import balances


def ask(readings: Readings, number: int, position: int) -> None:
    """Ask what a payee had."""
    row = balances(readings, f"pty_{number % 1000}", as_of=position).one
    assert row is not None
    assert row.owed_micro > 0


def main() -> None:
    """Print the measure."""
    compare("asof_balance", ask)


if __name__ == "__main__":
    main()
