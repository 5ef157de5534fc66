"""A real S3 server of the tests' own: Versity S3 Gateway, built from source, over a plain folder.

It is written by others, in Go; `deploy/s3/go.mod` pins it and `go.sum` every file of it. Built once
into `build/s3/`. Objects lie in its folder as plain files, so a test can flip a bit of one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "deploy/s3"
BINARY = ROOT / "build/s3/versitygw"
TOOL = "github.com/versity/versitygw/cmd/versitygw"
KEY_ID, SECRET = "tests", "a-secret-of-the-tests"
BUILD_S, START_S = 900, 60
"""How long a busy machine may take to fetch and build it, and to start it."""


def build() -> Path:
    """Return the server's program, built unless it is there; fail where it cannot be had."""
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    with (BINARY.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test runs share the folder
        if not _is_fresh():
            _go_build()
    return BINARY


def _is_fresh() -> bool:
    return BINARY.is_file() and BINARY.stat().st_mtime > (SOURCE / "go.sum").stat().st_mtime


def _go_build() -> None:
    found = shutil.which("go")
    if found is None:
        pytest.fail("Go 1.26 or later is not installed: it builds the S3 server.", pytrace=False)
    partial = BINARY.with_suffix(".partial")
    done = subprocess.run(  # noqa: S603 - the Go tool, with words of ours
        [found, "build", "-o", str(partial), TOOL],
        cwd=SOURCE,
        env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_S,
    )
    if done.returncode:
        pytest.fail(f"the S3 server could not be built:\n{done.stderr[-2000:]}", pytrace=False)
    partial.replace(BINARY)


@dataclass
class S3Server:
    """A running server: where it answers, and the folder under which each bucket is one."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        for name in ("objects", "sidecar"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "ROOT_ACCESS_KEY": KEY_ID, "ROOT_SECRET_KEY": SECRET}
        listen = ["--port", f"127.0.0.1:{self.port}", "--quiet", "--health", "/health"]
        keep = ["posix", "--sidecar", str(self.folder / "sidecar"), str(self.folder / "objects")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - what we built a moment ago
                [str(build()), *listen, *keep], env=environment, stdout=log, stderr=log
            )
        self._wait()
        return self

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(kind)
            self.process.wait(START_S)
            self.process = None

    def make_bucket(self, name: str) -> Path:
        """Make a bucket; return the folder in which its objects lie as files."""
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket=name)
        client.close()
        return self.folder / "objects" / name

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the S3 server did not start:\n{(self.folder / 'log').read_text()[-2000:]}")


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run a server until the block ends."""
    server = S3Server(folder, free_port())
    try:
        yield server.start()
    finally:
        server.stop()
