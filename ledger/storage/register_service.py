"""The register as a service: the log's side of tlog-witness (C2SP), so several hosts have one.

`liner witness` is such a service. It answers when the new state is on its disk, with its signature
over the checkpoint: without that, whatever answers at an address would be a register.
"""

import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import httpx

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT
from ledger.evidence.note import Checkpoint, VerifierKey
from ledger.evidence.submission import (
    ADD_CHECKPOINT,
    make_submission,
    monitoring_path,
    parse_size,
    take_cosignature,
)
from ledger.storage.errors import RegisterLost, RegisterMoved, RegisterRefused, RegisterSilent
from ledger.storage.register import open_checkpoint

TIMEOUT_S: Final = 3.0
"""How long the service may take to connect, and between two parts of its answer."""

TRIES: Final = 3
"""Requests before it is called silent: each may be repeated, for it changes nothing twice."""

PAUSE_S: Final = 0.2
"""Between two of them."""

ANSWER_MAX: Final = 65_536
"""Bytes of an answer: a note with its signatures at most."""


class RegisterService:
    """Implements `contract.Register` over HTTP.

    `keys` are the log's verifier keys, `service` is the register's own.
    """

    def __init__(self, url: str, keys: Sequence[VerifierKey], service: VerifierKey) -> None:
        if len({key.name for key in keys}) != 1:
            raise ValueError("the keys of one log have one name, its origin")
        self.url = url.rstrip("/")
        self._keys = tuple(keys)
        self._origin = keys[0].name
        self._service = service
        # It takes no proxy and no password from around it.
        self._http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    def held(self) -> Checkpoint:
        """Return what it has accepted last; size 0 before the first."""
        status, body = self._ask("GET", monitoring_path(self._origin))
        if status == HTTPStatus.NOT_FOUND:
            # Nothing of this log yet; that it watches this log at all, the first update shows.
            return Checkpoint(self._origin, 0, EMPTY_ROOT)
        if status != HTTPStatus.OK:
            raise RegisterRefused(f"the register at {self.url} said {_told(status, body)}")
        try:
            return open_checkpoint(body, self._keys, self._origin)
        except EvidenceError as error:
            raise RegisterLost(f"what {self.url} holds is not this log's: {error}") from error

    def update(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Have `note` accepted as the newest checkpoint, durably; see `contract.Register`."""
        try:
            request = make_submission(old_size=old_size, proof=proof, checkpoint=note)
        except EvidenceError as error:
            raise RegisterRefused(f"no register takes this checkpoint: {error}") from error
        status, body = self._ask("POST", ADD_CHECKPOINT, request.text.encode())
        try:
            if status == HTTPStatus.OK:
                take_cosignature(note, body, self._service)
                return
            if status == HTTPStatus.CONFLICT:
                raise RegisterMoved(parse_size(body), old_size)
        except EvidenceError as error:
            raise RegisterRefused(f"{self.url} is not this log's register: {error}") from error
        if status == HTTPStatus.NOT_FOUND:
            raise RegisterLost(f"the register at {self.url} does not watch {self._origin}")
        raise RegisterRefused(f"the register at {self.url} said {_told(status, body)}")

    def foresee(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Do nothing: all that is to be found out here is the service's answer."""

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _ask(self, method: str, path: str, content: bytes = b"") -> tuple[int, str]:
        """Return status and body. If an answer is lost, the next says where the register stands."""
        why = ""
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_S)
            try:
                status, body = self._send(method, path, content)
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
                why = str(error) or type(error).__name__
                continue
            if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return status, body
            why = _told(status, body)
        raise RegisterSilent(f"the register at {self.url} does not answer [{why}]")

    def _send(self, method: str, path: str, content: bytes) -> tuple[int, str]:
        body = b""
        with self._http.stream(method, f"{self.url}/{path}", content=content) as response:
            for part in response.iter_bytes():
                body += part
                if len(body) > ANSWER_MAX:
                    raise RegisterRefused(f"the answer of {self.url} does not end")
            return response.status_code, body.decode()


def _told(status: int, body: str) -> str:
    return f"{status} {' '.join(body.split())[:200]}"
