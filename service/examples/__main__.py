"""Write the examples afresh: `python -m service.examples`, from the project's root."""

from __future__ import annotations

import tempfile
from pathlib import Path

from service.examples.telling import FOLDER, tell, texts

with tempfile.TemporaryDirectory() as folder:
    written = texts(tell(Path(folder)))
FOLDER.mkdir(exist_ok=True)
for stale in set(FOLDER.glob("*.json")) - {FOLDER / name for name in written}:
    stale.unlink()
for name, text in written.items():
    (FOLDER / name).write_text(text, encoding="utf-8")
