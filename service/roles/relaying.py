"""The role that empties the log into the broker."""

from __future__ import annotations

import threading
from contextlib import closing

from generation.broker import Broker
from service.core import Core
from service.observing.observer import Observing
from service.observing.standing import relay_numbers, witness_numbers
from service.rendering import public_keys
from service.roles.broker import broker_of
from service.roles.holding import standing_by
from service.roles.patience import patiently
from service.settings import Settings
from service.stopping import ending
from service.transport.making import make_topics_soon
from service.transport.relay import Relay
from service.workers.witnessing import Witnessing


def publish(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Publish, or stand by, until told to stop."""
    chosen = broker_of(settings, observing)
    opened = patiently(lambda: Core(settings, observing=observing), stop, observing)
    if opened is None:
        return
    with opened as core, standing_by(core.storage, "relay", stop) as is_held:
        if is_held is None or not make_topics_soon(chosen, stop):
            return
        witnessing = Witnessing(core.store, core.storage.visible, core.policy.current)
        with closing(witnessing), ending(stop):
            witnessing.start()
            observing.metrics.watch("witnesses", lambda: witness_numbers(witnessing.standing))
            relay = Relay(
                core.store,
                core.feed,
                Broker(chosen),
                topics=chosen.topics,
                ledger=public_keys(core.facts.origin, core.keys),
                key=core.keys.process,
                proving=witnessing,
                hold=is_held,
                observer=observing,
            )
            observing.metrics.watch(
                "relay", lambda: relay_numbers(lambda: relay.entries.position, core.store)
            )
            relay.run(stop)
