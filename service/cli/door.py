"""The ledger as the command line talks to it: one client, whoever holds the file.

A service on the network, a service that holds this folder's file, or this very process: the same
requests and the same answers. What differs is the transport underneath (`opening`).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final

import httpx

from schemas import canonical
from service.cli.ends import EndError, ExitCode
from service.speaking import Said

REFUSED: Final = "permission_refused"
"""The code of the problem that says: the rights do not allow this."""

BUSY: Final = frozenset({"busy", "request_in_flight", "too_many_requests"})
"""Codes after which the same request may do in a moment."""

TRIES_MAX: Final = 5
"""How often a busy ledger is asked; each of our requests can be repeated without harm."""

TIMEOUT_S: Final = 120.0
"""How long one answer may take: an upload is decoded before it is answered."""

BLOCK_BYTES: Final = 1 << 20
"""Bytes of a file that are read or written at once."""


class RefusedError(EndError):
    """The rights do not allow it: `data` is the problem, with verdict and alternatives."""

    def __init__(self, problem: dict[str, Any]) -> None:
        verdict = problem["verdict"]
        super().__init__(verdict["code"], verdict["message"], ExitCode.REFUSED, data=problem)


class Door:
    """A client of one ledger. Raises `EndError` with the code of the problem that came back.

    `is_here`: this very process holds the file. `is_working` tells whether somebody renders, as
    far as that can be known. `move_payouts` lets the payout provider act now, where nothing else
    makes it act by itself; `publish_root` likewise has the newest root of the index logged.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        is_here: bool,
        is_working: Callable[[], bool] = lambda: True,
        move_payouts: Callable[[], object] = lambda: None,
        publish_root: Callable[[], object] = lambda: None,
    ) -> None:
        self._http = http
        self.is_here = is_here
        self.is_working = is_working
        self.move_payouts = move_payouts
        self.publish_root = publish_root
        self.origin = str(self.get("/health")["origin"])

    @property
    def url(self) -> str:
        """Where it answers."""
        return str(self._http.base_url)

    def present(self, token: str | None) -> None:
        """Ask with this token from now on; with none, as nobody."""
        self._http.headers.pop("Authorization", None)
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Ask for one document; parameters that are None are left out."""
        found: dict[str, Any] = self._ask("GET", path, params=_given(parameters)).json()
        return found

    def get_raw(self, path: str) -> bytes:
        """Ask for bytes."""
        return self._ask("GET", path).content

    def waiting(self, path: str, wait_s: int, **parameters: Any) -> dict[str, Any]:
        """Ask for a document, and let the answer wait for news (RFC 7240, `Prefer: wait`)."""
        headers = {"Prefer": f"wait={wait_s}"}
        answer = self._ask("GET", path, params=_given(parameters), headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    def pages(self, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a list, page after page."""
        while True:
            page = self.get(path, **parameters)
            yield from page["items"]
            if page.get("next") is None:
                return
            parameters["after"] = page["next"]

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Hand in a JSON document and return the answer's."""
        found: dict[str, Any] = self._ask("POST", path, json=dict(body)).json()
        return found

    def submit(self, said: Said) -> dict[str, Any]:
        """Hand in a signed statement with its openings; the same one may be handed in again."""
        openings = [
            {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
            for row in said.openings
        ]
        return self.post(
            "/v1/statements", {"statement": canonical.b64u(said.raw), "openings": openings}
        )

    def upload(self, path: Path) -> dict[str, Any]:
        """Bring an audio file under its hash; return how the ledger knows it."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for block in _blocks(file):
                digest.update(block)
            file.seek(0)
            answer = self._ask("PUT", f"/v1/artifacts/{digest.hexdigest()}", content=_blocks(file))
        found: dict[str, Any] = answer.json()
        return found

    def post_file(self, path: str, file: Path, **parameters: Any) -> dict[str, Any]:
        """Hand in a file's bytes and return the answer's document."""
        with file.open("rb") as opened:
            content = _blocks(opened)
            answer = self._ask("POST", path, content=content, params=_given(parameters))
        found: dict[str, Any] = answer.json()
        return found

    def download(self, path: str, target: Path) -> None:
        """Write a file that is complete, or none at all."""
        partial = target.with_name(f".{target.name}.part")
        try:
            with self._http.stream("GET", path) as answer, partial.open("wb") as file:
                if answer.status_code != HTTPStatus.OK:
                    answer.read()
                    raise _problem(answer)
                for block in answer.iter_bytes(BLOCK_BYTES):
                    file.write(block)
            partial.replace(target)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        finally:
            partial.unlink(missing_ok=True)

    def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask, and again while the ledger is busy; a body that was a stream is sent once."""
        tries = 1 if "content" in how else TRIES_MAX
        for left in reversed(range(tries)):
            try:
                answer = self._http.request(method, path, **how)
            except httpx.TransportError as error:
                raise self._unreachable(error) from error
            if answer.is_success:
                return answer
            end = _problem(answer)
            if not left or end.code not in BUSY:
                raise end
            wait = answer.headers.get("Retry-After", "")
            time.sleep(min(float(wait), 5.0) if wait.isdigit() else 1.0)
        raise AssertionError("the last try returns or raises")

    def _unreachable(self, error: httpx.TransportError) -> EndError:
        return EndError("server_unreachable", f"{self.url} does not answer: {error}")


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _problem(answer: httpx.Response) -> EndError:
    """Return how a problem (RFC 9457) ends the command."""
    try:
        problem = answer.json()
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError, TypeError):
        url = answer.url.copy_with(query=None)
        text = f"{url} answered {answer.status_code}, and not as a ledger does"
        return EndError("server_unfit", text)
    if code == REFUSED:
        return RefusedError(problem)
    if code == "token_missing":
        detail = "this is read with a token: give --token, or --home of the ledger's own folder"
    errors = problem.get("errors") or []
    if code == "audio_unusable" and errors:
        code = errors[0]["code"]
    where = next((row["pointer"] for row in errors if row.get("pointer")), "")
    return EndError(code, f"{detail}, at {where}" if where else detail, data=problem)
