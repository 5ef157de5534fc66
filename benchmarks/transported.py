"""A ledger, a real broker and workers in processes of their own, for what measures the transport.

The ledger is one process on a file: relay and finisher are threads of it. The synthesizer remembers
what it rendered and may wait before it answers; each file is embedded, signed, stored, read back
and paid for like any other.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.broker_settings import BrokerSettings
from generation.consumer import GROUP
from service.instance import Instance
from tests.kit.instance import Place, make
from tests.support.kafka_broker import KafkaBroker, NamedBroker, named
from tests.support.transport_roles import Transport, members, running, worker_process


@contextmanager
def broker() -> Iterator[KafkaBroker | NamedBroker]:
    """Give a broker: the one that LINERNOTES_TEST_KAFKA names, else one of our own."""
    if given := named():
        yield given
        return
    with TemporaryDirectory() as folder:
        ours = KafkaBroker(Path(folder) / "kafka")
        try:
            yield ours
        finally:
            ours.stop()


@contextmanager
def founded() -> Iterator[tuple[Place, Instance]]:
    """Give a fresh ledger whose witnesses are asked; nothing else acts in it by itself."""
    with TemporaryDirectory() as folder:
        place = make(Path(folder) / "place")
        with place.open() as instance:
            instance.witnessing.start()
            instance.stack.callback(instance.witnessing.close)
            yield place, instance


@contextmanager
def transported(
    place: Place, instance: Instance, settings: BrokerSettings, *, workers: int, wait_s: float
) -> Iterator[Transport]:
    """Run relay, finishers and some workers, which have joined when this is given.

    As many finishers as workers and one more: reading a file back takes a process of its own.
    """
    transport = Transport(instance, settings)
    with ExitStack() as stack:
        finishers = [transport.finisher() for _ in range(workers + 1)]
        stack.enter_context(running(transport.relay(), *finishers))
        for number in range(workers):
            folder = place.folder / f"worker-{number}"
            stack.enter_context(worker_process(place, settings, folder, wait_s=wait_s))
        while members(settings, GROUP) != workers:
            threading.Event().wait(0.1)
        yield transport
