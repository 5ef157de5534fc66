"""The statements and the migrations of the SQLite store."""

from typing import Final

from ledger.named_sql import load
from ledger.storage.queries import load_steps

QUERIES: Final = load("ledger.storage.sqlite", "queries.sql")
"""Name to statement."""

STEPS: Final = load_steps("ledger.storage.sqlite")
"""Migrations by name, in order."""
