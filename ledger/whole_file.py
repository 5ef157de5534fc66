"""Files that are written whole or not at all, and durably: first the bytes, then the name.

If we stop anywhere, the place holds what it held before, or all that is new; and a draft may be
left, `.<name>.<random>.part`, which nobody reads.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ledger.storage.killpoints import reach

OWNER_ONLY: Final = 0o600
"""The mode of what nobody else may read; without one a file has what the process gives any."""


def replace(
    path: Path,
    raw: bytes,
    *,
    mode: int = 0o666,
    drafts: Path | None = None,
    reached: str = "file_before_named",
) -> None:
    """Put a file in its place, or in the place of the one that is there.

    `drafts` is another folder of the same disk for what is not whole yet; `reached` the point at
    which all is on disk and nothing named (`killpoints`), for callers whose crashes differ.
    `OSError` where there is no room; then nothing has changed, unless it came of the last step.
    """
    _write(path, raw, os.replace, mode=mode, drafts=drafts or path.parent, reached=reached)


def make(path: Path, raw: bytes, *, mode: int = 0o666, reached: str = "file_before_named") -> None:
    """Put a file where none is; `FileExistsError` where one is, which stays as it was."""
    _write(path, raw, os.link, mode=mode, drafts=path.parent, reached=reached)


def _sync(folder: Path) -> None:
    """Wait until the names in a folder are on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(
    path: Path,
    raw: bytes,
    name: Callable[[Path, Path], None],
    *,
    mode: int,
    drafts: Path,
    reached: str,
) -> None:
    draft = drafts / f".{path.name}.{secrets.token_hex(4)}.part"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        # If we stop before this line, only the draft is left.
        reach(reached)
        name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    # If we stop before this line, the name may be the old one again after a loss of power.
    _sync(path.parent)
