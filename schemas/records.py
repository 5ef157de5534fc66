"""Records of msgspec's that are made while threads run: nobody sees one that is not whole.

What msgspec knows of a record's class it keeps with the class, from before it has looked at the
fields; then it calls Python for their types, and another thread may run. If that one makes a
decoder with the same class in it, it takes what is half made for made, and the first value that it
decodes ends the process (msgspec 0.22, `StructInfo_Convert_lock_held`). So a class is looked at
here, before there is anybody who could share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


def make_record(
    name: str, fields: Sequence[tuple[str, Any]], *, frozen: bool, forbid_unknown_fields: bool
) -> type[msgspec.Struct]:
    """Make a class of records, for msgspec to decode into; those inside it were made here too."""
    made = msgspec.defstruct(
        name, fields, frozen=frozen, forbid_unknown_fields=forbid_unknown_fields, gc=False
    )
    msgspec.json.Decoder(made)  # which looks at every field
    return made
