"""SCOPES: the page is what the code does: which events move a scope, and which commands ask it."""

import re
from typing import Any

import pytest

from ledger.rights.decide import RULES_OF
from ledger.rights.decision import Decision
from ledger.rights.scopes import SCOPES, scope_for
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.generations import FinishGeneration
from schemas.registry import COMMANDS, EVENTS
from tests.architecture.asking import asked_by, scopes_of
from tests.architecture.scope_rows import askers, beginning_of, movers
from tests.architecture.tree import ROOT
from tests.kit.log import Log
from tests.kit.random_logs import ACTIONS, played

PAGE = (ROOT / "docs/scopes.md").read_text(encoding="utf-8")
ROWS = {
    beginning_of(cells[0].split("`")[1]): cells
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def test_the_page_has_every_scope_and_no_other() -> None:
    assert set(ROWS) == set(SCOPES)


@pytest.mark.parametrize("beginning", SCOPES)
def test_the_page_names_the_events_that_move_it(beginning: str) -> None:
    assert set(re.findall(r"`(\w+)`", ROWS[beginning][2])) == movers()[beginning]


@pytest.mark.parametrize("beginning", SCOPES)
def test_the_page_names_the_commands_that_ask_it(beginning: str) -> None:
    assert ROWS[beginning][3] == askers()[beginning]


def test_no_beginning_is_the_beginning_of_another() -> None:
    for one in SCOPES:
        assert not [other for other in SCOPES if other != one and other.startswith(one)]


def test_every_event_moves_a_scope_and_every_scope_is_moved_and_asked() -> None:
    by_scope = movers()
    assert set().union(*by_scope.values()) == {topic for topic, _ in EVENTS}
    assert all(by_scope.values())
    assert all(asked_by().values())


def test_every_command_but_the_workers_own_word_has_a_rule() -> None:
    assert set(COMMANDS.values()) - set(RULES_OF) == {FinishGeneration}


def test_what_is_asked_in_a_long_random_log_was_read_from_the_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: dict[type, set[str]] = {}
    decide = Log.decide

    def listening(self: Log, command: Command, **how: Any) -> tuple[Decision, View]:
        decision, view = decide(self, command, **how)
        found = heard.setdefault(type(command), set())
        found |= {_beginning(tag) for tag in view.asked}
        return decision, view

    monkeypatch.setattr(Log, "decide", listening)
    played([(name, a, a + 1, a // 2) for a in range(12) for name in sorted(ACTIONS)])
    assert len(heard) > len(RULES_OF) // 2, "long enough to say something"
    assert not {
        command.__name__: missed
        for command, asked in heard.items()
        if (missed := asked - scopes_of(command))
    }


def _beginning(tag: str) -> str:
    scope, _ = scope_for(tag)
    return next(name for name, each in SCOPES.items() if each is scope)
