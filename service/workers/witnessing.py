"""Asking the witnesses, in rounds: all are shown the same checkpoint, so that a quorum can form.

A round takes the newest checkpoint that the register accepted. Nothing waits for it but who asks
for a witnessed proof; what a crash takes away is asked for again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Final, Literal

import httpx

from ledger.evidence.policy import Policy
from ledger.evidence.vkeys import VerifierKey
from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from ledger.storage.signal import VisibleHead
from schemas.refusals import Conflict
from service.witnessed import witnessed
from service.workers.asking import (
    Asking,
    WitnessAheadError,
    WitnessRefusedError,
    WitnessSilentError,
    make_client,
)

log: Final = logging.getLogger(__name__)

EVERY_S: Final = 1.0
"""Seconds from one round to the next at least, unless somebody waits for one (evidence: 1 to 5)."""

ROUND_S: Final = 4.0
"""How long a round waits for the slowest; who is slower is left out until it has answered."""

LOOK_AGAIN_S: Final = 1.0
"""How often to look whether a witness that failed may be asked again."""

BACKOFF_MAX_S: Final = 15.0
"""A witness that failed is asked again after 1, 2, 4, 8, 15, 15 … seconds."""

WITNESSES_MAX: Final = 32
"""Witnesses that are asked at once."""

State = Literal["new", "signed", "silent", "refused", "ahead"]
"""How a witness stands: not asked yet, has signed, or why not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one witness stands; `size` is the newest that it has signed here."""

    name: str
    state: State = "new"
    size: int = 0
    detail: str = ""
    failures: int = 0
    again_at: float = 0.0
    """On the monotonic clock: not asked before."""


class Witnessing:
    """Asks every witness that the policy gives an address for. Use `start`, `close`.

    `policy` returns the policy in force; `clock` gives POSIX seconds.
    """

    def __init__(
        self,
        store: Store,
        visible: VisibleHead,
        policy: Callable[[], Policy],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._visible = visible
        self.policy = policy
        self._clock = clock
        self._standing: dict[VerifierKey, Standing] = {}
        self._asked: dict[VerifierKey, Future[None]] = {}
        self._kept = threading.Condition()
        self._answers = 0
        self._woken = False
        self._stopped = False
        self._http: httpx.Client | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._thread = threading.Thread(target=self._run, name="witnessing", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._http = make_client()
        self._pool = ThreadPoolExecutor(WITNESSES_MAX, thread_name_prefix="witness")
        self._thread.start()

    def tell(self) -> None:
        """Say that it is to stop; returns at once."""
        self._stopped = True
        self._visible.wake()
        with self._kept:
            self._kept.notify_all()

    def close(self) -> None:
        """Stop; what is being asked is waited for, some seconds at most."""
        self.tell()
        if self._thread.is_alive():
            self._thread.join()
        if self._pool is not None and self._http is not None:
            self._pool.shutdown(cancel_futures=True)
            self._http.close()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def standing(self) -> tuple[Standing, ...]:
        """Return how each witness stands, by name."""
        return tuple(sorted(self._standing.values(), key=lambda one: one.name))

    def wait_for(self, position: int, timeout_s: float) -> bool:
        """Wait until a checkpoint over `position` meets the quorum; False when the time is over.

        At once where the policy asks for no witness.
        """
        until = time.monotonic() + timeout_s
        while not self._stopped:
            heard = self._answers
            with self._store.snapshot() as reader:
                if witnessed(reader, self.policy(), least=position) is not None:
                    return True
            self._wake()
            if not self._wait_for_more(heard, until - time.monotonic()):
                return False
        return False

    def _wait_for_more(self, heard: int, timeout_s: float) -> bool:
        """Wait until more than `heard` answers came; False when the time is over."""
        with self._kept:
            return self._kept.wait_for(lambda: self._answers > heard or self._stopped, timeout_s)

    def _wake(self) -> None:
        """Begin the next round now."""
        self._woken = True
        self._visible.wake()
        with self._kept:
            self._kept.notify_all()

    def _run(self) -> None:
        while not self._stopped:
            begun, head = time.monotonic(), 0
            try:
                head = self._round()
            except Conflict as busy:
                log.info("the witnesses are asked a little later: %s", busy)
            except Fatal:
                log.exception("witnesses are not asked any more: the ledger ended")
                return
            except Exception:
                # Without this thread no proof would be witnessed any more, and nobody be told.
                log.exception("the witnesses are asked a little later")
            self._pause(head, begun)

    def _pause(self, head: int, begun: float) -> None:
        """Wait for more to show, and not before the next round is due, unless somebody waits."""
        self._visible.wait_beyond(head, LOOK_AGAIN_S, stop=self._is_woken)
        with self._kept:
            left = begun + EVERY_S - time.monotonic()
            self._kept.wait_for(self._is_woken, max(left, 0.0))
        # Who waits has its entries in the log already: the next round shows them.
        self._woken = False

    def _is_woken(self) -> bool:
        return self._woken or self._stopped

    def _round(self) -> int:
        """Show the newest checkpoint to all who have not signed it; return its size."""
        policy = self.policy()
        with self._store.snapshot() as reader:
            newest = reader.last_checkpoint()
            known = {key: reader.cosigned_by(str(key)) for key in policy.witnesses.values()}
        if newest is None or newest.note is None:
            return 0
        asked = []
        for key, size in known.items():
            url = policy.urls.get(key.name)
            if url is not None and size < newest.size and self._is_due(key):
                asking = Asking(url=url, key=key, checkpoint=newest, old_size=size)
                asked.append(self._begin(asking))
        wait(asked, timeout=ROUND_S)
        return newest.size

    def _is_due(self, key: VerifierKey) -> bool:
        asked, standing = self._asked.get(key), self._standing.get(key)
        is_free = asked is None or asked.done()
        return is_free and (standing is None or standing.again_at <= time.monotonic())

    def _begin(self, asking: Asking) -> Future[None]:
        assert self._pool is not None, "started"
        future = self._asked[asking.key] = self._pool.submit(self._ask, asking)
        return future

    def _ask(self, asking: Asking) -> None:
        assert self._http is not None, "started"
        standing = self._standing.get(asking.key) or Standing(asking.key.name)
        try:
            row = asking.ask(self._http, self._store, now_s=self._clock())
            self._store.keep_cosignature(row)
            standing = Standing(standing.name, "signed", row.size)
        except WitnessAheadError as error:
            log.error("witness %s: %s", standing.name, error)  # noqa: TRY400 - it says all
            standing = _failed(standing, "ahead", error)
        except WitnessRefusedError as error:
            log.warning("witness %s does not sign: %s", standing.name, error)
            standing = _failed(standing, "refused", error)
        except (WitnessSilentError, Conflict) as error:
            standing = _failed(standing, "silent", error)
        except Fatal as error:
            standing = _failed(standing, "silent", error)  # our own end; the thread sees it too
        except Exception as error:
            log.exception("asking a witness broke [%s]", standing.name)
            standing = _failed(standing, "silent", error)
        self._standing[asking.key] = standing
        with self._kept:
            self._answers += 1
            self._kept.notify_all()


def _failed(standing: Standing, state: State, error: Exception) -> Standing:
    failures = standing.failures + 1
    pause_s = BACKOFF_MAX_S if state != "silent" else min(2.0 ** (failures - 1), BACKOFF_MAX_S)
    return replace(
        standing,
        state=state,
        detail=str(error),
        failures=failures,
        again_at=time.monotonic() + pause_s,
    )
