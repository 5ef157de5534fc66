"""Whole files (`schemas.drafts`) of the ledger's own, between whose bytes and name a test may kill.

If we stop anywhere, the place holds what it held before, or all that is new.
"""

import os
from functools import partial
from pathlib import Path

from ledger.storage.killpoints import reach
from schemas.drafts import ANYBODY, write


def replace(
    path: Path,
    raw: bytes,
    *,
    mode: int = ANYBODY,
    drafts: Path | None = None,
    reached: str = "file_before_named",
) -> None:
    """Put a file in its place, or in the place of the one that is there.

    `drafts` is another folder of the same disk for what is not whole yet; `reached` the point at
    which all is on disk and nothing named (`killpoints`), for callers whose crashes differ.
    `OSError` where there is no room; then nothing has changed, unless it came of the last step.
    """
    write(path, raw, mode=mode, drafts=drafts, before=partial(reach, reached))


def make(
    path: Path, raw: bytes, *, mode: int = ANYBODY, reached: str = "file_before_named"
) -> None:
    """Put a file where none is; `FileExistsError` where one is, which stays as it was."""
    write(path, raw, os.link, mode=mode, before=partial(reach, reached))
