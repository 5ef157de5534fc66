"""Asking one witness for its signature over a checkpoint (C2SP tlog-witness, the client's side)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from ledger.evidence.errors import EvidenceError
from ledger.evidence.nodes import TileHashes
from ledger.evidence.submission import (
    ADD_CHECKPOINT,
    SIZE_TYPE,
    make_submission,
    parse_size,
    take_cosignature,
)
from ledger.evidence.vkeys import VerifierKey
from ledger.storage.contract import Store
from ledger.storage.records import StoredCheckpoint, StoredCosignature

TRIES_MAX: Final = 3
"""Requests for one signature: another client may move the witness in between, but not for ever."""

ANSWER_MAX: Final = 16_384
"""Bytes of an answer: a few lines; a post-quantum one has 3 kB."""

TIMEOUT_S: Final = 3.0
"""How long a witness may take to connect, and between two parts of its answer."""

CLOCK_OFF_MAX_S: Final = 3_600
"""How far the time in a cosignature may lie from ours: beyond it, it is no time in seconds."""


class WitnessSilentError(Exception):
    """No answer that one can use: the witness is asked again soon."""


class WitnessRefusedError(Exception):
    """The witness does not sign, and asking again changes nothing: a person must look at it."""


class WitnessAheadError(Exception):
    """The witness has seen more than this log holds: an older copy, or a second history."""


def make_client() -> httpx.Client:
    """Return the client for all witnesses. It takes no proxy and no password from around it."""
    return httpx.Client(
        timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, headers={"accept": "*/*"}
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of one witness: `old_size` is what it was last known to have seen."""

    url: str
    key: VerifierKey
    checkpoint: StoredCheckpoint
    """With the log's signature alone: witnesses take few bytes, and know no others."""

    old_size: int

    def ask(self, http: httpx.Client, store: Store, *, now_s: float) -> StoredCosignature:
        """Return the witness's verified line over the checkpoint, else raise one of the three."""
        old_size = self.old_size
        for _ in range(TRIES_MAX):
            status, kind, body = self._send(http, self._submission(store, old_size))
            if status == HTTPStatus.OK:
                return self._taken(body, now_s)
            if status != HTTPStatus.CONFLICT:
                raise _meaning(status, body)
            old_size = self._seen(store, kind, body)
        raise WitnessSilentError("others move this witness while we ask")

    def _submission(self, store: Store, old_size: int) -> bytes:
        assert self.checkpoint.note is not None, "only what the register accepted is shown"
        with store.snapshot() as reader:
            proof = TileHashes(reader, self.checkpoint.size).consistency_path(old_size)
        note = self.checkpoint.note
        return make_submission(old_size=old_size, proof=proof, checkpoint=note).text.encode()

    def _send(self, http: httpx.Client, content: bytes) -> tuple[int, str, str]:
        until = time.monotonic() + 2 * TIMEOUT_S
        body = b""
        url = f"{self.url.rstrip('/')}/{ADD_CHECKPOINT}"
        try:
            with http.stream("POST", url, content=content) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > ANSWER_MAX or time.monotonic() > until:
                        raise WitnessSilentError("its answer does not end")
                kind = response.headers.get("content-type", "")
                return response.status_code, kind, body.decode()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
            raise WitnessSilentError(str(error) or type(error).__name__) from error

    def _taken(self, body: str, now_s: float) -> StoredCosignature:
        assert self.checkpoint.note is not None
        try:
            taken = take_cosignature(self.checkpoint.note, body, self.key)
        except EvidenceError as error:
            # Never kept: one bad line would spoil the checkpoint for all who know this witness.
            raise WitnessRefusedError(f"its signature is not to be used: {error}") from error
        if abs(taken.time_s - now_s) > CLOCK_OFF_MAX_S:
            raise WitnessRefusedError(
                f"it signed at {taken.time_s} seconds since 1970, and now is {int(now_s)}"
            )
        return StoredCosignature(self.checkpoint.size, str(self.key), taken.time_s, taken.line)

    def _seen(self, store: Store, kind: str, body: str) -> int:
        """Return the size that the witness has seen, as the answer 409 says it."""
        if kind.partition(";")[0].strip() != SIZE_TYPE:
            raise WitnessSilentError(f"a conflict without a size [{kind[:80]}]")
        try:
            size = parse_size(body)
        except EvidenceError as error:
            raise WitnessSilentError(str(error)) from error
        if size <= self.checkpoint.size:
            return size
        with store.snapshot() as reader:
            head = reader.bound
        if size > head:
            raise WitnessAheadError(f"it has seen {size} entries, and this log holds {head}")
        raise WitnessSilentError("it has signed a later checkpoint in the meantime")


def _meaning(status: int, body: str) -> Exception:
    """Return what an answer means that is neither a signature nor a size."""
    said = f"{status} {' '.join(body.split())[:200]}"
    is_ours = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_ours and status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}:
        return WitnessRefusedError(said)
    return WitnessSilentError(said)
