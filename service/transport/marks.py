"""Marks: a relay knows what it has published from the topic itself.

Each record carries a signed mark: up to which position everything was acknowledged when it was
sent. Who starts again reads the newest mark and goes on behind it. So what a crash took away is
sent again, some records are sent twice, and none is left out. There is no row beside the topic that
could say something else than the topic.
"""

from __future__ import annotations

from typing import Final

from generation.broker import Reader
from generation.delivery import Record
from schemas import canonical
from schemas.envelope import cose
from schemas.envelope.keys import SigningKey
from schemas.messages import LedgerKeys
from schemas.refusals import Malformed

HEADER: Final = "mark"
"""The name of the header."""

BACK: Final = (1, 16, 256, 4096)
"""How far from the end of a partition to look: a record that is not ours has no mark."""

_MARK_BYTES_MAX: Final = 1000


class Marks:
    """Makes and reads the marks of one ledger."""

    def __init__(self, ledger: LedgerKeys, key: SigningKey) -> None:
        self._ledger = ledger
        self._key = key

    def make(self, topic: str, through: int) -> bytes:
        """Say that everything up to a position is in the topic."""
        content = canonical.encode({"through": through, "topic": topic})
        origin = self._ledger.origin
        return cose.sign1(content, self._key, issuer=origin, subject=origin)

    def read(self, record: Record) -> int | None:
        """Return what a record's mark says; None where it has none of this ledger."""
        try:
            return self._read(record.headers.get(HEADER, b""), record.topic)
        except Malformed:
            return None

    def newest(self, reader: Reader) -> int | None:
        """Return up to where a topic is whole; None where no record of ours is near its end."""
        found = [self._newest(reader, *place) for place in reader.ends().items()]
        return max((one for one in found if one is not None), default=None)

    def _newest(self, reader: Reader, partition: int, ends: tuple[int, int]) -> int | None:
        begin, end = ends
        for back in BACK if end > begin else ():
            rows = reader.between(partition, max(begin, end - back), end)
            marks = [mark for row in rows if (mark := self.read(row)) is not None]
            if marks:
                return max(marks)
        return None

    def _read(self, raw: bytes, topic: str) -> int | None:
        if not raw or len(raw) > _MARK_BYTES_MAX:
            return None
        envelope = cose.read(raw)
        public = self._ledger.process.get(envelope.kid)
        if public is None or envelope.payload is None or envelope.issuer != self._ledger.origin:
            return None
        envelope.verify(public)
        said = canonical.parse(envelope.payload, bytes_max=_MARK_BYTES_MAX)
        return said["through"] if isinstance(said, dict) and said.get("topic") == topic else None
