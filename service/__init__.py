"""The doors of Linernotes: HTTP API, command line, workers, and the wiring of them all."""
