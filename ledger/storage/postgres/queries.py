"""The statements and the migrations of the PostgreSQL store."""

from typing import Final

from ledger.named_sql import load
from ledger.storage.queries import load_steps

QUERIES: Final = load("ledger.storage.postgres", "queries.sql")
"""Name to statement."""

STEPS: Final = load_steps("ledger.storage.postgres")
"""Migrations by name, in order."""
