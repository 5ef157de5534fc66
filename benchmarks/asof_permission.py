"""The same for a permission at a position: run `python -m benchmarks.asof_permission`.

Which consents spoke about a recording at a position of the past, by name and by catalog, and what
was in force then.
"""

from __future__ import annotations

from benchmarks.big_tables import compare
from projections.asking import Readings
from projections.permissions.queries import permissions_of_asset


def ask(readings: Readings, number: int, position: int) -> None:
    """Ask who had said yes to a recording that was there long before."""
    recording = position // 10 - number % 50
    found = permissions_of_asset(readings, f"rec_{recording}", as_of=position).rows
    assert [row.consent for row in found] == [f"cns_{recording}"]


def main() -> None:
    """Print the measure."""
    compare("asof_permission", ask)


if __name__ == "__main__":
    main()
