"""Which roles there are, and how one is run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from service.observing.observer import Observing
from service.roles.broker import broker_of, process_name
from service.roles.patience import patiently
from service.settings import SettingError, Settings

Act = Callable[[Settings, threading.Event, Observing], None]
"""Acts in a role until told to stop."""


def generation(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Render what is authorized. Knows the broker and the artifacts, and no database."""
    from generation.artifact_opening import open_artifacts  # noqa: PLC0415 - each role its own
    from generation.broker import Broker  # noqa: PLC0415 - likewise
    from generation.consumer import GenerationConsumer  # noqa: PLC0415 - likewise
    from service.facts import InstanceFacts  # noqa: PLC0415 - likewise
    from service.rendering import make_worker, read_public_keys  # noqa: PLC0415 - likewise

    chosen = broker_of(settings, observing)
    artifacts = patiently(lambda: open_artifacts(settings.artifact_settings), stop, observing)
    if artifacts is None:
        return
    worker = make_worker(
        settings,
        InstanceFacts.load(settings.instance),
        read_public_keys(settings.ledger_keys),
        artifacts,
        observer=observing,
        keeps_units=False,
    )
    GenerationConsumer(
        worker, Broker(chosen), topics=chosen.topics, name=process_name(), observer=observing
    ).run(stop)


def projections(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Keep the reading models up with the log; several share them."""
    from service.roles.folding import fold  # noqa: PLC0415 - each role its own

    fold(settings, stop, observing)


def relay(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Publish entries and jobs, and ask the witnesses that jobs wait for; one acts at a time."""
    from service.roles.relaying import publish  # noqa: PLC0415 - each role its own

    publish(settings, stop, observing)


def finisher(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Read finished files back, and report what was read."""
    from service.roles.finishing import finish  # noqa: PLC0415 - each role its own

    finish(settings, stop, observing)


def scheduler(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Expire, pay, publish the index, forget, assure; one acts at a time."""
    from service.roles.scheduling import schedule  # noqa: PLC0415 - each role its own

    schedule(settings, stop, observing)


ROLES: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "projections": projections,
        "relay": relay,
        "finisher": finisher,
        "scheduler": scheduler,
        "generation": generation,
    }
)
"""Every role by its name."""


def run(settings: Settings, role: str, stop: threading.Event, observing: Observing) -> None:
    """Act in a role until told to stop. Raises `SettingError` where the engine has no such role."""
    if role != "generation" and settings.database_url is None:
        text = "with a log in a file one process does everything: `liner serve`"
        raise SettingError(f"{text}; roles of their own need LEDGER_DATABASE_URL")
    ROLES[role](settings, stop, observing)
