"""The program as a whole: every verb is known, described, and says how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from service.cli import guide, verbs_roles
from service.cli.ends import EXIT_CODES
from service.cli.program import VERBS, WORDS, build
from service.cli.verbs import SHARED
from service.roles import ROLES
from tests.architecture.tree import ROOT

ASKED = {
    *("init", "demo", "serve", "key", "party", "mandate", "recording", "work", "share", "consent"),
    *("tariff", "model", "quote", "verify", "authorize", "generate", "inspect", "prove", "uses"),
    *("balance", "royalties", "payout", "events", "audit", "rebuild"),
}
"""The verbs of the contract (section 5) and of the console page."""


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in command.commands.items():
        if hasattr(each, "commands"):
            yield from _leaves(each, (*path, name))
        else:
            yield (*path, name), each


LEAVES = dict(_leaves(get_command(build())))


def test_every_verb_that_was_asked_for_is_there() -> None:
    assert ASKED <= WORDS


@pytest.mark.parametrize("name", VERBS)
def test_the_table_of_verbs_is_what_the_modules_add(name: str) -> None:
    app = typer.Typer()
    import_module(f"service.cli.verbs_{name}").add_to(app)
    app.callback()(lambda: None)
    assert tuple(sorted(get_command(app).commands)) == tuple(sorted(VERBS[name]))  # type: ignore[attr-defined]  # a group


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_verb_and_option_is_described(path: tuple[str, ...]) -> None:
    command = LEAVES[path]
    assert command.help
    silent = [each.name for each in command.params if not each.help and each.name != "limit"]
    assert not silent
    assert {name for name, _, _ in SHARED} <= {each.name for each in command.params}
    assert all(str(int(code)) in command.epilog for code in EXIT_CODES)


def test_asking_for_one_verb_builds_that_verb_alone() -> None:
    assert set(get_command(build("prove")).commands) == {"inspect", "prove"}  # type: ignore[attr-defined]  # a group
    assert set(get_command(build("nonsense")).commands) == WORDS  # type: ignore[attr-defined]  # a group


def test_help_of_the_program_names_every_verb() -> None:
    said = CliRunner().invoke(build(), ["--help"]).output
    assert not [verb for verb in WORDS if f" {verb} " not in said]


def test_the_guide_is_what_the_program_says() -> None:
    assert (ROOT / guide.PATH).read_text(encoding="utf-8") == guide.page(), "run `make reference`"


def test_the_guide_has_every_verb_option_and_exit_code() -> None:
    page = guide.page()
    for path, command in LEAVES.items():
        assert f"`liner {' '.join(path)}" in page
        for each in command.params:
            if each.param_type_name == "option" and each.name != "help":
                assert all(f"`{name}" in page for name in each.opts)
    assert all(f"- `{int(code)}` {said}" in page for code, said in EXIT_CODES.items())


def test_the_roles_that_the_verb_knows_are_those_that_there_are() -> None:
    assert tuple(ROLES) == verbs_roles.ROLES
