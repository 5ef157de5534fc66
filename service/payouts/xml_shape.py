"""A small language for the shape of an XML message: build one in its order, check one by it.

The published XML Schemas are not ours to ship. What of them we use is written down here as shapes:
names, order, how often, and the pattern of each text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class ShapeError(ValueError):
    """A message has not the shape that its standard asks for."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element with a text. `attribute` names an attribute that it must have, with a pattern."""

    name: str
    pattern: str
    attribute: tuple[str, str] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An element with elements inside, in this order, each once."""

    name: str
    parts: tuple[Leaf | Group, ...]
    optional: bool = False


def build(shape: Group, values: Mapping[str, Any], namespace: str) -> bytes:
    """Return the message as UTF-8 XML.

    `values` holds a text, `(text, attribute)`, or a mapping for each name; an optional part may be
    left out. Raises `ShapeError` for what the shape does not know or does not allow.
    """
    root = ET.Element(shape.name, {"xmlns": namespace})
    _fill(root, shape, values)
    raw: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    check(shape, raw, namespace)
    return raw


def _fill(element: ET.Element, shape: Group, values: Mapping[str, Any]) -> None:
    names = {part.name for part in shape.parts}
    if unknown := values.keys() - names:
        raise ShapeError(f"{shape.name} has no {', '.join(sorted(unknown))}")
    for part in shape.parts:
        if part.name not in values:
            continue
        child = ET.SubElement(element, part.name)
        value = values[part.name]
        if isinstance(part, Group):
            _fill(child, part, value)
        elif isinstance(value, tuple):
            assert part.attribute is not None
            child.text = value[0]
            child.set(part.attribute[0], value[1])
        else:
            child.text = value


def check(shape: Group, raw: bytes, namespace: str) -> None:
    """Raise `ShapeError` unless `raw` is a message of this shape. For messages of our own alone."""
    root = ET.fromstring(raw)  # noqa: S314 - our own bytes, never somebody else's
    _check(root, shape, f"{{{namespace}}}", shape.name)


def _check(element: ET.Element, shape: Leaf | Group, space: str, path: str) -> None:
    if element.tag != space + shape.name:
        raise ShapeError(f"{path}: {element.tag} stands where {shape.name} must")
    if isinstance(shape, Leaf):
        _check_leaf(element, shape, path)
        return
    if element.text and element.text.strip():
        raise ShapeError(f"{path} holds elements, not text")
    left = iter(element)
    current = next(left, None)
    for part in shape.parts:
        where = f"{path}/{part.name}"
        if current is not None and current.tag == space + part.name:
            _check(current, part, space, where)
            current = next(left, None)
        elif not part.optional:
            raise ShapeError(f"{where} is missing")
    if current is not None:
        raise ShapeError(f"{path}: {current.tag} does not belong here")


def _check_leaf(element: ET.Element, shape: Leaf, path: str) -> None:
    if list(element):
        raise ShapeError(f"{path} holds a text, not elements")
    if not re.fullmatch(shape.pattern, element.text or ""):
        raise ShapeError(f"{path} is not of the form {shape.pattern}")
    wanted = dict([shape.attribute]) if shape.attribute else {}
    if element.attrib.keys() != wanted.keys():
        raise ShapeError(f"{path} has other attributes than {sorted(wanted)}")
    for name, pattern in wanted.items():
        if not re.fullmatch(pattern, element.attrib[name]):
            raise ShapeError(f"{path}/@{name} is not of the form {pattern}")
