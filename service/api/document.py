"""The OpenAPI document: what the framework knows, with our schemas, problems and examples.

Examples are bodies that tests recorded from a real story (`service/api/examples`), so they cannot
say anything that the door does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.bodies import JSON
from service.api.described import TAGS
from service.api.finding import Finder
from service.api.offered import Offer, offers
from service.api.problems import MEDIA_TYPE
from service.api.shapes import Problem, StatementBody
from service.api.tokens import Asked

TITLE: Final = "Linernotes"
DESCRIPTION: Final = (
    "A rights and provenance ledger for generative music. Whoever may write says it with a token "
    "or a key of its own; every answer can be checked against the log without trusting this server."
)
"""What the HTTP reference begins with."""

_REFS: Final = "#/components/schemas/{model}"


def install(app: FastAPI) -> None:
    """Give the application its own way to describe itself."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's documented way


def build(app: FastAPI) -> dict[str, Any]:
    """Return the whole document (OpenAPI 3.1.0)."""
    document = get_openapi(
        title=TITLE,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for found in offers().values():
        schemas.update(_command_schemas(found))
    for shape in (Problem, StatementBody, Asked, Finder):
        _add_model(schemas, shape.__name__, shape.model_json_schema(ref_template=_REFS))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}, {}]
    for operation in _operations(document):
        _complete(operation)
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Say what every operation has in common, and add its recorded examples."""
    responses = operation["responses"]
    responses.pop("422", None)
    responses["default"] = {
        "description": "A problem (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for example in examples(operation["operationId"]):
        _add_example(operation, example)


def _add_example(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    name, status = example["name"], str(example["status"])
    if example.get("request") is not None:
        content = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if content is not None:
            content.setdefault("examples", {})[name] = {"value": example["request"]}
    response = operation["responses"].setdefault(status, {"description": name})
    described = response.setdefault("content", {}).setdefault(example["media_type"], {})
    described.setdefault("examples", {})[name] = {"value": example["response"]}


@cache
def examples(operation_id: str) -> tuple[Mapping[str, Any], ...]:
    """Return the recorded examples of an operation; none where it has no file."""
    path = files("service.api").joinpath("examples", f"{operation_id}.json")
    if not path.is_file():
        return ()
    return tuple(json.loads(path.read_text(encoding="utf-8")))


def _command_schemas(found: Offer) -> dict[str, Any]:
    """Return the schema of a command as the door takes it, and of what it is made of."""
    schema = found.command.model_json_schema(ref_template=_REFS)
    schemas: dict[str, Any] = {}
    for pointer in found.new_ids:
        _make_optional(schema, pointer)
    for pointer in found.private:
        _allow(schema, pointer, "private", "A value that the door commits to; it is sent openly.")
    for pointer in found.dates:
        _allow(schema, pointer, "date", "A day and its zone instead of an instant.")
    _add_model(schemas, found.name, schema)
    return schemas


def _add_model(schemas: dict[str, Any], name: str, schema: dict[str, Any]) -> None:
    """Add a model's schema and its parts, each under its own name."""
    for part, described in schema.pop("$defs", {}).items():
        schemas.setdefault(part, described)
    schemas.setdefault(name, schema)


def _owner(schema: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """Return the object schema in which a field stands, following references into `$defs`."""
    *path, last = pointer.lstrip("/").split("/")
    owner = schema
    for part in path:
        owner = _resolve(schema, owner["properties"][part])
    return owner, last


def _resolve(schema: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    refs = [found, *found.get("anyOf", ())]
    for each in refs:
        if "$ref" in each:
            return dict.__getitem__(schema["$defs"], each["$ref"].rpartition("/")[2])
    return found


def _make_optional(schema: dict[str, Any], pointer: str) -> None:
    owner, name = _owner(schema, pointer)
    if name in owner.get("required", ()):
        owner["required"] = [each for each in owner["required"] if each != name]
    owner["properties"][name]["description"] = "Left out, the door makes it."


def _allow(schema: dict[str, Any], pointer: str, kind: str, said: str) -> None:
    owner, name = _owner(schema, pointer)
    members: dict[str, Any] = {"private": {}} if kind == "private" else {}
    if kind == "date":
        members = {"date": {"type": "string", "format": "date"}, "zone": {"type": "string"}}
    field = owner["properties"][name]
    arms = field.pop("anyOf", None) or [{"$ref": field.pop("$ref")}]
    given = {
        "type": "object",
        "description": said,
        "properties": members,
        "required": sorted(members),
        "additionalProperties": False,
    }
    if given not in arms:
        arms = [*arms, given]
    field["anyOf"] = arms
