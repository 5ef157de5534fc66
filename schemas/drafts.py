"""Files that are written whole or not at all, and durably: first the bytes, then the name.

If we stop anywhere, the place holds what it held before, or all that is new; and a draft may be
left, `.<name>.<random>.part`, which nobody reads. That holds for a loss of power too: a name that
is on disk before its bytes would show an empty file, and a name that is on disk nowhere, none.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
"""The mode of what nobody else may read; without one a file has what the process gives any."""

ANYBODY: Final = 0o666
"""The mode of any other file, less what the process takes away."""

Naming = Callable[[Path, Path], None]
"""Gives a draft its name: `os.replace`, or `os.link`, which fails where a file is."""


def nothing() -> None:
    """Do nothing: what happens before naming where nobody looks."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is written to and has no name yet."""

    path: Path
    file: BufferedRandom

    def name(
        self, place: Path, how: Naming = os.replace, *, before: Callable[[], None] = nothing
    ) -> None:
        """Put what was written in its place, on the same disk; nothing is written to it after.

        `before` is called when all is on disk and nothing named. `OSError` where there is no room;
        then nothing has changed, unless it came of the last step.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        before()
        # If we stop before this line, only the draft is left.
        how(self.path, place)
        self.path.unlink(missing_ok=True)  # a link leaves it
        # If we stop before this line, the name may be the old one again after a loss of power.
        sync(place.parent)


@contextmanager
def draft(folder: Path, name: str, *, mode: int = ANYBODY) -> Iterator[Draft]:
    """Lend a file to write to and to read; what has no name when the block ends is gone.

    `name` only says, to whoever finds a draft that was left, what it was to be.
    """
    path = folder / f".{name}.{secrets.token_hex(4)}.part"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield Draft(path, file)
    finally:
        path.unlink(missing_ok=True)


def write(
    path: Path,
    raw: bytes | memoryview,
    how: Naming = os.replace,
    *,
    mode: int = ANYBODY,
    drafts: Path | None = None,
    before: Callable[[], None] = nothing,
) -> None:
    """Put bytes in a place (`Draft.name`).

    `drafts` is another folder of the same disk for what is not whole yet.
    """
    with draft(drafts or path.parent, path.name, mode=mode) as begun:
        begun.file.write(raw)
        begun.name(path, how, before=before)


def rename(path: Path, place: Path) -> None:
    """Give what is whole another name, durably; a file that stood there is gone.

    If we stop anywhere, what was there or what comes has the name.
    """
    path.replace(place)
    sync(place.parent)
    if path.parent != place.parent:
        sync(path.parent)


def name_folder(drafted: Path, folder: Path) -> None:
    """Give a folder its name when all in it is on disk; `OSError` where one with files stands.

    If we stop before the name, there is a draft that nobody reads.
    """
    for path in (drafted, *drafted.rglob("*")):
        sync(path)
    rename(drafted, folder)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
