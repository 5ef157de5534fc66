"""Readers are made when they are first asked for, by whichever threads ask, also all at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import canonical
from schemas.readers import UnusualError, reader_of
from schemas.registry import EVENTS
from tests.kit.specimens import specimens

ROOT = Path(__file__).parents[2]
CLASSES = sorted({*EVENTS.values()}, key=lambda cls: cls.__name__)
THREADS = 8
TRIALS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readers")


@settings(
    max_examples=TRIALS,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data())
def test_threads_that_make_the_same_readers_at_once_all_read(
    folder: Path, data: st.DataObject
) -> None:
    """Answers: does a process survive it? What a reader rests on is native code, and half made."""
    lines = []
    for cls in CLASSES:
        raw = canonical.encode(data.draw(specimens(cls)))
        if takes(cls, raw):
            lines.append(json.dumps([cls.__name__, raw.decode()]))
    assert lines
    path = folder / "lines"
    path.write_text("\n".join(lines))
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.support.readers_at_once", str(path), str(THREADS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def takes(cls: type, raw: bytes) -> bool:
    reader = reader_of(cls, recorded=True)
    try:
        return reader is not None and bool(reader.read(raw))
    except UnusualError:
        return False
