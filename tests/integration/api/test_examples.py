"""The examples of the API are what the API says: the story is told again and compared."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from service.api import document
from service.api.app import ROUTED
from service.api.shapes import Problem
from service.examples.telling import FOLDER, tell, texts


def routes() -> Iterator[APIRoute]:
    for module in ROUTED:
        for route in module.router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route


COMMITTED = {path.stem: path for path in FOLDER.glob("*.json")}
OPERATIONS = {str(route.operation_id): route for route in routes()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder: Path = tmp_path_factory.mktemp("story")
    return texts(tell(folder))


def test_the_story_told_again_gives_the_committed_examples(told: Mapping[str, str]) -> None:
    assert set(told) == {path.name for path in COMMITTED.values()}, "run: make reference"
    for name, text in told.items():
        found = (FOLDER / name).read_text(encoding="utf-8")
        assert json.loads(text) == json.loads(found), f"{name} changed; run: make reference"
        assert text == found


def test_every_operation_has_an_example() -> None:
    untold = (set(OPERATIONS) | {"get_reference"}) - set(COMMITTED)
    assert untold == set(), "say it in service/examples/rest.py, then: make reference"
    assert set(COMMITTED) <= set(OPERATIONS) | {"get_reference"}


@pytest.mark.parametrize("operation", sorted(COMMITTED))
def test_every_example_has_the_shape_that_is_promised(operation: str) -> None:
    for row in json.loads(COMMITTED[operation].read_text(encoding="utf-8")):
        if row["media_type"] == "application/problem+json":
            Problem.model_validate(row["response"])
        elif row["media_type"] == "application/json":
            shape(operation).model_validate(row["response"])


def shape(operation: str) -> type[BaseModel]:
    route = OPERATIONS[operation]
    found: type[BaseModel] = route.responses[route.status_code or 200]["model"]
    assert issubclass(found, BaseModel)
    return found


@pytest.mark.parametrize("operation", sorted(COMMITTED))
def test_no_example_gives_anything_of_this_machine_away(operation: str) -> None:
    text = COMMITTED[operation].read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|tmp)/", text)
    for word in (".upload-", "127.0.0.1", "localhost"):
        assert word not in text


def test_the_document_carries_the_examples(world: Any) -> None:
    found = world.nobody.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    granted = found["paths"]["/v1/commands/GrantConsent"]["post"]
    assert granted["operationId"] == "grant_consent"
    body = granted["requestBody"]["content"]["application/json"]
    assert body["examples"]["as owner"]["value"]["consent"]["capacity"] == "owner"
    assert "as owner" in granted["responses"]["201"]["content"]["application/json"]["examples"]
    refused = found["paths"]["/v1/commands/VerifyGeneration"]["post"]["responses"]["403"]
    assert "application/problem+json" in refused["content"]


def test_every_reference_in_the_document_leads_somewhere(world: Any) -> None:
    found = world.nobody.get("/openapi.json").json()
    names = set(found["components"]["schemas"])
    assert set(refs(found)) <= {f"#/components/schemas/{name}" for name in names}
    assert found["info"]["title"] == document.TITLE


def test_operations_are_named_once_and_tagged_by_who_asks(world: Any) -> None:
    found = world.nobody.get("/openapi.json").json()
    operations = [each for path in found["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    assert all("_" in name for name in names)
    tags = {tag["name"] for tag in found["tags"]}
    assert {tag for each in operations for tag in each["tags"]} == tags


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)
