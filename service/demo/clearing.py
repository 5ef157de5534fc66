"""Making room for a new demo: what one before left is removed, and nothing else ever is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from service.demo.scene import DemoError
from service.demo.witness import NAME as WITNESS_NAME
from service.facts import InstanceFacts
from service.settings import Settings

ORIGIN: Final = "demo.linernotes.example/2026"
"""The origin of the demo's ledger; only a ledger of this origin is ever replaced."""

_BEGUN: Final = frozenset({"authority", "keyring", "keys"})
_WITNESS: Final = frozenset({"logs", "logs.txt", "name", "witness.key"})


def fresh_home(out: Path) -> Settings:
    """Return the settings of the demo's ledger, after removing the one of a demo before.

    Raises `DemoError` where something else lies in its place.
    """
    settings = Settings.of(out / "ledger", {})
    # All are looked at before the first is removed: a refusal leaves everything as it was.
    parts = (settings.home, settings.register, out / "witness")
    checks = (_is_our_ledger, _is_our_register, _is_our_witness)
    present = [path for path in parts if path.exists()]
    for path, is_ours in zip(parts, checks, strict=True):
        if path in present and not is_ours(path):
            raise DemoError(f"{path} is nothing that a demo left; it is not replaced")
    for path in present:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return settings


def _is_our_ledger(home: Path) -> bool:
    facts = Settings.of(home, {}).instance
    if facts.exists():
        return InstanceFacts.load(facts).origin == ORIGIN
    # A founding that stopped half-way has no facts yet.
    return home.is_dir() and _holds_only(home, _BEGUN)


def _is_our_register(path: Path) -> bool:
    # `ledger.storage.register` writes the origin in the second line.
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[1:2] == [ORIGIN]


def _is_our_witness(folder: Path) -> bool:
    name = folder / "name"
    if name.exists():
        return name.read_text(encoding="utf-8", errors="replace").strip() == WITNESS_NAME
    return folder.is_dir() and _holds_only(folder, _WITNESS)


def _holds_only(folder: Path, known: frozenset[str]) -> bool:
    """Tell whether nothing lies there but what was begun; drafts begin with a dot."""
    return all(path.name in known or path.name.startswith(".") for path in folder.iterdir())
