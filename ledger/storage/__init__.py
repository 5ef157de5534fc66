"""Storage of the log: one lock, one group-commit writer, one visible head."""
