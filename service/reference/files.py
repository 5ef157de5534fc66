"""Every generated file: its path from the root of the project, and its text."""

from __future__ import annotations

import json

from service.reference import pages, refusals, shapes

NOTICE = "<!-- Written by `make reference` from the code. Change the code, not this page. -->\n"
"""The first line of every generated page."""


def render() -> dict[str, str]:
    """Return the text of every generated file by its path."""
    schemas = {
        f"schemas/json/{name}.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        for name, document in shapes.documents().items()
    }
    written = {
        "commands": pages.commands(),
        "events": pages.events(),
        "types": pages.types(),
        "refusals": refusals.page(),
    }
    return schemas | {f"docs/reference/{name}.md": NOTICE + text for name, text in written.items()}
