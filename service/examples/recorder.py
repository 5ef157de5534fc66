"""Asking over HTTP, and keeping what was asked and answered, by operation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from service.examples.normal import Normal

TEXTS: Final = ("text/plain", "application/json", "application/problem+json")
"""Media types whose bodies are kept; of others it is kept that they came."""


@dataclass
class Recorder:
    """Records each exchange under the operation that answered it."""

    normal: Normal = field(default_factory=Normal)
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def keep(
        self, operation: str, case: str, response: httpx.Response, body: dict[str, Any] | None
    ) -> None:
        """Keep an exchange; `case` names it among the examples of its operation."""
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type not in TEXTS:
            content = None
        elif media_type.endswith("json"):
            content = self.normal.value(response.json())
        else:
            content = self.normal.text(response.text)
        request = response.request
        self.kept[operation].append(
            {
                "name": case,
                "method": request.method,
                "path": self.normal.text(str(request.url.raw_path, "ascii")),
                "request": self.normal.value(body),
                "status": response.status_code,
                "media_type": media_type,
                "response": content,
            }
        )


@dataclass
class Person:
    """Somebody in the story with a token, whose requests may be recorded."""

    http: httpx.Client
    recorder: Recorder
    party: str
    said: int = 0

    def ask(
        self,
        operation: str,
        case: str,
        path: str,
        *,
        expect: int = 200,
        **how: Any,
    ) -> Any:
        """GET a path, keep the exchange, and return the JSON of the answer."""
        return self._exchange(operation, case, "GET", path, None, expect, how)

    def post(
        self,
        operation: str,
        case: str,
        path: str,
        body: dict[str, Any],
        *,
        expect: int = 200,
        **how: Any,
    ) -> Any:
        """POST JSON, keep the exchange, and return the JSON of the answer."""
        return self._exchange(operation, case, "POST", path, body, expect, how)

    def say(
        self, command: str, case: str, body: dict[str, Any], *, expect: int = 201, **how: Any
    ) -> Any:
        """Say a typed command, keep the exchange, and return the JSON of the answer."""
        operation = "".join(f"_{c.lower()}" if c.isupper() else c for c in command).lstrip("_")
        self.said += 1
        headers = {"Idempotency-Key": f"story-{self.said}", **how.pop("headers", {})}
        path = f"/v1/commands/{command}"
        how["headers"] = headers
        return self._exchange(operation, case, "POST", path, body, expect, how)

    def _exchange(  # noqa: PLR0917 - the three above hand on what they were given
        self,
        operation: str,
        case: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        expect: int,
        how: dict[str, Any],
    ) -> Any:
        response = self.http.request(method, path, json=body, **how)
        if response.status_code != expect:
            raise AssertionError(f"{operation}, {case}: {response.status_code} {response.text}")
        self.recorder.keep(operation, case, response, body)
        is_json = response.headers.get("content-type", "").partition(";")[0].endswith("json")
        return response.json() if is_json else response.content
