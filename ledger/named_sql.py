"""Named statements from `.sql` files, so that no SQL is put together in Python.

The store and the tables of projections are read by this one mechanism. It knows no database.
"""

from importlib import resources
from typing import Final

_MARK: Final = "-- name: "


def load(package: str, file: str) -> dict[str, str]:
    """Return the statements of an SQL file: each begins with a line `-- name: its_name`."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    named: dict[str, str] = {}
    for block in text.split(_MARK)[1:]:
        name, _, statement = block.partition("\n")
        if name in named:
            raise ValueError(f"{file} names {name} twice")
        named[name] = statement.strip()
    return named
