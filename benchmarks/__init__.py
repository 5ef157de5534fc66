"""Benchmarks: each prints a ratio against a bound or a peer of the same run."""
