"""Builds parts of events without validating them, out of values that were validated before.

The one way past validation. It is for what a decision repeats by the hundred; everything that is
made so stands in an event, and an event that would not be read back as it was made fails the tests
(`tests/properties/test_memo_properties.py`).
"""

from __future__ import annotations

from typing import Any, TypeVar

from schemas.values import Value

M = TypeVar("M", bound=Value)

_new = object.__new__
_set = object.__setattr__


def made(cls: type[M], **fields: Any) -> M:
    """Make a value of all its fields, each as its validator would leave it."""
    return of_fields(cls, fields)


def of_fields(cls: type[M], fields: dict[str, Any]) -> M:
    """Make the same of a dictionary, in the order of the fields; it belongs to the value then."""
    value = _new(cls)
    _set(value, "__dict__", fields)
    _set(value, "__pydantic_fields_set__", set(fields))
    _set(value, "__pydantic_extra__", None)
    _set(value, "__pydantic_private__", None)
    return value
