"""Whom the command line shows a token that it made itself."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.storage.lock import lock_path
from service.cli.opening import serves_us
from service.settings import Settings

OURS = "ledger.example/2026"


def run(home: Path, server: str | None, *, announced: str = "") -> Any:
    """What an instance in a folder knows, and the service that the options name."""
    settings = Settings.of(home, {})
    settings.instance.parent.mkdir(parents=True, exist_ok=True)
    settings.instance.write_text("{}")
    lock_path(settings.database).write_text(json.dumps({"url": announced}))
    return SimpleNamespace(
        settings=settings,
        facts=SimpleNamespace(origin=OURS),
        options=SimpleNamespace(server=server),
    )


@pytest.mark.parametrize(
    ("server", "is_ours"),
    [
        (None, True),
        ("http://127.0.0.1:8710", True),
        ("http://localhost:8710/", True),
        ("http://[::1]:8710", True),
        ("https://ledger.example", True),  # announced
        ("https://ledger.example/", True),
        ("https://ledger.example.elsewhere.example", False),
        ("http://127.0.0.1.elsewhere.example", False),
        ("http://127.0.0.1@elsewhere.example", False),
        ("http://localhost.elsewhere.example", False),
    ],
)
def test_no_stranger_is_shown_a_token_whatever_log_it_says_it_serves(
    tmp_path: Path, server: str | None, *, is_ours: bool
) -> None:
    asked = run(tmp_path, server, announced="https://ledger.example")
    assert serves_us(asked, OURS) == is_ours
    assert not serves_us(asked, "another.example/log")


def test_without_an_instance_here_there_is_nothing_to_show(tmp_path: Path) -> None:
    asked = run(tmp_path, None)
    asked.settings.instance.unlink()
    assert not serves_us(asked, OURS)
