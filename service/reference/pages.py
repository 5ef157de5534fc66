"""The pages about commands, events and the types that they share."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from schemas import lists
from schemas.commands.base import Command
from schemas.events.base import Event
from schemas.model import Wire
from schemas.registry import COMMANDS, EVENTS
from service.reference import shapes
from service.reference.moves import moved
from service.reference.words import LISTS, word

# What each page begins with.
COMMANDS_ARE = """\
What an actor signs: the `data` of a statement. A field that is not required may be left out; its
default is shown. `schemas/json/commands.json` says the same to machines.
"""
EVENTS_ARE = """\
What the ledger appends: the `data` of an entry. Every field is written, absent ones as null.
`schemas/json/events.json` says the same to machines. *Moves* names the scopes in which the event
decides something ([scopes](../scopes.md)).
"""
TYPES_ARE = """\
What commands and events are made of; then the closed lists, whose sources stand beside each value
in `schemas/lists.py`.
"""


def commands() -> str:
    """Return the page of commands: what an actor may sign."""
    schemas = shapes.definitions(COMMANDS.values(), "validation")
    parts = [
        "# Commands\n",
        COMMANDS_ARE,
        _contents(COMMANDS.values()),
    ]
    for (name, version), command in COMMANDS.items():
        parts += [f"## {name}\n", _said(command), _terms(command, version)]
        parts.append(_table(schemas[name], shows_default=True))
    return "\n".join(parts)


def events() -> str:
    """Return the page of events: what the ledger appends."""
    schemas = shapes.definitions(EVENTS.values(), "serialization")
    parts = [
        "# Events\n",
        EVENTS_ARE,
        _contents(EVENTS.values()),
    ]
    for (name, version), event in EVENTS.items():
        parts += [f"## {name}\n", _said(event), _place(event, version)]
        parts.append(_table(schemas[name], shows_default=False))
    return "\n".join(parts)


def types() -> str:
    """Return the page of the types that commands and events are made of, and the closed lists."""
    found = shapes.definitions(COMMANDS.values(), "validation")
    found |= shapes.definitions(EVENTS.values(), "serialization")
    named = {name for name, _ in (*COMMANDS, *EVENTS)}
    parts = [
        "# Types\n",
        TYPES_ARE,
    ]
    for name, schema in sorted(found.items()):
        if name not in named:
            parts += [f"## {name}\n", schema.get("description", "") + "\n"]
            parts.append(_table(schema, shows_default=False))
    parts.append(f"# Closed lists, version {lists.LISTS_VERSION}\n")
    for values, name in LISTS.items():
        parts += [f"## {name}\n", ", ".join(f"`{value}`" for value in values) + "\n"]
    return "\n".join(parts)


def _contents(classes: Iterable[type[Wire]]) -> str:
    """Return links to every class, in groups by the module that holds them."""
    groups: dict[str, list[str]] = {}
    for each in classes:
        group = each.__module__.rpartition(".")[2]
        groups.setdefault(group, []).append(f"[{each.__name__}](#{each.__name__.lower()})")
    return "\n".join(f"- *{group}*: {', '.join(links)}" for group, links in groups.items()) + "\n"


def _said(kind: type[Wire]) -> str:
    return (inspect.getdoc(kind) or "") + "\n"


def _terms(command: type[Command], version: int) -> str:
    """Say who may sign a command and who may read its statement."""
    needed = " or ".join(f"`{role}`" for role in sorted(command.ROLES))
    signer = f"a key with the role {needed}" if needed else "any key of a party, as the rules say"
    seen = "whoever reads the log" if command.PUBLIC else "those whom it concerns"
    return f"Version {version}. Signed by {signer}. Its statement is served to {seen}.\n"


def _place(event: type[Event], version: int) -> str:
    """Say what an event moves, whom it concerns, and what in it is a commitment."""
    lines = [f"Version {version}. Moves {', '.join(f'`{tag}`' for tag in moved(event))}."]
    if event.concerns is not Event.concerns:
        lines.append((inspect.getdoc(event.concerns) or "").replace("Concern ", "Concerns ", 1))
    private = [f"`{name}`" for name in event.COMMITTED]
    private += ["the entry's `actor` and `correlation`"] if event.PRIVATE_ACTOR else []
    if private:
        lines.append(f"Commitments: {', '.join(private)}.")
    return " ".join(lines) + "\n"


def _table(schema: dict[str, Any], *, shows_default: bool) -> str:
    """Return the fields of a type as a table."""
    fields = schema.get("properties", {})
    if not fields:
        return "No fields.\n"
    rows = ["| field | holds |", "|---|---|"]
    required = set(schema.get("required", ()))
    for name, field in fields.items():
        held = word(field)
        if shows_default and name not in required:
            held += f"; default {_value(field.get('default'))}"
        rows.append(f"| `{name}` | {held} |")
    return "\n".join(rows) + "\n"


def _value(default: Any) -> str:
    words = {None: "nothing", True: "yes", False: "no"}
    if default is None or isinstance(default, bool):
        return words[default]
    return f"`{default}`" if default else "empty"
