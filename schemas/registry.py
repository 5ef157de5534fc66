"""From the name on the wire to the class: commands, and events with their versions.

Names on the wire never come from a module path: moving a file must not lose history. The lists
below are frozen by a test against a committed file.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isclass
from types import ModuleType
from typing import Any, TypeVar

from schemas.commands import (
    catalog as catalog_commands,
)
from schemas.commands import (
    consents as consent_commands,
)
from schemas.commands import (
    erasure as erasure_commands,
)
from schemas.commands import (
    generations as generation_commands,
)
from schemas.commands import (
    log as log_commands,
)
from schemas.commands import (
    parties as party_commands,
)
from schemas.commands import (
    royalties as royalty_commands,
)
from schemas.commands import (
    shares as share_commands,
)
from schemas.commands import (
    terms as term_commands,
)
from schemas.commands.base import Command
from schemas.events import (
    catalog,
    consents,
    erasure,
    generations,
    log,
    parties,
    royalties,
    shares,
    terms,
    verifications,
)
from schemas.events.base import Event
from schemas.model import Wire
from schemas.readers import NOTHING_OPENED
from schemas.refusals import Malformed

M = TypeVar("M", bound=Wire)


def _classes(kind: type[M], *modules: ModuleType) -> list[type[M]]:
    """Return the public classes of `kind` that the modules define themselves, in order."""
    return [
        found
        for module in modules
        for name, found in vars(module).items()
        if isclass(found)
        and issubclass(found, kind)
        and found.__module__ == module.__name__
        and not name.startswith("_")
    ]


COMMANDS: dict[tuple[str, int], type[Command]] = {
    (found.__name__, found.VERSION): found
    for found in _classes(
        Command,
        log_commands,
        party_commands,
        catalog_commands,
        share_commands,
        consent_commands,
        term_commands,
        generation_commands,
        royalty_commands,
        erasure_commands,
    )
}
"""Every command by name and version."""

EVENTS: dict[tuple[str, int], type[Event]] = {
    (found.TOPIC, found.VERSION): found
    for found in _classes(
        Event,
        log,
        parties,
        catalog,
        shares,
        consents,
        terms,
        verifications,
        generations,
        royalties,
        erasure,
    )
}
"""Every event by topic and version."""


def read_command(name: str, version: int, data: Any) -> Command:
    """Return the typed command; `Malformed("value_unknown")` for a name or version we lack."""
    return _command_class(name, version).read(data)


def read_command_bytes(name: str, version: int, raw: bytes) -> Command:
    """Return the same of canonical bytes: see `schemas.model.Wire`."""
    return _command_class(name, version).read_bytes(raw)


def read_event(topic: str, version: int, data: Any, *, recorded: bool = False) -> Event:
    """Return the typed event; its data may hold commitments where openings were erased.

    `recorded` says that the data come from the log: see `schemas.values.parse`.
    """
    return event_class(topic, version).read(data, recorded=recorded)


def read_event_bytes(
    topic: str, version: int, raw: bytes, opened: Mapping[str, Any] = NOTHING_OPENED
) -> Event:
    """Return the same of canonical bytes from the log; `opened`: see `schemas.model.Wire`."""
    return event_class(topic, version).read_bytes(raw, recorded=True, opened=opened)


def event_class(topic: str, version: int) -> type[Event]:
    """Return the class of an event; `Malformed("value_unknown")` for one that we lack."""
    found = EVENTS.get((topic, version))
    if found is None:
        raise Malformed("value_unknown", f"there is no event {topic} version {version}")
    return found


def _command_class(name: str, version: int) -> type[Command]:
    found = COMMANDS.get((name, version))
    if found is None:
        raise Malformed("value_unknown", f"there is no command {name} version {version}")
    return found
