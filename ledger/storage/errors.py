"""How storage ends: somebody tries again, or the process stops. It never guesses.

    Fatal                   stop, reload, look: nothing leaves this process any more
    +-- CommitUnknown       a commit was sent and its outcome is not known
    +-- Damaged             the file does not say what it must say
    |   +-- TagsDamaged     of one entry, the rest of which can be read
    +-- RegisterRefused     the register does not accept our checkpoint
    |   +-- RegisterMoved   it stands elsewhere: prove from there, and ask again
    +-- RegisterSilent      the register does not answer
    +-- RegisterLost        there is no register where one must be
    +-- RegisterMisplaced   the register lies where it would be restored with the database
    +-- OlderCopy           the register has seen more than the database holds
    +-- AlreadyHeld         another process has the file open
    +-- SettingInvalid      the address of the database or of the register is none
    Conflict (schemas)      try again; the code of all three is `busy`
    +-- Busy                the queue is full, or the lock is held too long
    +-- StorageFull         no room: nothing of the batch was written
    +-- ClockOff            our clock and the database's differ by more than a minute

A malformed command is `schemas.refusals.Malformed`, as everywhere. `Clash` never leaves this
package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.refusals import Conflict

if TYPE_CHECKING:
    from ledger.storage.records import StoredEntry


class Fatal(Exception):  # noqa: N818 - one of the three ends, named as the house names it
    """Stop this process and reload: what is true now can only be read, not known."""


class CommitUnknown(Fatal):
    """A commit was sent and its outcome is not known. Reload; never guess."""


class Damaged(Fatal):
    """The file does not say what it must say: restore it from a copy that the register accepts."""


class TagsDamaged(Damaged):
    """The tags of an entry are no texts; `entry` is the rest of it, for an audit to read."""

    def __init__(self, entry: StoredEntry) -> None:
        super().__init__(f"the tags that are stored with entry {entry.position} cannot be read")
        self.entry = entry


class RegisterRefused(Fatal):
    """The register does not accept our checkpoint: its history and ours differ."""


class RegisterMoved(RegisterRefused):
    """The register stands at another size, `size`, than we took it to."""

    def __init__(self, size: int, old_size: int) -> None:
        super().__init__(f"the register is at {size}, not at {old_size}")
        self.size = size


class RegisterSilent(Fatal):
    """The register does not answer, so nothing that was committed may leave."""


class RegisterLost(Fatal):
    """There is no register where one must be; seeding it again is an explicit command."""


class RegisterMisplaced(Fatal):
    """The register lies in the data folder, where a restored backup would take it back too."""


class OlderCopy(Fatal):
    """The register has seen more than the database holds: this is an older copy of the file."""


class SettingInvalid(Fatal):
    """A setting says nothing that can be used; the sentence names it, and repeats none of it."""


class EngineTooOld(Fatal):
    """The database engine is older than what the statements of ours are written for."""


class AlreadyHeld(Fatal):
    """Another process has this file open for writing.

    `pid`, `host`, `started` (RFC 3339) and `url` are what that process has written about itself;
    each may be None.
    """

    def __init__(
        self,
        path: str,
        *,
        pid: int | None = None,
        host: str | None = None,
        started: str | None = None,
        url: str | None = None,
    ) -> None:
        who = f"process {pid}" if pid is not None else "another process"
        where = f" on {host}" if host else ""
        since = f", since {started}" if started else ""
        door = f"; it answers at {url}" if url else "; stop it first, or use another file"
        super().__init__(f"{path} is held by {who}{where}{since}{door}")
        self.pid = pid
        self.host = host
        self.started = started
        self.url = url


class Busy(Conflict):
    """The queue is full, or the lock is held too long: try again in a moment."""

    def __init__(self, message: str) -> None:
        super().__init__("busy", message)


class StorageFull(Conflict):
    """There is no room for the batch. Nothing of it was written; free some space and try again."""

    def __init__(self, message: str) -> None:
        super().__init__("busy", message)


class ClockOff(Conflict):
    """The instant of a decision is more than a minute off the database's clock."""

    def __init__(self, message: str) -> None:
        super().__init__("busy", message)


class Clash(Exception):  # noqa: N818 - nobody outside sees it
    """An event's id is in the log already: the batch with it is not written."""
