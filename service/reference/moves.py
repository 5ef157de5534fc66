"""Which scopes an event moves, found by asking examples of it.

An event says its scopes itself (`Event.scopes`). Here every kind of value that this may depend on
is put into an example, so that a page, and a test, can say what the code does.
"""

from __future__ import annotations

import inspect
import itertools
import re
import types
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.events.base import Event
from schemas.values import Checked

_FIELD = re.compile(r"self\.(\w+)")
_ID = re.compile(r"\^([a-z]{3})_")
_MONTH = "2026-11"

SIMPLE: Final[Mapping[Any, list[Any]]] = MappingProxyType(
    {bool: [True, False], type(None): [None], int: [1]}
)
"""Examples of simple types; of a closed list, every value is one."""


def moved(event: type[Event]) -> tuple[str, ...]:
    """Return the scope tags that an event may move, as forms: `rights:<rec>`, `policy:log`."""
    found: dict[str, None] = {}
    for example in _examples(event):
        try:
            tags = example.scopes()
        except AssertionError:
            continue  # a combination that no decision makes, and the event says so
        found.update((_form(tag), None) for tag in tags if not tag.endswith(":None"))
    return tuple(sorted(found))


def _form(tag: str) -> str:
    """Write a tag of an example as a form."""
    shown = re.sub(r"\b([a-z]{3})_example", r"<\1>", tag).replace(_MONTH, "<month>")
    return shown.replace("/text", "/<value>")


def _examples(event: type[Event]) -> Iterator[Event]:
    """Yield examples with every combination of what `scopes` looks at."""
    read = set(_FIELD.findall(inspect.getsource(event.scopes)))
    fields = event.model_fields
    kinds = {name: _values(fields[name]) for name in read if name in fields}
    for chosen in itertools.product(*kinds.values()):
        yield event.model_construct(**dict(zip(kinds, chosen, strict=True)))


def _values(field: FieldInfo) -> list[Any]:
    return _kinds(field.annotation, tuple(field.metadata))


def _kinds(kind: Any, metadata: tuple[Any, ...] = ()) -> list[Any]:
    """Return one example of each kind of value that a type takes, the fullest first."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        return _kinds(inner, (*metadata, *more))
    arms = get_args(kind)
    if origin in (Union, types.UnionType):
        return [value for arm in arms for value in _kinds(arm, metadata)]
    if origin is tuple:
        return [*((value,) for value in _kinds(arms[0])), ()]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return list(_models(kind))
    return [_text(metadata)] if kind is str else SIMPLE.get(kind, list(arms))


def _models(kind: type[BaseModel]) -> Iterator[BaseModel]:
    """Yield the fullest example of a model, then one for each other kind of each field."""
    values = {name: _values(field) for name, field in kind.model_fields.items()}
    first = {name: found[0] for name, found in values.items()}
    yield kind.model_construct(**first)
    for name, found in values.items():
        for other in found[1:]:
            yield kind.model_construct(**(first | {name: other}))


def _text(metadata: tuple[Any, ...]) -> str:
    patterns = [row.pattern or "" for row in metadata if isinstance(row, Checked)]
    for pattern in patterns:
        if found := _ID.match(pattern):
            return f"{found[1]}_example"
        if pattern.startswith("^[12]"):
            return _MONTH
    return "text"
