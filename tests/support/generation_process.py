"""A generation worker as a process of its own: it never opens the ledger.

python -m tests.support.generation_process PLACE BROKER PREFIX FOLDER SECONDS
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from generation.artifacts import ArtifactFolder
from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.consumer import GenerationConsumer
from generation.worker_folder import WorkerFolder
from service.facts import InstanceFacts
from service.rendering import make_worker, read_public_keys
from tests.kit.instance import Place
from tests.kit.remembering import Waiting


def main() -> None:
    """Work until told to stop."""
    place, address, prefix, folder, seconds = sys.argv[1:]
    settings = Place(Path(place)).settings
    facts, ledger = InstanceFacts.load(settings.instance), read_public_keys(settings.ledger_keys)
    worker = make_worker(settings, facts, ledger, ArtifactFolder(settings.artifacts))
    worker._folder = WorkerFolder(Path(folder), keeps_units=False)
    worker._backends = {facts.mosaic_model: Waiting(float(seconds))}
    chosen = BrokerSettings((address,), prefix=prefix)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    consumer = GenerationConsumer(worker, Broker(chosen), topics=chosen.topics, name=folder)
    consumer.run(stop)


if __name__ == "__main__":
    main()
