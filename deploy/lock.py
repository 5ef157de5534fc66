"""Resolve `requirements.lock` afresh: every extra, every hash, no registry address.

Versions that `pyproject.toml` does not pin stay as they are in the lock while they still fit.
Never commit `uv.lock` or `pylock.toml`: both record where packages came from.
"""

import os
import subprocess
import sys

COMMAND = [
    ".boot/bin/uv",
    "pip",
    "compile",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--all-extras",
    "--quiet",
    "pyproject.toml",
    "--output-file=requirements.lock",
]
"""What resolves it; `make setup` brings uv."""

ENVIRONMENT = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}

done = subprocess.run(COMMAND, check=False, env=ENVIRONMENT)  # noqa: S603 - a fixed command
sys.exit(done.returncode)
