"""JSON Schemas (2020-12) of commands, events, messages and the manifest's assertion.

They tell the form of a value. What cannot be said in a schema (check digits, one consent's words
against another's) is checked by the code alone, so what a schema takes may still be malformed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from schemas.manifest import ASSERTION_LABEL, ReferencesAssertion
from schemas.messages import (
    GenerationAuthorizedMessage,
    GenerationCancelMessage,
    GenerationProgress,
)
from schemas.model import Wire
from schemas.registry import COMMANDS, EVENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The dialect that pydantic writes."""

MESSAGES: tuple[type[Wire], ...] = (
    GenerationAuthorizedMessage,
    GenerationCancelMessage,
    GenerationProgress,
)
"""What travels between the ledger and its workers, besides the command `FinishGeneration`."""

Mode = Literal["validation", "serialization"]
"""What may be sent (defaults may be left out), or what is written (every field)."""


def documents() -> dict[str, dict[str, Any]]:
    """Return the schema documents by name. Each takes any one of its values; see `$defs`."""
    return {
        "commands": _document(
            "commands",
            "The `data` of a statement, by command. A statement names command and version.",
            COMMANDS.values(),
            "validation",
        ),
        "events": _document(
            "events",
            "The `data` of an entry, by type. An entry names type and version.",
            EVENTS.values(),
            "serialization",
        ),
        "messages": _document(
            "messages", "Messages between the ledger and its workers.", MESSAGES, "serialization"
        ),
        "assertion": _document(
            "assertion",
            f"The assertion {ASSERTION_LABEL} in the manifest of an output.",
            [ReferencesAssertion],
            "serialization",
        ),
    }


def definitions(classes: Iterable[type[Wire]], mode: Mode) -> dict[str, Any]:
    """Return the schemas of classes and of everything they are made of, by class name."""
    _, found = models_json_schema([(each, mode) for each in classes])
    return {name: _plain(schema) for name, schema in sorted(found["$defs"].items())}


def _document(name: str, said: str, classes: Iterable[type[Wire]], mode: Mode) -> dict[str, Any]:
    listed = tuple(classes)
    return {
        "$schema": DIALECT,
        "$id": f"urn:linernotes:{name}",
        "title": f"Linernotes {name}",
        "description": said,
        "anyOf": [{"$ref": f"#/$defs/{each.__name__}"} for each in listed],
        "$defs": definitions(listed, mode),
    }


def _plain(schema: Any) -> Any:
    """Drop the titles that pydantic makes of field names: they repeat the names."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    is_properties = "title" in schema and isinstance(schema["title"], dict)
    return {key: _plain(value) for key, value in schema.items() if key != "title" or is_properties}
