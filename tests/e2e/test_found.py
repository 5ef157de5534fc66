"""deploy/found.sh: founds a ledger once, gives its workers a folder, and changes nothing again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from service.facts import InstanceFacts

ROOT = Path(__file__).parents[2]
ORIGIN = "ledger.example/2026"


def found(folder: Path) -> str:
    """Run the script as an image does; return what it said."""
    worker = folder / "worker"
    command = ["sh", str(ROOT / "deploy/found.sh"), str(worker), "Example Society", ORIGIN]
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LINERNOTES_HOME": str(folder / "home"),
        "LINERNOTES_REGISTER": str(folder / "register"),
    }
    done = subprocess.run(  # noqa: S603 - a script of ours
        command, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def kept(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "ledger.sqlite"))
    }


def test_it_founds_once_and_keeps_the_token_out_of_the_log(tmp_path: Path) -> None:
    said = found(tmp_path)
    token = (tmp_path / "home.founded").read_text()
    assert "liner_" in token
    assert "liner_" not in said
    assert (tmp_path / "home.founded").stat().st_mode & 0o777 == 0o600
    assert InstanceFacts.load(tmp_path / "home/instance.json").origin == ORIGIN
    worker = [path.name for path in (tmp_path / "worker/keyring").iterdir()]
    assert len(worker) == 1
    assert not (tmp_path / "worker/keys").exists()
    before = kept(tmp_path)
    found(tmp_path)
    assert kept(tmp_path) == before
