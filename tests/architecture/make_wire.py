"""What is frozen on the wire: every name, version and field of commands, events and messages.

Run `python -m tests.architecture.make_wire` from the root of the project to write the list afresh.
Before the first release that is a decision; after it, a released name never changes: a new version
stands beside the old one, with an upcaster.
"""

import json
import re
from pathlib import Path
from typing import Any

from pydantic.json_schema import JsonSchemaValue

from schemas.lists import LISTS_VERSION
from schemas.refusals import CONFLICTS, MALFORMED, REFUSALS
from schemas.registry import COMMANDS, EVENTS
from service.reference.shapes import MESSAGES, definitions
from service.reference.words import LISTS, word

FILE = Path(__file__).with_name("wire.json")


def wire() -> dict[str, dict[str, Any]]:
    """Return what each field of each name holds, in the words of the reference pages."""
    commands = definitions(COMMANDS.values(), "validation")
    events = definitions(EVENTS.values(), "serialization")
    messages = definitions(MESSAGES, "serialization")
    shared = {**commands, **events, **messages}
    own = {name for name, _ in (*COMMANDS, *EVENTS)} | {each.__name__ for each in MESSAGES}
    return {
        "commands": {f"{name}/{n}": _fields(commands[name]) for name, n in COMMANDS},
        "events": {f"{name}/{n}": _fields(events[name]) for name, n in EVENTS},
        "messages": {each.__name__: _fields(messages[each.__name__]) for each in MESSAGES},
        "types": {name: _fields(shared[name]) for name in sorted(shared) if name not in own},
        "lists": {name: list(values) for values, name in LISTS.items()},
        "codes": {
            "version of the lists": LISTS_VERSION,
            "refused, in order": list(REFUSALS),
            "malformed": sorted(set(MALFORMED)),
            "conflict": list(CONFLICTS),
        },
    }


def as_text() -> str:
    """Return the text of the committed file."""
    return json.dumps(wire(), indent=1) + "\n"


def _fields(schema: JsonSchemaValue) -> dict[str, str]:
    fields = schema.get("properties", {}).items()
    return {name: re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", word(field)) for name, field in fields}


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="ascii")
