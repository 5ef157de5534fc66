"""The engines under the tables of projections: a file, or a PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

from projections.database import Database
from projections.engines.sqlite import SqliteDatabase


def open_database(place: Path | str) -> Database:
    """Open the tables in a file (a path), or on a server (a URL, `postgresql://…`)."""
    if isinstance(place, Path):
        return SqliteDatabase(place)
    # Not everybody who reads a file has a driver for servers.
    from projections.engines.postgres import PostgresDatabase  # noqa: PLC0415 - as said

    return PostgresDatabase(place)
