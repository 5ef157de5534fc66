"""Appends on PostgreSQL with one client: run `python -m benchmarks.append_pg_1`."""

from benchmarks.append import compare
from benchmarks.append_engines import postgres

if __name__ == "__main__":
    compare("append_pg_1", postgres, clients=1, at_least=0.65)
