"""A machine that has no room for an audit ends it: the log is not said to be wrong for that."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ledger.audit.run
from ledger.audit import StoreLog, audit
from ledger.audit.replay import World
from ledger.rights.view import Scope
from tests.kit.instance import Place

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("room_kib", [4, 16, 36])
def test_a_full_folder_for_temporary_files_is_named(
    place: Place, tmp_path: Path, room_kib: int
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    audited = f"{sys.executable} -m tests.support.auditing_with_little audit --json"
    space = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size={room_kib}k tmpfs {folder}"
    done = subprocess.run(  # noqa: S603 - our own program
        [*space, f"{mount} && exec {audited}"],
        cwd=ROOT,
        env={
            **os.environ,
            "TMPDIR": str(folder),
            "LINERNOTES_HOME": str(place.settings.home),
            "LINERNOTES_REGISTER": str(place.settings.register),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    told = f"liner: there is no room left in {folder}; nothing was half-written [storage_full]\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


class Failing(World):
    """A world that rules cannot ask, for no reason that the log has given."""

    def state(self, scope: Scope[Any], key: str) -> Any:
        """Fail as a disk does."""
        if scope.tag(key).startswith("rights:"):
            raise OSError(errno.EIO, "a device fails")
        return super().state(scope, key)


def test_a_disk_that_fails_while_rules_ask_is_no_broken_rule(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger.audit.run, "World", Failing)
    with place.open() as instance:
        log = StoreLog(instance.store, origin=instance.facts.origin)
        with pytest.raises(OSError, match="a device fails"):
            audit(log, instance.facts.checkpoint_vkey)
