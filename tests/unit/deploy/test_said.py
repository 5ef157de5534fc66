"""Commands and settings in deploy/ are the program's own; a worker is told no more than it must."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.main import get_command

from service.cli.program import build
from tests.support.manifests import COMPOSE, DEPLOY, OBJECTS, OURS, ROOT, called, commands


def test_a_worker_is_told_neither_the_database_nor_the_register() -> None:
    (worker,) = (row for row in OBJECTS if called(row) == "ConfigMap worker")
    told = {*worker["data"], *COMPOSE["services"]["generation-1"]["environment"]}
    assert not told & {"LEDGER_DATABASE_URL", "LINERNOTES_REGISTER", "PGPASSWORD"}
    assert "pgpass" not in COMPOSE["services"]["generation-1"]["secrets"]


def test_every_setting_is_one_that_the_code_reads() -> None:
    named: set[str] = set()
    for service in COMPOSE["services"].values():
        if service["image"].startswith(OURS):
            named |= set(service["environment"])
    for row in OBJECTS:
        if row["kind"] == "ConfigMap":
            named |= set(row["data"])
    for path in DEPLOY.glob("Containerfile.*"):
        named |= set(re.findall(r"\b(?:LEDGER|LINERNOTES)_[A-Z_]+", path.read_text("utf-8")))
    code = "".join(
        path.read_text(encoding="utf-8")
        for package in ("service", "generation", "ledger")
        for path in (ROOT / package).rglob("*.py")
    )
    read = set(re.findall(r"\b(?:LEDGER|LINERNOTES|OTEL)_[A-Z0-9_]*[A-Z0-9]\b", code))
    assert named - read == set()
    assert len(named) > 10


@pytest.mark.parametrize(("where", "words"), list(commands()))
def test_every_command_is_one_of_the_programs(where: str, words: list[str]) -> None:
    found: Any = get_command(build())
    rest = list(words)
    while rest and hasattr(found, "commands"):
        word = rest.pop(0)
        assert word in found.commands, f"{where}: liner {' '.join(words)}"
        found = found.commands[word]
    known = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known, where


def test_the_scripts_commands_are_found() -> None:
    said = {(place, " ".join(words)) for place, words in commands()}
    assert ("found.sh", "checkpoint") in said
    assert ("found.sh", "worker export") in said
    assert ("README.md", "witness watch") in said
