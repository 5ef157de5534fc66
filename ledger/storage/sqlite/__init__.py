"""The log in one SQLite file: write-ahead log, one writing process, many reading threads."""
