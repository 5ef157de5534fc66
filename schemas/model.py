"""What commands and events share: frozen, closed, strict, read from canonical JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError

from schemas import canonical
from schemas.readers import NOTHING_OPENED, UnusualError, reader_of
from schemas.values import RECORDED, Value, malformed

Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest as 64 lowercase hexadecimal digits."""

Base64Url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
"""Bytes in base64url without padding (RFC 4648 section 5)."""

Text = Annotated[str, Field(min_length=1, max_length=400)]
"""A short text that people read."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A whole number that JSON readers everywhere keep exact (RFC 7493 section 2.2)."""

Position = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""A position of the log; the leaf index is the position minus one."""

ROWS_MAX = 200
"""Rows a command may carry (contracts, section 1): more becomes a hash and an artifact."""


class Wire(Value):
    """A frozen, closed, strict model. Unknown fields are refused, never dropped."""

    CODE: ClassVar[str] = "value_unknown"
    """The code of a malformed value that no field names more exactly."""

    @classmethod
    def read(cls, data: Any, *, recorded: bool = False) -> Self:
        """Read `data` (decoded canonical JSON); raise `Malformed` with a pointer to the fault.

        `recorded` says that the data come from the log: see `schemas.values.parse`.
        """
        try:
            return cls.model_validate(data, context=RECORDED if recorded else None)
        except ValidationError as error:
            raise malformed(error, data, code=cls.CODE) from error

    @classmethod
    def read_bytes(
        cls, raw: bytes, *, recorded: bool = False, opened: Mapping[str, Any] = NOTHING_OPENED
    ) -> Self:
        """Read canonical bytes as `read` reads what is decoded, several times as fast.

        Raises `Malformed` also where the bytes are not canonical. `opened` gives fields the values
        of commitments that were opened before.
        """
        reader = reader_of(cls, recorded=recorded)
        try:
            if reader is not None:
                found: Self = reader.read(raw, opened)
                return found
        except UnusualError:
            pass  # read below, or told there what is wrong
        data = canonical.parse(raw)
        return cls.read({**data, **opened} if opened else data, recorded=recorded)

    def data(self) -> dict[str, Any]:
        """Return the JSON value that is signed: every field, absent ones as null."""
        return self.model_dump(mode="json", by_alias=True)


class Commitment(Wire):
    """A salted commitment to a private value (contracts, section 1).

    `commit` is base64url SHA-256(16 bytes of salt, canonical JSON of the value). The opening lies
    beside the log and can be erased; the commitment stays.
    """

    commit: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
