"""An entry held against the usual form of its type: what a pattern of `usual.entry_of` leaves open.

For who takes a few fields out of many entries of one type, and need not read them to that type.
"""

import re

from schemas.envelope import cose, fields
from schemas.envelope.entry import ENTRY_BYTES_MAX, EVENTS_MAX
from schemas.refusals import Malformed


def matched(raw: bytes, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Return how the payload of a sound entry matches a pattern of `usual.entry_of`.

    None of whatever else: `read_entry` and the event's type know what it is, or what is wrong.
    """
    try:
        envelope, content = cose.read_own(raw)
        found = pattern.fullmatch(content.decode("ascii"))
    except (Malformed, UnicodeError):
        return None
    if found is None:
        return None
    ledger, index, of, recorded_at = found.group("ledger", "index", "of", "recorded_at")
    is_sound = (
        ledger == envelope.subject == envelope.issuer
        and int(index) < int(of) <= EVENTS_MAX
        and len(raw) <= ENTRY_BYTES_MAX
        and fields.is_instant(recorded_at)
    )
    return found if is_sound else None
