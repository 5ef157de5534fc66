"""deploy/found.sh: founds a ledger once, gives its workers a folder, and changes nothing again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.facts import InstanceFacts
from service.witness.setting import init, read_witness_key, watch
from tests.support.liner import THIS_CHECKOUT
from tests.support.storage_world import ORIGIN

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {
        **THIS_CHECKOUT,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "LINERNOTES_HOME": str(tmp_path / "home"),
        "LINERNOTES_REGISTER": str(tmp_path / "register"),
    }


def found(folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script as an image does."""
    words = [str(folder / "worker"), "Example Society", ORIGIN]
    command = ["sh", str(ROOT / "deploy/found.sh"), *words]
    return subprocess.run(  # noqa: S603 - a script of ours
        command, env=dict(env), capture_output=True, text=True, check=False
    )


def kept(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "ledger.sqlite"))
    }


def check_founded(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    assert "liner_" not in done.stdout + done.stderr, "the token is in no log"
    token = folder / "home.founded"
    assert "liner_" in token.read_text()
    assert token.stat().st_mode & 0o777 == 0o600
    assert InstanceFacts.load(folder / "home/instance.json").origin == ORIGIN
    assert len(list((folder / "worker/keyring").iterdir())) == 1
    assert not (folder / "worker/keys").exists()


def test_it_founds_once_and_changes_nothing_again(tmp_path: Path, env: dict[str, str]) -> None:
    check_founded(tmp_path, found(tmp_path, env))
    before = kept(tmp_path)
    assert found(tmp_path, env).returncode == 0
    assert kept(tmp_path) == before


def test_killed_before_its_mark_it_finds_what_is_there(tmp_path: Path, env: dict[str, str]) -> None:
    check_founded(tmp_path, found(tmp_path, env))
    (tmp_path / "home.done").unlink()
    again = found(tmp_path, env)
    assert again.returncode == 0
    assert "founded before" in again.stdout
    assert (tmp_path / "home.done").exists()


@contextmanager
def register_service(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Run a register as its image does; gives its address."""
    command = [str(BIN / "liner"), "witness", "run", str(folder), "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=dict(env), stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


def test_with_a_register_of_several_hosts_it_waits_until_that_watches_the_log(
    tmp_path: Path, env: dict[str, str]
) -> None:
    """The steps of deploy/README.md, one by one."""
    memory = tmp_path / "w0"
    init(memory, name="register.example")
    vkey = read_witness_key(memory).vkey
    with register_service(memory, env) as url:
        waits = found(tmp_path, {**env, "LINERNOTES_REGISTER": f"{url}#{vkey}"})
        assert waits.returncode == 1
        assert f"does not watch {ORIGIN}" in waits.stderr
    watch(memory, InstanceFacts.load(tmp_path / "home/instance.json").checkpoint_vkey)
    with register_service(memory, env) as url:
        done = found(tmp_path, {**env, "LINERNOTES_REGISTER": f"{url}#{vkey}"})
        check_founded(tmp_path, done)
