"""A log moved from a file to a server, table by table, as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

TABLES = {
    "events": ("position", "type", "data", "tags", "event", "time_us"),
    "event_tags": ("tag", "position"),
    "scopes": ("tag", "last_position"),
    "statements": ("sha256", "position", "statement"),
    "commands": ("id", "digest", "first", "last", "statement_sha256"),
    "subject_keys": ("subject", "wrapped"),
    "openings": ("event", "pointer", "position", "subject", "sealed"),
    "tiles": ("level", "number", "hashes"),
    "checkpoints": ("size", "root"),
}


def move_log(file: Path, url: str) -> None:
    """Copy the log in `file` to the database at `url`, which holds an empty one."""
    with closing(sqlite3.connect(file)) as source, psycopg.connect(url) as target:
        for table, names in TABLES.items():
            _copy(source, target, table, names, f"SELECT {', '.join(names)} FROM {table}")  # noqa: S608 - ours
        notes = "SELECT size, note FROM checkpoints WHERE note IS NOT NULL"
        _copy(source, target, "notes", ("size", "note"), notes)
        size, root, time_us, visible = source.execute(
            "SELECT size, root, time_us, visible FROM state"
        ).fetchone()
        head = (size, root, time_us)
        target.execute("UPDATE ledger.state SET size = %s, root = %s, time_us = %s", head)
        target.execute("UPDATE ledger.visible SET size = %s", (visible,))


def _copy(
    source: sqlite3.Connection,
    target: psycopg.Connection,
    table: str,
    names: tuple[str, ...],
    query: str,
) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    copying = sql.SQL("COPY ledger.{} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    with target.cursor() as cursor, cursor.copy(copying) as copy:
        for row in source.execute(query):
            copy.write_row(row)
