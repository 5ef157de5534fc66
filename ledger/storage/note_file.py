"""One log's newest note in a file: a crash anywhere leaves the old note or the new one, whole.

A line that says what this is, the log's origin, and then notes, each after its length; the last
whole one counts. To append is one write and one wait for the disk, five times less than to replace
a file, so a file is replaced only when it is made, and when it has grown long. A note that is cut
short was never waited for: it is as if it had not been written. Anything else that is not as it
must be is an error.
"""

import os
import threading
from pathlib import Path
from typing import Final

from ledger import whole_file
from ledger.storage.killpoints import reach

_HEADER: Final = b"linernotes register v2"
_FORMER: Final = b"linernotes register v1"  # one note after the origin, or none

BYTES_MAX: Final = 65_536
"""Beyond this a file is made anew with its last note alone: some two hundred batches."""

_LENGTH_DIGITS_MAX: Final = 7

Stamp = tuple[int, int, int]
"""Number, size in bytes and time of change (ns) of a file: the same while nobody has written."""


class SpoiledError(Exception):
    """The file is not what it must be."""


class NoteFile:
    """A note and the origin of its log. From any thread; of several processes one writes.

    The file stays open for the next note. Whether it is still the one at `path`, and as it was
    left, is asked each time it is read: by its number, size and time. Where another process has
    appended to it, what follows is read and no more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._known = ("", "")
        self._end = 0
        self._handle = -1  # of the file that `_stamp` is of; or of none

    def read(self) -> tuple[str, str]:
        """Return origin and newest note, which is empty where there is none yet.

        Raises `OSError`, `SpoiledError`. A file that has not changed is not read again.
        """
        with self._lock:
            return self._read()

    def write(self, note: str) -> None:
        """Make `note` the newest in a file that is there, durably.

        Others are kept from writing since it was last read.
        """
        with self._lock:
            origin, _ = self._known if self._stamp is not None else self._read()
            if 0 < self._end <= BYTES_MAX:
                self._append(origin, note)
            else:
                self._replace(origin, note)

    def replace(self, origin: str, note: str) -> None:
        """Make the file anew, with this note alone, or with none."""
        with self._lock:
            self._replace(origin, note)

    def close(self) -> None:
        """Let the file go; who reads or writes it after that opens it again."""
        with self._lock:
            self._forget()

    def _read(self) -> tuple[str, str]:
        stamp = _stamp(self.path.stat())
        if stamp != self._stamp:
            if not self._read_on(stamp):
                self._forget()
                self._known, self._end = _parse(self.path.read_bytes())
            self._stamp = stamp
        return self._known

    def _read_on(self, stamp: Stamp) -> bool:
        """Read what another process has appended to the file that is open; False if it is not that.

        Who writes only appends, or makes another file; and while this one is open, no other gets
        its number. Where no whole note follows, all is read again, and judged as that.
        """
        number, size, _ = stamp
        if self._handle < 0 or self._stamp is None or number != self._stamp[0]:
            return False
        try:
            note, length = _newest(os.pread(self._handle, max(size - self._end, 0), self._end))
            if length:
                self._known, self._end = (self._known[0], note.decode()), self._end + length
        except (OSError, SpoiledError, UnicodeDecodeError):
            return False
        return length > 0

    def _open(self) -> None:
        if self._handle < 0:
            self._handle = os.open(self.path, os.O_RDWR)
            if _stamp(os.fstat(self._handle)) != self._stamp:
                raise OSError(f"{self.path} was changed while it was opened")

    def _forget(self) -> None:
        """Know nothing of the file any more."""
        self._stamp = None
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _append(self, origin: str, note: str) -> None:
        framed = _framed(note)
        try:
            self._open()
            if self._stamp is None or self._stamp[1] != self._end:
                os.ftruncate(self._handle, self._end)  # what a crash has cut short
            reach("in_register_before_write")
            os.pwrite(self._handle, framed, self._end)
            os.fdatasync(self._handle)
            self._stamp = _stamp(os.fstat(self._handle))
        except BaseException:
            self._forget()
            raise
        self._known, self._end = (origin, note), self._end + len(framed)

    def _replace(self, origin: str, note: str) -> None:
        framed = _framed(note) if note else b""
        self._forget()
        raw = b"%s\n%s\n%s" % (_HEADER, origin.encode(), framed)
        whole_file.replace(self.path, raw, reached="in_register_before_write")


def _framed(note: str) -> bytes:
    raw = note.encode()
    return b"%d\n" % len(raw) + raw


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _parse(raw: bytes) -> tuple[tuple[str, str], int]:
    """Return origin, newest note, and where the next begins: 0 if the file must be made anew."""
    header, _, rest = raw.partition(b"\n")
    origin, gap, rest = rest.partition(b"\n")
    if header not in {_HEADER, _FORMER} or not gap:
        raise SpoiledError("it is no register")
    try:
        if header == _FORMER:
            return (origin.decode(), rest.decode()), 0
        note, end = _newest(rest)
        return (origin.decode(), note.decode()), len(raw) - len(rest) + end
    except UnicodeDecodeError as error:
        raise SpoiledError(str(error)) from error


def _newest(rest: bytes) -> tuple[bytes, int]:
    """Return the last whole note, and the place after it."""
    note, at = b"", 0
    while at < len(rest):
        digits, gap, _ = rest[at : at + _LENGTH_DIGITS_MAX + 1].partition(b"\n")
        if not gap and len(digits) <= _LENGTH_DIGITS_MAX and (digits.isdigit() or not digits):
            break  # cut short inside its length
        if not gap or not digits.isdigit():
            raise SpoiledError("a note has no length")
        begin = at + len(digits) + 1
        end = begin + int(digits)
        if end > len(rest):
            break  # cut short
        note, at = rest[begin:end], end
    return note, at
