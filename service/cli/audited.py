"""What an audit reads, and how tables are rebuilt.

The log of this folder, an export of one, a checkpoint with bundles, or what a service hands over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.audit import AuditLog, StoreLog
from ledger.audit.exported import ExportLog
from ledger.evidence.errors import EvidenceError
from ledger.evidence.vkeys import parse_vkey
from ledger.feed import Feed
from ledger.rights.view import Recorded
from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from ledger.storage.following import LEFT_BEHIND_S
from ledger.storage.registers import open_register
from ledger.storage.signal import VisibleHead
from projections.database import Database
from projections.digest import digest
from projections.engines import open_database
from projections.rebuild import Rebuilt, rebuild
from projections.sql import statements
from projections.standard import standard
from projections.tables import Tables
from service.beside import open_store
from service.cli.ends import EndError, ExitCode, usage
from service.cli.output import Bar
from service.cli.tiled import of_folder, of_service

if TYPE_CHECKING:
    from service.cli.run import Run

FACTS = "audit.json"
"""What an export has, and a folder of a checkpoint and bundles alone has not."""

VISIBLE_S: Final = 2 * LEFT_BEHIND_S
LOOK_AGAIN_S: Final = 0.05
"""How long what the register has accepted may take to be visible, and how often one looks.

Where a process ended in between, another shows it when it has been left behind for so long: until
then a log lacks nothing, and is not said to be an older copy.
"""


@contextmanager
def open_log(run: Run, source: Path | None, vkey: str | None) -> Iterator[tuple[AuditLog, str]]:
    """Give the log to audit, and the verifier key to trust.

    With `--as` it is read as that party may see it, and not with everything that the folder holds.
    """
    if vkey is not None:
        try:
            parse_vkey(vkey)
        except EvidenceError as error:
            # Not the log is at fault, but what it should be audited by.
            raise EndError("policy_invalid", str(error)) from error
    if run.options.server or _is_bare(source):
        if vkey is None:
            raise usage("whom do you trust? give --vkey KEY, the log's verifier key")
        yield of_folder(source) if source is not None else of_service(run.door), vkey
        return
    if source is not None:
        log = ExportLog(source)
        if vkey is None:
            run.out.hint("The key is the export's own: --vkey names the one that you trust.")
        yield log, log.vkey if vkey is None else vkey
        return
    trusted = run.facts.checkpoint_vkey if vkey is None else vkey
    if run.options.as_party is not None:
        yield of_service(run.door), trusted
        return
    accepted = _accepted(run)
    with _store(run) as store:
        yield _shown(store, run, accepted), trusted


def _accepted(run: Run) -> int:
    """Return the size that the register has accepted; 0 where there is none to ask."""
    keys = list(map(parse_vkey, run.facts.vkeys))
    try:
        register = open_register(run.settings.register, keys)
        try:
            return register.held().size
        finally:
            register.close()
    except Fatal as error:
        run.out.hint(f"Whether this is the newest copy is not known: {error}")
        return 0


def _shown(store: Store, run: Run, accepted: int) -> StoreLog:
    """Return the log of a store that shows all that the register had accepted, else `older_copy`.

    The register accepts first, and the visible head moves then: whoever writes beside us is waited
    for. A tail that was cut off leaves a log that is sound, and is found out here alone.
    """
    until = time.monotonic() + VISIBLE_S
    while (log := StoreLog(store, origin=run.facts.origin)).size < accepted:
        if time.monotonic() > until:
            text = (
                f"the register has accepted {accepted} entries, and this folder shows {log.size}:"
                " it is an older copy, or its end was cut off or hidden"
            )
            raise EndError("older_copy", text, ExitCode.INVALID)
        time.sleep(LOOK_AGAIN_S)
    return log


def _is_bare(source: Path | None) -> bool:
    return source is not None and source.is_dir() and not (source / FACTS).exists()


@contextmanager
def _store(run: Run) -> Iterator[Store]:
    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    with open_store(run.settings) as store:
        yield store


class _Counted(Feed):
    """The log, telling a bar how far it was read."""

    bar: Bar

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Read on, and say so."""
        found = super().read_after(position, limit)
        if found:
            self.bar.at(found[-1].position)
        return found


def rebuild_all(run: Run, names: Sequence[str] | None, *, swap: bool) -> list[dict[str, Any]]:
    """Rebuild projections one after the other; return a row for each."""
    with _store(run) as store:
        with store.snapshot() as reader:
            head = reader.bound
        feed = _Counted(store, VisibleHead(head))
        known = {each.NAME: each for each in standard(feed)}
        unknown = sorted(set(names or ()) - set(known))
        if unknown:
            raise usage(f"projections are {', '.join(known)}, not {', '.join(unknown)}")
        database = open_database(run.settings.log_database)
        rows = []
        try:
            for name, projection in known.items():
                if names and name not in names:
                    continue
                with run.out.progress(f"rebuilding {name}", head) as bar:
                    feed.bar = bar
                    found = rebuild(database, feed, projection, swap_if_different=swap)
                rows.append(_row(database, found))
        finally:
            database.close()
    return rows


def _row(database: Database, found: Rebuilt) -> dict[str, Any]:
    """Return what is told of a rebuild; the digest is that of the tables that are live now."""
    state = "equal" if found.equal else "new" if found.different is None else "differs"
    with database.read() as connection:
        now = digest(Tables(connection, statements(found.name)))
    return {
        "projection": found.name,
        "position": found.position,
        "state": state,
        "different": found.different,
        "digest": now,
        "swapped": found.swapped,
    }
