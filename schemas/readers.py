"""Typed values straight from their canonical bytes: form, canonical writing and types at one look.

Reading strictly (`canonical.parse`) and typing (pydantic) walk the same value twice, in Python for
much of it. A `Reader` lets msgspec (C) decode into a record of exactly the class's fields, writes
that record again and compares: then the bytes are canonical, and nothing was left out. What stands
inside what the log holds (money, a recording with its controllers) is read once for each different
sequence of bytes, and shared: values are frozen, and a song's people are named in every entry about
it. What a command holds inside (a consent under a new id) was mostly never read before.

A reader takes only the usual form. Of whatever else it says `UnusualError`, and the slow way, which
is the definition, reads it or says what is wrong; `tests/properties/test_readers.py` compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec.structs import asdict
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from schemas.field_shapes import KEPT, Finish, Shape, Shaper, alone, annotation_of, first_texts
from schemas.making import of_fields
from schemas.records import make_record
from schemas.refusals import Malformed
from schemas.values import Value

M = TypeVar("M", bound=Value)

NOTHING_OPENED: Final[Mapping[str, Any]] = MappingProxyType({})
"""No field has a value that was opened before."""


class UnusualError(Exception):
    """These bytes have another form, which may be right as well: the slow way knows."""


_write: Final = msgspec.json.Encoder(order="sorted").encode
FAULTS: Final = (
    msgspec.MsgspecError,
    UnicodeError,
    RecursionError,
    ValidationError,
    PydanticCustomError,
    Malformed,
)
"""Whatever is raised where bytes are not what they should be."""


class Form(Generic[M]):
    """A class's values as records of msgspec's, and how a value is made of one."""

    def __init__(self, cls: type[M], *, recorded: bool, keeps: bool) -> None:
        shaper = Shaper(lambda inner: _nested(inner, recorded=recorded), recorded, keeps)
        shapes = {
            name: shaper.shape(annotation_of(field)) for name, field in cls.model_fields.items()
        }
        # In the order of the class: so a record's members are a value's, as they are.
        self.record = make_record(
            cls.__name__,
            [(name, shape.type) for name, shape in shapes.items()],
            frozen=True,
            forbid_unknown_fields=True,
        )
        self._cls = cls
        self._all = set(shapes)
        self._finishes = [(n, shape.finisher()) for n, shape in shapes.items() if shape.finish]
        self._checks = _checks(cls)

    def value(self, record: Any, opened: Mapping[str, Any] = NOTHING_OPENED) -> M:
        """Make the value, what was opened in place of commitments, or raise what is raised."""
        fields = asdict(record)
        for name, finish in self._finishes:
            if name not in opened:
                fields[name] = finish(fields[name])
        for name, value in opened.items():
            fields[name] = opens(self._cls, name)(value)
        made = of_fields(self._cls, fields, self._all)
        for check in self._checks:
            check(made)
        return made


class Reader(Generic[M]):
    """Reads one class. `recorded`: the bytes come from the log (see `schemas.values.parse`)."""

    def __init__(self, cls: type[M], *, recorded: bool) -> None:
        self._form = Form(cls, recorded=recorded, keeps=recorded)
        self._decode = msgspec.json.Decoder(self._form.record).decode

    def read(self, raw: bytes, opened: Mapping[str, Any] = NOTHING_OPENED) -> M:
        """Return the value whose canonical bytes these are, or raise `UnusualError`.

        `opened` gives fields their values where the bytes hold a commitment that was opened before.
        """
        try:
            record = self._decode(raw)
            if _write(record) != raw:
                raise UnusualError
            return self._form.value(record, opened)
        except FAULTS as error:
            raise UnusualError from error


@cache
def reader_of(cls: type[Value], *, recorded: bool) -> Reader[Any] | None:
    """Return the one reader of a class; None of one that is looked at before its fields are."""
    return None if _has_other_checks(cls, recorded=recorded) else Reader(cls, recorded=recorded)


@cache
def _nested(cls: type[Value], *, recorded: bool) -> Shape | None:
    """Return the shape of a class's values inside others."""
    if _has_other_checks(cls, recorded=recorded):
        return None
    form = Form(cls, recorded=recorded, keeps=False)
    shared = lru_cache(maxsize=KEPT)(form.value)
    return Shape(form.record, shared if cls.REPEATED else form.value)


@cache
def opens(cls: type[Value], name: str) -> Finish:
    """Return what reads the value that was committed to in a field, as it was opened.

    Nearly always that is a name, in a field that takes a name or a commitment to one.
    """
    annotation = annotation_of(cls.model_fields[name])
    slow = alone(annotation, recorded=True)
    texts = first_texts(annotation)
    if texts is None:
        return slow
    is_one = texts.fullmatch  # msgspec would make the type ready for each value
    return lambda value: value if type(value) is str and is_one(value) else slow(value)


def _has_other_checks(cls: type[Value], *, recorded: bool) -> bool:
    """Tell whether a class has validators that are not asked about the whole value at the end."""
    found = cls.__pydantic_decorators__
    skips = recorded and cls.ON_ARRIVAL
    return bool(found.field_validators or found.validators or found.root_validators) or any(
        each.info.mode != "after" and not skips for each in found.model_validators.values()
    )


def _checks(cls: type[Value]) -> tuple[Callable[[Any], Any], ...]:
    """Return a class's own validators, which see the whole value."""
    found = cls.__pydantic_decorators__.model_validators.values()
    return tuple(each.func for each in found if each.info.mode == "after")
