"""Builds parts of events without validating them, out of values that were validated before.

The one way past validation. It is for what a decision repeats by the hundred; everything that is
made so stands in an event, and an event that would not be read back as it was made fails the tests
(`tests/properties/test_memo_properties.py`).
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from schemas.values import Value

M = TypeVar("M", bound=Value)

_new = object.__new__
# Each sets one slot of pydantic's: asking the value by name takes twice as long, and is refused.
_set_fields = BaseModel.__dict__["__dict__"].__set__
_set_names, _set_extra, _set_private = (
    BaseModel.__dict__[f"__pydantic_{name}__"].__set__
    for name in ("fields_set", "extra", "private")
)


def made(cls: type[M], **fields: Any) -> M:
    """Make a value of all its fields, each as its validator would leave it."""
    return of_fields(cls, fields, _names_of(cls))


@cache
def _names_of(cls: type[Value]) -> set[str]:
    return set(cls.model_fields)


def of_fields(cls: type[M], fields: dict[str, Any], names: set[str]) -> M:
    """Make the same of a dictionary, in the order of the fields; it belongs to the value then.

    `names` are those of all fields. Frozen values of a class may share them.
    """
    value = _new(cls)
    _set_fields(value, fields)
    _set_names(value, names)
    _set_extra(value, None)
    _set_private(value, None)
    return value
