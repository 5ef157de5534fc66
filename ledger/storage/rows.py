"""Records as rows: the values of each in the order in which both databases' tables name them."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

Row = Callable[[Any], tuple[Any, ...]]
"""Takes a record, gives its row."""

COMMAND: Final[Row] = attrgetter("id", "digest", "first", "last", "statement_sha256")
STATEMENT: Final[Row] = attrgetter("sha256", "position", "statement")
OPENING: Final[Row] = attrgetter("event_id", "pointer", "position", "subject", "sealed")
TILE: Final[Row] = attrgetter("level", "index", "hashes")
"""Of `CommandRecord`, `StatementRow`, `SealedRow` and `TileRow`."""
