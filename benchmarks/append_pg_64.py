"""Appends on PostgreSQL with 64 clients: run `python -m benchmarks.append_pg_64`."""

from benchmarks.append import compare
from benchmarks.append_engines import postgres

if __name__ == "__main__":
    compare("append_pg_64", postgres, clients=64, at_least=4.0)
