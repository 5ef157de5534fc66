"""Appends on PostgreSQL with 16 clients: run `python -m benchmarks.append_pg_16`."""

from benchmarks.append import compare
from benchmarks.append_engines import postgres

if __name__ == "__main__":
    compare("append_pg_16", postgres, clients=16, at_least=3.0)
