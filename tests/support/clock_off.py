"""The command line in a process whose clock is off: its arguments are seconds, then `liner`'s.

Everything of ours asks one function for the time, and it is changed before anything has asked.
"""

import sys
from datetime import UTC, datetime, timedelta

from ledger.storage import instants

OFF = timedelta(seconds=int(sys.argv[1]))


def utc_now() -> datetime:
    """Return what this process takes for the time."""
    return datetime.now(UTC) + OFF


instants.utc_now = utc_now

from service.cli.program import main  # noqa: E402 - binds the clock

main(sys.argv[2:])
