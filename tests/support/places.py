"""Where tests put the tables of projections: a file, or a database of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from psycopg.rows import scalar_row

from projections.database import Database
from projections.engines import open_database
from tests.support.postgres_server import fresh_database

ENGINES: Final = ("sqlite", "postgres")
"""The engines on which every test of projections runs."""

Place = Path | str
"""A file, or the URL of a database."""


_opened: dict[Place, list[Database]] = {}


@contextmanager
def empty_place(engine: str) -> Iterator[Place]:
    """Give a place without rows; what `opened` opened there is closed at the end."""
    with TemporaryDirectory() as folder:
        place = _emptied() if engine == "postgres" else Path(folder) / "tables.db"
        _opened[place] = []
        try:
            yield place
        finally:
            for database in _opened.pop(place):
                database.close()


def opened(place: Place) -> Database:
    """Open the tables of projections at a place."""
    database = open_database(place)
    if place in _opened:
        _opened[place].append(database)
    return database


def _emptied() -> str:
    url = _database()
    _empty(url)
    return url


@cache
def _database() -> str:
    return fresh_database()


def _empty(url: str) -> None:
    """Delete all rows; where a rebuild has left tables, all tables: making them takes long."""
    with psycopg.connect(url, row_factory=scalar_row) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'projections'"
        ).fetchall()
        if not tables:
            return
        rebuilt = connection.execute(
            "SELECT 1 FROM projections.projection_positions WHERE generation > 0 OR version <> 1"
        ).fetchall()
        if rebuilt or any("_g1_" in name for name in tables):
            connection.execute("DROP SCHEMA projections CASCADE")
            return
        for name in tables:
            if name not in {"projection_positions", "projection_swaps"}:
                connection.execute(f"DELETE FROM projections.{name}".encode())  # noqa: S608 - ours
        connection.execute(
            "UPDATE projections.projection_positions"
            " SET position = 0, retained_from = 1, failure = NULL, failed_position = NULL"
        )
