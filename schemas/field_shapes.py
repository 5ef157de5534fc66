"""How msgspec reads a field of a type that pydantic checks: its type there, and what is left to do.

Each shape takes no more than pydantic takes; what has no shape of its own is left to pydantic, once
for each different bytes. So a new kind of field is slower until somebody teaches it here, and never
read wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union
from typing import get_args as args_of
from typing import get_origin as origin_of

import msgspec
from pydantic import create_model
from pydantic.fields import FieldInfo

from schemas import canonical
from schemas.refusals import Malformed
from schemas.values import RECORDED, Checked, Recoded, TriedFirst, Value

KEPT: Final = 4_096
"""Values of one class, or of one field, that are kept: some megabytes each at the most."""

Finish = Callable[[Any], Any]
"""Makes of what msgspec found what pydantic would have; raises where pydantic would."""

Nested = Callable[[type[Value]], "Shape | None"]
"""Returns the record of a class and what makes its value; None where only pydantic can."""

_NULL: Final = b"null"
_write: Final = msgspec.json.Encoder(order="sorted").encode


class Shape(NamedTuple):
    """A type of msgspec's, and what is still to be done with what it found there.

    What is `msgspec.Raw` there is always finished, from its bytes.
    """

    type: Any
    finish: Finish | None = None

    def finisher(self) -> Finish:
        """Return what finishes what was found, of whatever type it is there."""
        finish = self.finish
        assert finish is not None, "asked of what is to be finished"
        return (lambda raw: finish(bytes(raw))) if self.type is msgspec.Raw else finish


def annotation_of(field: FieldInfo) -> Any:
    """Return a field's type together with what is asked of it."""
    if not field.metadata:
        return field.annotation
    return Annotated[(field.annotation, *field.metadata)]


@dataclass(frozen=True, slots=True)
class Shaper:
    """Makes shapes for one way of reading. `recorded`: see `schemas.values.parse`.

    `keeps`: values and arrays of values are kept by their bytes, so that what comes again is not
    made again. Those inside them are not: what is looked up at each level costs more than making
    it where little comes again.
    """

    nested: Nested
    recorded: bool
    keeps: bool

    def shape(self, annotation: Any) -> Shape:
        """Return the shape of a type."""
        bare, asked = _bare(annotation)
        found = _plain(bare, asked)
        if found is None and not asked:
            found = self._value(bare) or self._or_null(bare) or self._or_text(bare) or _either(bare)
        if found is None and origin_of(bare) is tuple:
            found = self._row(bare, asked)
        return found or self._kept(annotation)

    def _value(self, bare: Any) -> Shape | None:
        """Return the shape of a value inside another."""
        if not (isinstance(bare, type) and issubclass(bare, Value)):
            return None
        found = self.nested(bare)
        return kept(found) if found and self.keeps else found

    def _or_null(self, bare: Any) -> Shape | None:
        """Return the shape of what may be null."""
        if origin_of(bare) not in {Union, UnionType}:
            return None
        inside, *others = args_of(bare)
        if others != [NoneType]:
            return None
        kind, finish = self.shape(inside)
        if kind is msgspec.Raw and finish is not None:
            return Shape(msgspec.Raw, lambda raw: None if raw == _NULL else finish(raw))
        return Shape(
            kind | None,
            finish and (lambda found: None if found is None else finish(found)),
        )

    def _or_text(self, bare: Any) -> Shape | None:
        """Return the shape of an array of texts or a text instead, as modules or `all`."""
        if origin_of(bare) not in {Union, UnionType}:
            return None
        row, *others = args_of(bare)
        if origin_of(row) is not tuple or len(others) != 1:
            return None
        found, text = self.shape(row), _plain(*_bare(others[0]))
        if found.finish is not None or text is None or text.finish is not None:
            return None
        return Shape(found.type | text.type)

    def _row(self, bare: Any, asked: Sequence[Any]) -> Shape | None:
        """Return the shape of an array, which becomes a tuple."""
        item, *rest = args_of(bare)
        limits = _lengths(asked)
        if rest != [...] or limits is None:
            return None
        kind, finish = replace(self, keeps=False).shape(item)
        several: Any = Annotated[tuple.__class_getitem__((kind, ...)), limits]
        if finish is None:
            return Shape(several)
        if kind is msgspec.Raw:
            return Shape(several, lambda found: tuple([finish(bytes(each)) for each in found]))
        shape = Shape(several, lambda found: tuple([finish(each) for each in found]))
        is_of_values = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        return kept(shape) if is_of_values and self.keeps else shape

    def _kept(self, annotation: Any) -> Shape:
        """Return the shape that leaves a field to pydantic, once for each different bytes."""
        read_one = alone(annotation, recorded=self.recorded)
        read = lru_cache(maxsize=KEPT)(lambda raw: read_one(canonical.parse(raw)))
        return Shape(msgspec.Raw, read)


def kept(shape: Shape) -> Shape:
    """Return the shape of the same in bytes, which are read once for as long as they are kept."""
    decode, finish = msgspec.json.Decoder(shape.type).decode, shape.finish
    assert finish is not None, "a record is no value yet"

    @lru_cache(maxsize=KEPT)
    def read(raw: bytes) -> Any:
        found = decode(raw)
        if _write(found) != raw:
            raise Malformed("not_canonical", "written in another way inside")
        return finish(found)

    return Shape(msgspec.Raw, read)


