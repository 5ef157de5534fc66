"""Write the generated documentation: `python -m service.reference`, from the project's root."""

from __future__ import annotations

from pathlib import Path

from service.cli import guide
from service.reference.files import render

ROOT = Path(__file__).parents[2]
"""The root of the project: the reference is for those who work in it."""

for name, text in (render() | {guide.PATH: guide.page()}).items():
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
