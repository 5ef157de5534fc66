"""A file is whole or not there: killed between the steps, without room, and where one is."""

import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import whole_file

OLD, NEW = b"what it held before", b"n" * 100_000
BOTH = ("replace", "make")
PROGRAM = """
import sys
from pathlib import Path
from ledger import whole_file
getattr(whole_file, sys.argv[1])(Path(sys.argv[2]), b"n" * 100_000, mode=0o600)
"""


def written(how: str, path: Path, **environment: str) -> int:
    """Write in a process of its own; return how it ended."""
    command = [sys.executable, "-c", PROGRAM, how, str(path)]
    return subprocess.run(command, check=False, env=os.environ | environment).returncode  # noqa: S603 - ours


@pytest.mark.parametrize("how", BOTH)
@pytest.mark.parametrize("before", [OLD, None], ids=["one is there", "none is there"])
def test_killed_between_the_bytes_and_the_name_it_is_as_it_was(
    tmp_path: Path, how: str, before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    assert written(how, path, LINERNOTES_KILL_AT="file_before_named") == -signal.SIGKILL
    assert (path.read_bytes() if path.exists() else None) == before
    (draft,) = [one for one in tmp_path.iterdir() if one != path]
    assert draft.name.startswith(".file.")
    assert draft.read_bytes() == NEW, "all was written before it was to be named"
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600, "a secret is never readable by others"
    path.unlink(missing_ok=True)
    assert written(how, path) == 0, "who was killed says it again"
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("how", BOTH)
def test_without_room_nothing_is_left_and_nothing_is_changed(tmp_path: Path, how: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            getattr(whole_file, how)(path, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_one_replaces_and_the_other_never_does(tmp_path: Path) -> None:
    path = tmp_path / "file"
    whole_file.make(path, OLD)
    with pytest.raises(FileExistsError):
        whole_file.make(path, NEW)
    assert path.read_bytes() == OLD
    whole_file.replace(path, NEW)
    assert path.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_whole_yet_may_lie_in_another_folder(tmp_path: Path) -> None:
    shown, drafts = tmp_path / "shown", tmp_path / "drafts"
    shown.mkdir()
    with pytest.raises(FileNotFoundError):
        whole_file.replace(shown / "file", NEW, drafts=drafts)
    drafts.mkdir()
    whole_file.replace(shown / "file", NEW, drafts=drafts)
    assert [one.name for one in shown.iterdir()] == ["file"]
    assert list(drafts.iterdir()) == []
