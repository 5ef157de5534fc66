"""A generation worker whose synthesizer remembers: `python -m tests.kit.instant_worker`.

Everything but the time that rendering takes is as in production: audio, manifest, signature,
artifact, messages. Words: its folder, a port to tell of itself at, seconds that each job waits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generation.artifact_opening import open_artifacts
from generation.broker import Broker
from generation.consumer import GenerationConsumer
from service.facts import InstanceFacts
from service.observing.listening import listening
from service.observing.process import observed
from service.rendering import make_worker, read_public_keys
from service.roles.broker import broker_of, process_name
from service.settings import Settings
from service.stopping import stopping
from tests.kit.remembering import Waiting


def main(home: Path, port: int, seconds: float) -> None:
    """Work until told to stop."""
    settings = Settings.of(home)
    facts = InstanceFacts.load(settings.instance)
    with observed("generation") as observing, stopping() as stop:
        chosen = broker_of(settings, observing)  # before its door: nobody finds it ready without
        with listening(observing, role="generation", port=port):
            worker = make_worker(
                settings,
                facts,
                read_public_keys(settings.ledger_keys),
                open_artifacts(settings.artifact_settings),
                observer=observing,
                backends={facts.mosaic_model: Waiting(seconds)},
            )
            GenerationConsumer(
                worker,
                Broker(chosen),
                topics=chosen.topics,
                name=process_name(),
                observer=observing,
            ).run(stop)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
