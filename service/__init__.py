"""The doors and the wiring: the only package that may import all others."""
