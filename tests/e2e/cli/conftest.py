"""One small town for all tests of the command line, made by it; each module works on a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.support.liner import Liner, forks, serving
from tests.support.tones import write_notes
from tests.support.town import CREATOR, HOLDER, Town


@pytest.fixture(scope="session")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with forks(tmp_path_factory.mktemp("forks")) as path:
        yield path


@pytest.fixture(scope="session")
def founded(forking: str, tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town")
    liner = Liner(forking, folder, folder / "home")
    made = liner.data("init", "--name", "Town Rights", "--threshold-minor", "1")
    mix = write_notes(folder / "songs" / "mix.wav")
    guitar = write_notes(folder / "songs" / "guitar.wav", transpose=2)
    ids = {"operator": made["operator"], "model": made["model"]}

    def told(*args: str, **how: Any) -> None:
        found = liner.data(*args, **how)
        del found["entries"], found["head"]
        ids.update(found)

    told("party", "add", HOLDER)
    ids["holder"] = ids.pop("party")
    told("party", "add", CREATOR, "--person", "--role", "creator")
    ids["creator"] = ids.pop("party")
    told("recording", "add", str(mix), "--title", "Harbor", "--artist", "A", "--stem",
         f"guitar={guitar}", "--as", HOLDER)  # fmt: skip
    told("work", "add", "Harbor, the work", "--recording", "Harbor", "--as", HOLDER, "--confirm")
    told("recording", "vocals", "Harbor", "synthetic", "--as", HOLDER, "--confirm")
    for asset in ("Harbor", "Harbor, the work"):
        told("share", "claim", asset, "100%", "--as", HOLDER, "--confirm")
        told("consent", "grant", "--on", asset, "--use", "song,parameter", "--parameter", "all",
             "--tier", "preview,private", "--reproduction", "--as", HOLDER)  # fmt: skip
    told("recording", "enter", "Harbor", "--model", "mosaic")
    told("tariff", "publish", "--price", "preview=0.02", "--price", "private=0.10")
    return Town(liner, mix, made["token"], ids)


@pytest.fixture(scope="module")
def town(founded: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town in a copy of its own: home, and the register that stands beside it."""
    folder = tmp_path_factory.mktemp("copy")
    home = folder / "home"
    shutil.copytree(founded.liner.home, home)
    shutil.copy(founded.liner.home.with_name("home.register"), folder / "home.register")
    return replace(founded, liner=replace(founded.liner, folder=folder, home=home))


@pytest.fixture(scope="module")
def served(town: Town) -> Iterator[Town]:
    """The same with a service that holds the file; the command line finds it by itself."""
    with serving(town.liner):
        yield town
