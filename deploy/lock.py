"""Resolve `requirements.lock` afresh: every extra, every hash, no registry address."""

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

sys.exit(
    subprocess.run(COMMAND, check=False, env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"}).returncode  # noqa: S603, E501 - a fixed command
)
