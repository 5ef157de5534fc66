"""What `doctor` looks at. Each check is a row: what, its state (good, bad, off), one sentence."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.storage.errors import Fatal
from ledger.storage.lock import read_holder
from schemas.refusals import Conflict
from service.cli.ends import EndError, end_of

if TYPE_CHECKING:
    from service.cli.run import Run

ROOM_BYTES_MIN: Final = 1 << 30
"""Less free room than this is worth a word: a log and its audio grow."""

PACKAGES: Final = {
    "serve": ("fastapi", "uvicorn", "httpx"),
    "generate": ("numpy", "scipy", "soundfile", "soxr"),
    "inspect": ("c2pa",),
}
"""Packages that a verb needs beyond the base install."""

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier day."""


def checks(run: Run) -> Iterator[dict[str, Any]]:
    """Yield the rows."""
    for name, check in (
        ("instance", _instance),
        ("keys", _keys),
        ("log", _log),
        ("register", _register),
        ("witnesses", _witnesses),
        ("artifacts", _artifacts),
        ("broker", _broker),
        ("room", _room),
        ("clock", _clock),
        ("service", _service),
    ):
        yield _row(name, check, run)
    for name, packages in PACKAGES.items():
        missing = [each for each in packages if importlib.util.find_spec(each) is None]
        said = f"missing: {', '.join(missing)}" if missing else "all packages are installed"
        yield {"check": f"for {name}", "state": "off" if missing else "good", "said": said}


def _row(name: str, check: Callable[[Run], str], run: Run) -> dict[str, Any]:
    try:
        return {"check": name, "state": "good", "said": check(run)}
    except Exception as error:
        found = end_of(error)
        if found is None:
            raise
        return {"check": name, "state": "bad", "said": found.message}


def _instance(run: Run) -> str:
    return f"{run.facts.origin} in {run.settings.home}"


def _keys(run: Run) -> str:
    files = [*run.settings.keys.glob("*.key"), *run.settings.keyring.glob("*")]
    for path in files:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise EndError("key_open", f"{path} may be read by others: chmod 600 {path}")
    if not files:
        raise EndError("key_missing", "there are no keys")
    return f"{len(files)} files, readable by their owner alone"


def _log(run: Run) -> str:
    from service.beside import open_store  # noqa: PLC0415 - only where somebody asks

    try:
        with open_store(run.settings) as store, store.snapshot() as reader:
            found = reader.bound
    except (Fatal, Conflict) as error:
        raise EndError("log_unreachable", str(error)) from error
    where = "a server's database" if run.settings.database_url else str(run.settings.database)
    return f"{found} entries in {where}"


def _register(run: Run) -> str:
    path = run.settings.register
    if run.settings.register_url is not None:
        return _register_service(run, run.settings.register_url)
    if not path.exists():
        raise EndError("register_lost", f"there is no register at {path}")
    same = _disk(path) == _disk(run.settings.home)
    return f"{path}{': on the same disk as the ledger' if same else ''}"


def _register_service(run: Run, setting: str) -> str:
    from ledger.evidence.vkeys import parse_vkey  # noqa: PLC0415 - only where somebody asks
    from ledger.storage.registers import open_register  # noqa: PLC0415 - likewise

    register = open_register(setting, list(map(parse_vkey, run.facts.vkeys)))
    with closing(register):
        return f"a service at {setting.partition('#')[0]}, which holds {register.held().size}"


def _artifacts(run: Run) -> str:
    from generation.artifact_opening import open_artifacts  # noqa: PLC0415 - brings a client

    chosen = run.settings.artifact_settings
    if "://" in str(chosen.place):
        open_artifacts(chosen)  # it asks the bucket whether it lets us in
    elif not os.access(chosen.place, os.W_OK | os.X_OK):
        raise EndError("artifacts_missing", f"there is no folder {chosen.place} to write to")
    return str(chosen.place)


def _broker(run: Run) -> str:
    chosen = run.settings.broker
    if chosen is None:
        return "none: what is authorized is rendered by the service itself"
    from generation.broker import Broker  # noqa: PLC0415 - brings a client

    with Broker(chosen).reader(chosen.topics.entries):
        return f"{', '.join(chosen.bootstrap)} answers, and has the topics of this ledger"


def _witnesses(run: Run) -> str:
    from service.seeding import compare  # noqa: PLC0415 - it asks over the network

    try:
        said, is_well = compare(run.settings)
    except Fatal as error:
        raise EndError("register_lost", str(error)) from error
    if not is_well:
        raise EndError("witness_disagrees", said)
    return said


def _disk(path: Path) -> int:
    return path.stat().st_dev


def _room(run: Run) -> str:
    free = shutil.disk_usage(run.settings.home).free
    if free < ROOM_BYTES_MIN:
        raise EndError("storage_full", f"{free >> 20} MiB are free")
    return f"{free >> 30} GiB are free"


def _clock(run: Run) -> str:
    now = datetime.now(UTC)
    if now < EARLIEST:
        raise EndError("clock_off", f"the clock of {run.settings.home} shows {now:%Y-%m-%d}")
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"


def _service(run: Run) -> str:
    url = read_holder(run.settings.database).get("url")
    if not url:
        return "none announces itself; verbs open the folder themselves"
    host, _, port = str(url).rpartition("//")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
    except OSError:
        return f"one announced {url} and is gone; verbs open the folder themselves"
    return f"answers at {url}"
