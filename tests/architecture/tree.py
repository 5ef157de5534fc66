"""The source tree as the tests of this folder read it: files, syntax, where things are."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The root of the project."""

PACKAGES = ("generation", "ledger", "projections", "schemas", "service")
"""The five packages that are shipped."""

TEXTS = (
    *(".md", ".py", ".sql", ".toml", ".sh", ".yaml", ".json", ".lock"),
    *(".html", ".css", ".js", ".mjs"),
)
"""Endings of what people read."""

GENERATED = {".boot", ".git", ".venv", "out", "build", "dist", "__pycache__", ".hypothesis"}
"""Folders that can be made again, and are in no version."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> Iterator[Path]:
    """Yield the Python files under folders of the project, in order."""
    for folder in folders or PACKAGES:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def texts() -> tuple[Path, ...]:
    """Return every file that people read, in order; never what can be made again."""
    found = []
    for folder, inside, names in os.walk(ROOT):
        inside[:] = sorted(
            name for name in inside if name not in GENERATED and not name.endswith("_cache")
        )
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in TEXTS or name in {"Makefile", "run", ".importlinter"}:
                found.append(path)
    return tuple(found)


@cache
def lines_of(path: Path) -> tuple[str, ...]:
    """Return the lines of a file."""
    return tuple(path.read_text(encoding="utf-8").splitlines())


@cache
def syntax(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file."""
    return (node for node in ast.walk(syntax(path)) if isinstance(node, Function))


def place(path: Path, line: int) -> str:
    """Say where something is, so that an editor finds it."""
    return f"{path.relative_to(ROOT)}:{line}"


def module_name(path: Path) -> str:
    """Return the name by which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
