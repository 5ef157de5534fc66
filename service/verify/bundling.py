"""Joining ES modules into one, for a page that is opened from disk.

Each file becomes a function that returns its exports, so that no two names meet; imports become
reads of what an earlier function returned. It understands the few forms in which our own files are
written, and refuses others rather than guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
"""Where the JavaScript files are."""

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[\w./-]+)";\n', re.MULTILINE)
_FROM: Final = re.compile(r'^export (\*|\{([^}]*)\}) from "(\.{1,2}/[\w./-]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (async function|function|class|const) (\w+)", re.MULTILINE)
_LEFT: Final = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleError(Exception):
    """A file is written in a form that is not joined here."""


def bundle(entry: Path = FOLDER / "linernotes.mjs") -> str:
    """Return one ES module that exports what `entry` exports.

    Raises `BundleError`, or `FileNotFoundError` where an import leads nowhere.
    """
    exports: dict[Path, list[str]] = {}
    parts = list(_joined(entry.resolve(), exports, ()))
    names = exports[entry.resolve()]
    whole = _variable(entry)
    if names:
        parts.append(f"export const {{ {', '.join(names)} }} = {whole};\n")
    return "\n".join(parts)


def _joined(path: Path, exports: dict[Path, list[str]], above: tuple[Path, ...]) -> Iterator[str]:
    """Yield the functions of a file and of what it imports, each once, the imported first."""
    if path in above:
        raise BundleError(f"{path.name} imports itself by a detour")
    if path in exports:
        return
    text = path.read_text(encoding="utf-8")
    for found in (*_IMPORT.finditer(text), *_FROM.finditer(text)):
        below = (path.parent / found.groups()[-1]).resolve()
        yield from _joined(below, exports, (*above, path))
    names = [found[2] for found in _EXPORT.finditer(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(_read, text))
    for found in _FROM.finditer(text):
        below = (path.parent / found[3]).resolve()
        passed = exports[below] if found[1] == "*" else _listed(found[2])
        names += passed
        body = body.replace(found[0], f"const {{ {', '.join(passed)} }} = {_variable(below)};\n")
    if left := _LEFT.search(body):
        raise BundleError(f"{path.name}: {left[0]}")
    if any(path.stem == other.stem for other in exports):
        raise BundleError(f"two files are called {path.stem}")
    exports[path] = names
    yield f"const {_variable(path)} = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"


def _read(found: re.Match[str]) -> str:
    names = ", ".join(name.replace(" as ", ": ") for name in _listed(found[1]))
    return f"const {{ {names} }} = {_variable(Path(found[2]))};\n"


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _variable(path: Path) -> str:
    return "$" + re.sub(r"\W", "_", path.stem)
