"""One generation over HTTP, from a creator's request to the completed output, and refusals."""

from __future__ import annotations

from typing import Any

import httpx

from schemas.ids import new_id
from service.identity import Tokens
from service.instance import Instance
from tests.kit.instance import Place
from tests.kit.sound import wait_ended

WAIT_S = 120.0


def creator(place: Place, instance: Instance, url: str) -> httpx.Client:
    token = Tokens(instance.settings.tokens).issue(place.creator, ("creator",), "creator")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=url, headers=headers, timeout=WAIT_S, trust_env=False)


def authorize(
    place: Place, instance: Instance, http: httpx.Client, headers: dict[str, str], **changes: Any
) -> httpx.Response:
    request = place.request(instance, **changes)
    body = {"verification": new_id("ver"), "request": request.model_dump(mode="json")}
    named = {"Idempotency-Key": new_id("cmd"), **headers}
    return http.post("/v1/commands/AuthorizeGeneration", json=body, headers=named)


def authorization(response: httpx.Response) -> dict[str, Any]:
    """Return the entry by which a generation was authorized."""
    assert response.status_code in {201, 202}, response.text
    entries = response.json()["entries"]
    (found,) = [entry for entry in entries if entry["type"] == "GenerationAuthorized"]
    return dict(found)


def generate(place: Place, instance: Instance, http: httpx.Client, headers: dict[str, str]) -> str:
    """Have an output made; return the generation's id."""
    response = authorize(place, instance, http, headers)
    generation = str(authorization(response)["data"]["generation"])
    wait_ended(instance, generation)
    return generation
