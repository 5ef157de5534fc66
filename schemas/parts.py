"""Some fields of an event straight from its entry: for who folds our own entries by the thousand.

A `Part` names fields of a class; what they are follows from the class, so it is no second
description of an event. One decode gives them as records with the names that the values have, and
texts as they stand: whoever takes one knows what it does with a text that is none of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union
from typing import get_args as args_of
from typing import get_origin as origin_of

import msgspec

from schemas.events.base import Event
from schemas.readers import FAULTS, opens
from schemas.records import make_record
from schemas.values import Value

_ESCAPE: Final = b"\\"


class Part:
    """Reads the fields that are named. Every other one, and who signed, is not looked at."""

    def __init__(self, cls: type[Event], *names: str) -> None:
        self.cls = cls
        self.places = {f"/data/{name}": name for name in cls.COMMITTED if name in names}
        """Where in an entry's payload the ledger commits to one of the fields, and which it is."""
        inside = _make(cls.__name__, _fields(cls, names))
        entry = _make("Entry", [("data", inside), ("version", int)])
        self._opens = {name: opens(cls, name) for name in self.places.values()}
        self._decode = msgspec.json.Decoder(entry).decode

    def read(self, content: bytes, opened: Mapping[str, Any]) -> Any | None:
        """Return a record with these fields out of an entry's payload; None: read the whole event.

        So it is where the version is another, where a value has another type, and where a text is
        written with an escape: the texts of a part hold no tab, no line's end and no backslash.
        `opened` gives fields their values where the bytes hold a commitment.
        """
        if _ESCAPE in content:
            return None
        try:
            found: Any = self._decode(content)
            data = found.data
            for name, value in opened.items():
                setattr(data, name, self._opens[name](value))
        except FAULTS:
            return None
        return data if found.version == self.cls.VERSION else None


def _fields(cls: type[Value], names: Iterable[str]) -> list[tuple[str, Any]]:
    return [(name, _kind(cls.model_fields[name].annotation)) for name in names]


@cache
def _record(cls: type[Value]) -> type[msgspec.Struct]:
    """Return the record of all fields of a value inside another."""
    return _make(cls.__name__, _fields(cls, cls.model_fields))


def _make(name: str, fields: list[tuple[str, Any]]) -> type[msgspec.Struct]:
    return make_record(name, fields, frozen=False, forbid_unknown_fields=False)


def _kind(annotation: Any) -> Any:
    """Return what msgspec reads a field as: its type without what is asked of it."""
    origin, inside = origin_of(annotation), args_of(annotation)
    if origin is Annotated:
        return _kind(inside[0])
    if origin is Literal:
        return reduce(or_, map(type, inside))
    if origin in {Union, UnionType}:
        return reduce(or_, map(_kind, inside))
    if origin is tuple and inside[1:] == (...,):
        return tuple.__class_getitem__((_kind(inside[0]), ...))
    is_value = isinstance(annotation, type) and issubclass(annotation, Value)
    return _record(annotation) if is_value else annotation
