"""Payee details: what the commitment in `PayeeDetailsReplaced` opens to."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from stdnum import bic as _bic
from stdnum import iban as _iban
from stdnum.exceptions import ValidationError as _NotOne

from schemas.refusals import Malformed
from schemas.territory import Country
from schemas.values import Value, coded, parse


def _check_iban(text: str) -> str:
    try:
        compact = str(_iban.validate(text))
    except _NotOne as error:
        raise Malformed("identifier_invalid", "not an IBAN (ISO 13616)") from error
    if compact != text:
        raise Malformed("identifier_invalid", "an IBAN is written without blanks, in capitals")
    return text


def _check_bic(text: str) -> str:
    try:
        compact = str(_bic.validate(text))
    except _NotOne as error:
        raise Malformed("identifier_invalid", "not a BIC (ISO 9362)") from error
    if compact != text:
        raise Malformed("identifier_invalid", "a BIC is written without blanks, in capitals")
    return text


class PayeeDetails(Value):
    """Where a party is paid. `name` as the account is held; `country` of the holder's address.

    Within the single euro payments area a bank needs neither BIC nor country.
    """

    name: Annotated[str, Field(min_length=1, max_length=70)]
    iban: Annotated[str, coded(_check_iban)]
    bic: Annotated[str, coded(_check_bic)] | None = None
    country: Country | None = None


def read_details(value: Any) -> PayeeDetails:
    """Read an opening's value. Raises `Malformed`: `identifier_invalid`, `value_unknown`."""
    return parse(PayeeDetails, value)
