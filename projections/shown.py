"""How a text is shown that no table of a server can hold: U+0000 as its picture, U+2400.

No statement has held U+0000 since it is refused at the door, but what was said before stays said.
PostgreSQL keeps no such text, so a projection would stop there for ever; a file keeps it, and would
then differ. So both show the picture. The entry is what it was; who needs its letters reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NOTHING: Final = "\0"
PICTURE: Final = "\N{SYMBOL FOR NULL}"
"""What stands in a table for U+0000."""


def shown(value: Any) -> Any:
    """Return a value with the picture in all its texts, however deep."""
    if isinstance(value, str):
        return value.replace(_NOTHING, PICTURE)
    if isinstance(value, dict):
        return {shown(name): shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    return value


def all_shown(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a statement, as a rule with nothing to show in them."""
    for value in values.values():
        if isinstance(value, str) and _NOTHING in value:
            return {name: shown(one) for name, one in values.items()}
    return values
