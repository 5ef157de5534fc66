"""Verifying the signatures of statements: here, or in a process beside while this one decides."""
