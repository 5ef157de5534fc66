"""The role that empties the log into the broker."""

from __future__ import annotations

import threading
from contextlib import closing

from generation.broker import Broker
from service.core import Core
from service.observing.observer import Observing
from service.observing.standing import relay_numbers, witness_numbers
from service.rendering import public_keys
from service.roles.parts import broker_of, held_or_ended
from service.settings import Settings
from service.transport.making import make_topics_soon
from service.transport.relay import Relay
from service.workers.witnessing import Witnessing


def publish(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Publish, or stand by, until told to stop."""
    chosen = broker_of(settings, observing)
    with Core(settings, observing=observing) as core, closing(core.storage.role("relay")) as role:
        if not (role.wait(stop.is_set) and make_topics_soon(chosen, stop)):
            return
        witnessing = Witnessing(core.store, core.storage.visible, core.policy.current)
        with closing(witnessing):
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
                hold=held_or_ended(role),
                observer=observing,
            )
            observing.metrics.watch(
                "relay", lambda: relay_numbers(lambda: relay.entries.position, core.store)
            )
            relay.run(stop)
