"""What the ledger has called off, as far as a worker has heard: best effort, decides nothing."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Final

from generation.broker import Broker
from schemas.messages import GenerationCancelMessage, LedgerKeys
from schemas.refusals import Malformed

log: Final = logging.getLogger(__name__)

REMEMBERED_MAX: Final = 10_000
"""Generations that are remembered; older ones have expired."""

READ_S: Final = 1.0
"""How long to wait for a message before looking whether to stop."""


class CalledOff:
    """Hears `generation.cancel`, from the oldest that the topic keeps; one thread does."""

    def __init__(self, broker: Broker, topic: str, ledger: LedgerKeys) -> None:
        self._broker = broker
        self._topic = topic
        self._ledger = ledger
        self._heard: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, generation: str) -> bool:
        """Tell whether a generation was called off."""
        return generation in self._heard

    def listen(self, stop: threading.Event) -> None:
        """Hear until told to stop; `BrokerAwayError` where the broker is."""
        with self._broker.reader(self._topic) as reader:
            while not stop.is_set():
                for record in reader.read(READ_S):
                    self.hear(record.value)

    def hear(self, raw: bytes) -> None:
        """Take in one message, if it is the ledger's word."""
        try:
            message = GenerationCancelMessage.open(raw, self._ledger)
        except Malformed as forged:
            log.warning("a cancellation is not the ledger's word: %s", forged)
            return
        self._heard[message.generation] = None
        while len(self._heard) > REMEMBERED_MAX:
            self._heard.popitem(last=False)
