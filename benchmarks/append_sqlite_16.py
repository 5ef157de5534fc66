"""Appends on SQLite with 16 clients: run `python -m benchmarks.append_sqlite_16`."""

from benchmarks.append import compare
from benchmarks.append_engines import files

if __name__ == "__main__":
    compare("append_sqlite_16", files, clients=16, at_least=1.0)
