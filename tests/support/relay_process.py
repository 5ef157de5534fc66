"""A relay as a process of its own: it holds the instance's file until it is killed or told to stop.

python -m tests.support.relay_process PLACE BROKER PREFIX
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from generation.broker_settings import BrokerSettings
from tests.kit.instance import Place
from tests.support.transport_roles import Transport


def main() -> None:
    """Publish until told to stop."""
    folder, address, prefix = sys.argv[1:]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with Place(Path(folder)).open() as instance:
        instance.witnessing.start()
        instance.stack.callback(instance.witnessing.close)
        settings = BrokerSettings((address,), prefix=prefix, job_partitions=4)
        Transport(instance, settings).relay().run(stop)


if __name__ == "__main__":
    main()
