"""Options that every verb takes may stand before it."""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command

from service.cli.program import build
from service.cli.verbs import PANEL, TAKES_VALUE, behind_the_verb


def test_the_shared_options_are_those_of_a_verb() -> None:
    root: Any = get_command(build())
    found = {
        option: not parameter.is_flag
        for parameter in root.commands["balance"].params
        if getattr(parameter, "rich_help_panel", None) == PANEL
        for option in parameter.opts
    }
    assert found == TAKES_VALUE


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("balance", "balance"),
        ("--home X balance --all", "balance --all --home X"),
        ("--home=X --json party list", "party list --home=X --json"),
        ("--as operator work add -- --json", "work add --as operator -- --json"),
        ("--json", "--json"),
        ("--home", "--home"),
        ("--home X", "--home X"),
        ("--json --help", "--json --help"),
        ("--nothing balance", "--nothing balance"),
        ("balance --home X", "balance --home X"),
        ("", ""),
    ],
)
def test_they_are_put_behind_it(given: str, meant: str) -> None:
    assert behind_the_verb(given.split()) == meant.split()
