"""BASE: with the packages of the base install alone, `inspect`, `prove` and `audit` work."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.liner import ROOT, Done, Liner, forks
from tests.support.tones import write_notes

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {names!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
sys.meta_path.insert(0, Blocked())
from service.cli import main
main(sys.argv[1:])
"""


def _base() -> set[str]:
    """Return the distributions that the base install brings, with what they bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted, found = [Requirement(row) for row in project["dependencies"]], set[str]()
    while wanted:
        name = canonicalize_name(wanted.pop().name)
        if name not in found:
            found.add(name)
            brought = (Requirement(row) for row in distribution(name).requires or ())
            here = {"extra": ""}
            wanted += [row for row in brought if not row.marker or row.marker.evaluate(here)]
    return found


def _not_in_base() -> set[str]:
    base = _base()
    return {
        module
        for module, owners in packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & base
        and module not in sys.stdlib_module_names
        and not (ROOT / module).is_dir()
    }


def _base_only(folder: Path, *args: str) -> Done:
    code = BLOCKED.format(names=_not_in_base())
    run = [sys.executable, "-c", code, *args]
    done = subprocess.run(run, cwd=folder, capture_output=True, check=False, text=True)  # noqa: S603 - our own interpreter
    return Done(args, done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("base")
    with forks(tmp_path_factory.mktemp("forks")) as path:
        liner = Liner(path, folder, folder / "ledger")
        liner.ok("init")
        liner.ok("party", "add", "Halyard Records")
        liner.ok("events", "receipt", "6", "--output", "entry.receipt")
        liner.ok("checkpoint", "--bundle", "trust.json")
        liner.ok("audit", "--export", "export")
        yield folder


def test_what_the_extras_bring_is_not_in_the_base_install() -> None:
    assert {"fastapi", "starlette", "uvicorn", "scipy", "soxr", "pytest"} <= _not_in_base()


def test_prove(folder: Path) -> None:
    done = _base_only(folder, "prove", "entry.receipt", "--bundle", "trust.json")
    assert done.code == 0, done.err
    assert "proven: PartyRegistered is at position 6" in done.out


def test_audit(folder: Path) -> None:
    for args in (("--home", "ledger"), ("--from", "export")):
        done = _base_only(folder, "audit", *args)
        assert done.code == 0, done.err
        assert done.out.endswith("0 not open to you, 0 differ\n")


def test_inspect(folder: Path) -> None:
    write_notes(folder / "plain.wav")
    done = _base_only(
        folder, "inspect", "plain.wav", "--territory", "DE", "--offline", "trust.json"
    )
    assert done.code == 2, done.err
    assert "intact\tno_manifest" in done.out


def test_what_needs_an_extra_says_which(folder: Path) -> None:
    done = _base_only(folder, "serve", "--home", "ledger")
    assert done.code == 1
    assert "install linernotes[" in done.err
