"""The base of every value on the wire, and the one way to read one.

A check raises `Malformed`. Inside an annotated type `coded` makes of it the error that pydantic
collects, so that `parse` can say where in the document it happened (RFC 6901); what a model's own
validator raises passes through pydantic as it is.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from schemas.refusals import MALFORMED, Malformed

T = TypeVar("T")
M = TypeVar("M", bound="Value")

RECORDED = {"recorded": True}
"""Validation context of what the log already holds: see `schemas.period.LocalInstant`."""


class Value(BaseModel):
    """A frozen record read strictly: no coercion, no unknown field, arrays become tuples.

    `CODE` is the code of `Malformed` where a fault has none of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    CODE: ClassVar[str] = "value_unknown"

    @model_validator(mode="before")
    @classmethod
    def _arrays(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}


def coded(check: Callable[[T], T]) -> AfterValidator:
    """Make an annotated type's validator of a function that raises `Malformed`."""

    def validate(value: T) -> T:
        try:
            return check(value)
        except Malformed as error:
            # pydantic wants literal strings here; ours come from a closed list, and the message
            # travels as an argument so that its braces mean nothing.
            raise PydanticCustomError(error.code, "{text}", {"text": error.message}) from error  # type: ignore[arg-type]

    return AfterValidator(validate)


def parse(cls: type[M], data: Any, *, recorded: bool = False) -> M:
    """Read decoded JSON as `cls`, or raise `Malformed` with the pointer of the first fault.

    `recorded` says that the data come from the log: instants are trusted as they were checked on
    arrival, since zone rules change later and history does not.
    """
    try:
        return cls.model_validate(data, context=RECORDED if recorded else None)
    except ValidationError as error:
        raise malformed(error, data, code=cls.CODE) from error


def malformed(error: ValidationError, data: Any, *, code: str = "value_unknown") -> Malformed:
    """Translate pydantic's error into ours: the first fault that has a code of its own, else `code`."""
    faults = error.errors(include_url=False, include_input=False)
    first = next((fault for fault in faults if fault["type"] in MALFORMED), faults[0])
    own = first["type"] if first["type"] in MALFORMED else code
    return Malformed(own, first["msg"], pointer=_pointer(first["loc"], data))


def _pointer(location: tuple[int | str, ...], data: Any) -> str:
    """Write a location as a JSON pointer, leaving out what pydantic adds (the arm of a union)."""
    parts: list[str] = []
    for number, part in enumerate(location):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif not (isinstance(data, dict) and number == len(location) - 1):
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join("/" + part for part in parts)
