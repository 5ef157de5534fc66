"""The command line: the same verbs and ids as the HTTP API, in a terminal.

Every verb's imports that cost time, or that a base install has not, stand inside its function:
`prove`, `inspect` and `audit` run without a web framework and without a synthesizer.
"""

from service.cli.program import main

__all__ = ["main"]
