"""Reports that one process makes and others show: the newest of each kind, beside the tables."""

from __future__ import annotations

from typing import Any, Final

from ledger.named_sql import load
from projections.base import as_json, from_json
from projections.database import Database

_SQL: Final = load("projections", "reports.sql")
_TABLE: Final = "projection_reports"


def keep_report(database: Database, name: str, content: dict[str, Any] | None) -> None:
    """Put a report in the place of the one before it; None: there is none any more."""
    with database.write() as connection:
        connection.create(_SQL["schema"])
        connection.execute(_SQL["forget"], {"name": name})
        if content is not None:
            connection.execute(_SQL["keep"], {"name": name, "content": as_json(content)})


def kept_report(database: Database, name: str) -> dict[str, Any] | None:
    """Return the newest report of a kind, or None where there is none."""
    with database.read() as connection:
        if _TABLE not in connection.tables(_TABLE):
            return None
        rows = connection.rows(_SQL["kept"], {"name": name})
    if not rows:
        return None
    found: dict[str, Any] = from_json(rows[0]["content"])
    return found