def alone(annotation: Any, *, recorded: bool) -> Finish:
    """Return what reads decoded JSON as a field of this type is read inside a value."""
    one = create_model("One", __base__=Value, field=(annotation, ...))
    context = RECORDED if recorded else None
    return lambda data: vars(one.model_validate({"field": data}, context=context))["field"]


def first_texts(annotation: Any) -> re.Pattern[str] | None:
    """Return the pattern of the texts that a type takes before anything else, if that is one."""
    if origin_of(annotation) not in {Union, UnionType}:
        return None
    exact = _exact(args_of(annotation)[0])
    return None if exact is None else re.compile(exact)


def _bare(annotation: Any) -> tuple[Any, list[Any]]:
    """Return a type, and what is asked of it one by one: a `Field(…)` may ask several things."""
    if origin_of(annotation) is not Annotated:
        return annotation, []
    bare, *metadata = args_of(annotation)
    asked: list[Any] = []
    for each in metadata:
        asked += each.metadata if isinstance(each, FieldInfo) else [each]
    return bare, asked


def _plain(bare: Any, asked: Sequence[Any]) -> Shape | None:
    """Return the shape of what has nothing inside, if this is one."""
    if asked and isinstance(asked[0], TriedFirst):
        return Shape(Annotated[str, msgspec.Meta(pattern=_pattern(asked[0].exact))])
    if bare is str:
        return _text(asked)
    if bare is int:
        return _number(asked)
    is_list = origin_of(bare) is Literal and all(type(each) is str for each in args_of(bare))
    # A `Recoded` takes what the type takes: in which words it refuses, the slow way says.
    takes_all = all(type(each) is Recoded for each in asked)
    return Shape(bare) if (bare is bool or is_list) and takes_all else None


def _either(bare: Any) -> Shape | None:
    """Return the shape of a text of one of several exact forms, as a party's id or `unclaimed`."""
    if origin_of(bare) not in {Union, UnionType}:
        return None
    forms = [_exact(each) for each in args_of(bare)]
    if None in forms:
        return None
    whole = "|".join(f"(?:{form})" for form in forms)
    return Shape(Annotated[str, msgspec.Meta(pattern=rf"^(?:{whole})\Z")])


def _exact(annotation: Any) -> str | None:
    """Return the pattern of all texts that a type takes, if it has one, without its two ends."""
    bare, asked = _bare(annotation)
    if bare is str and len(asked) == 1 and isinstance(asked[0], Checked):
        exact = asked[0].exact
        return None if exact is None else _pattern(exact)[1:-2]
    if origin_of(bare) is Literal and not asked and all(type(one) is str for one in args_of(bare)):
        return "|".join(map(re.escape, args_of(bare)))
    return None


def _text(asked: Sequence[Any]) -> Shape | None:
    """Return the shape of a text with a pattern, with lengths, or with a check of its own."""
    pattern: str | None = None
    finish: Finish | None = None
    others = []
    for each in asked:
        exact = each.exact if isinstance(each, Checked) else getattr(each, "pattern", None)
        if exact is not None and pattern is None:
            pattern = _pattern(exact)
        elif isinstance(each, Checked) and exact is None and finish is None:
            finish = each.func  # type: ignore[assignment]  # of one argument: `coded` made it
        else:
            others.append(each)
    lengths = _lengths(others)
    if lengths is None:
        return None
    limits = msgspec.Meta(
        pattern=pattern, min_length=lengths.min_length, max_length=lengths.max_length
    )
    return Shape(Annotated[str, limits], finish)


def _number(asked: Sequence[Any]) -> Shape | None:
    """Return the shape of a whole number in an interval that JSON readers everywhere hold."""
    limits = _limits(asked, "ge", "le")
    if limits is None:
        return None
    least = max(limits.get("ge", -canonical.INTEGER_MAX), -canonical.INTEGER_MAX)
    most = min(limits.get("le", canonical.INTEGER_MAX), canonical.INTEGER_MAX)
    return Shape(Annotated[int, msgspec.Meta(ge=least, le=most)])


def _lengths(asked: Sequence[Any]) -> msgspec.Meta | None:
    """Return how many items or characters are asked for; None where something else is asked."""
    limits = _limits(asked, "min_length", "max_length")
    return None if limits is None else msgspec.Meta(**limits)  # type: ignore[call-overload]  # ints


def _limits(asked: Sequence[Any], *names: str) -> dict[str, int] | None:
    """Return the limits of these names that are asked for; None where something else is asked.

    What `Field` is told it keeps as records of one limit each (the package annotated-types).
    """
    found: dict[str, int] = {}
    for each in asked:
        known = fields(each) if is_dataclass(each) else ()
        told = {one.name: getattr(each, one.name) for one in known}
        if not told or not all(name in names and type(told[name]) is int for name in told):
            return None
        found |= told
    return found


def _pattern(text: str) -> str:
    r"""Return a pattern of the validator's (Rust's `regex`) as one of Python's `re`.

    There `$` is the end; here it also matches before a last line feed, and `\Z` is the end.
    """
    if not text.startswith("^") or text.count("$") != 1 or text[-1] != "$" or text[-2] == "\\":
        raise AssertionError(f"not a pattern from the beginning to the end [{text}]")
    return text[:-1] + r"\Z"
