"""The base of every value on the wire, and the one way to read one.

A check raises `Malformed`. Inside a type `coded` makes of it the error that pydantic collects, so
that `parse` can say where in the document it happened (RFC 6901). So `parse` raises `Malformed`,
and a constructor called in code raises `ValidationError`. A `Malformed` that a model's own
validator raises passes through pydantic as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError, core_schema

from schemas.refusals import MALFORMED, Malformed

T = TypeVar("T")
M = TypeVar("M", bound="Value")

RECORDED = {"recorded": True}
"""Validation context of what the log already holds: see `schemas.period.LocalInstant`."""


def _loosen_tuples(schema: Any) -> None:
    """Mark every tuple in a schema as one that takes a list: JSON has no other arrays."""
    if isinstance(schema, dict):
        if schema.get("type") == "tuple":
            schema["strict"] = False
        for part in schema.values():
            _loosen_tuples(part)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            _loosen_tuples(part)


class Value(BaseModel):
    """A frozen record read strictly: no coercion, no unknown field, arrays become tuples.

    `CODE` is the code of `Malformed` where a fault has none of its own. `ON_ARRIVAL`: what is asked
    before the fields are read is asked on arrival alone, and not of what the log holds. `REPEATED`:
    few different ones are said again and again, so each is made once and shared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    CODE: ClassVar[str] = "value_unknown"
    ON_ARRIVAL: ClassVar[bool] = False
    REPEATED: ClassVar[bool] = False

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let tuples be read from lists, inside the validator: everything else stays strict."""
        schema = handler(source)
        _loosen_tuples(schema)
        return schema


def fault(error: Malformed) -> PydanticCustomError:
    """Say `Malformed` in pydantic's way, from inside a validator, so that the place is kept."""
    # The message travels as an argument, so that braces in it mean nothing.
    return PydanticCustomError(error.code, "{text}", {"text": error.message})


@dataclass(frozen=True, slots=True)
class Checked(AfterValidator):
    """A validator that also tells readers of the JSON Schema what its texts look like."""

    pattern: str | None = None
    exact: str | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Try the exact pattern first, inside the validator; the function says what is wrong."""
        checked = AfterValidator.__get_pydantic_core_schema__(self, source, handler)
        if self.exact is None:
            return checked
        matched = core_schema.str_schema(pattern=self.exact, strict=True)
        return core_schema.union_schema([matched, checked], mode="left_to_right")

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Give the schema of the type, with the pattern where there is one."""
        if self.exact is not None:
            schema = schema["choices"][1]
        found = dict(handler(schema))
        return found | {"pattern": self.pattern} if self.pattern else found


@dataclass(frozen=True, slots=True)
class TriedFirst:
    """Lets texts pass that match a pattern; whatever else, the type itself judges.

    For types that take what they take only after they have asked others: an id of two kinds.
    """

    exact: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Try the pattern (Rust's `regex`) before the type."""
        matched = core_schema.str_schema(pattern=self.exact, strict=True)
        return core_schema.union_schema([matched, handler(source)], mode="left_to_right")

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Give the schema of the type."""
        return dict(handler(schema["choices"][1]))


def coded(
    check: Callable[[T], T], pattern: str | None = None, *, exact: str | None = None
) -> AfterValidator:
    """Make an annotated type's validator of a function that raises `Malformed`.

    `pattern` is what the JSON Schema says of its texts (ECMA 262); `check` decides alone. Only
    where `exact` matches (Rust's `regex`) it is not asked: it must take whatever that matches.
    """

    def validate(value: T) -> T:
        try:
            return check(value)
        except Malformed as error:
            raise fault(error) from error

    return Checked(validate, pattern, exact)


@dataclass(frozen=True, slots=True)
class Recoded(WrapValidator):
    """A validator that takes what the type takes, as it is; only what is refused is told anew."""


def otherwise(code: str) -> Recoded:
    """Give whatever a type refuses a code of its own, as `tier_unknown` for a tier."""

    def validate(value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            raise fault(Malformed(code, error.errors(include_url=False)[0]["msg"])) from error

    return Recoded(validate)


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
    """Translate pydantic's error: its first fault with a code of its own, else `code`."""
    faults = error.errors(include_url=False, include_input=False)
    first = next((each for each in faults if each["type"] in MALFORMED), faults[0])
    own = first["type"] if first["type"] in MALFORMED else code
    return Malformed(own, first["msg"], pointer=_pointer(first["loc"], data))


def _pointer(location: tuple[int | str, ...], data: Any) -> str:
    """Write a location as a JSON pointer, leaving out what pydantic adds (the arm of a union)."""
    found = ""
    for part in location:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            # A missing field is the last part of its location and is named too.
            missing = part is location[-1] and isinstance(data, dict) and str(part).isidentifier()
            if not missing:
                continue
        found += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return found
