"""Values made of values that were read before: right by construction, and not validated again.

The one way past validation. It is for what a decision repeats by the hundred; everything that is
made so stands in an event, and an event that would not be read back as it was made fails the tests
(`tests/properties/test_memo_properties.py`).
"""

from __future__ import annotations

from typing import Any, TypeVar

from schemas.values import Value

M = TypeVar("M", bound=Value)

_set = object.__setattr__


def made(cls: type[M], **fields: Any) -> M:
    """Make a value of all its fields, each as its validator would leave it."""
    value = cls.__new__(cls)
    _set(value, "__dict__", fields)
    _set(value, "__pydantic_fields_set__", set(fields))
    _set(value, "__pydantic_extra__", None)
    _set(value, "__pydantic_private__", None)
    return value
