"""Money: a decimal string and a currency on the wire, integers of micro units in code.

One micro unit is a millionth of the currency's unit (contracts section 3). Six decimals where it
accrues; the minor unit's decimals of ISO 4217 where it is payable or priced. No float anywhere.
"""

import re
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Self, TypeVar

import pycountry
from pydantic import model_validator

from schemas.refusals import Malformed
from schemas.values import Value, coded, fault

MICRO: Final = 1_000_000
"""Micro units in one unit of any currency."""

MICRO_MAX: Final = 2**63 - 1
"""Greatest amount either way: a PostgreSQL `bigint`, about nine million million units."""

MICRO_DECIMALS: Final = 6
"""Decimals of an amount as it accrues."""

# ISO 4217 list one, column "minor unit": every currency whose exponent is not 2. pycountry carries
# codes and names but no exponents.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

_DECIMALS = MappingProxyType(
    dict.fromkeys(_NO_DECIMALS.split(), 0)
    | dict.fromkeys(_THREE_DECIMALS.split(), 3)
    | dict.fromkeys(_FOUR_DECIMALS.split(), 4)
)

# Metals, baskets of currencies, tests and "no currency": nobody is paid in these.
_NOT_MONEY = "XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"

CURRENCIES: Final = frozenset(
    found.alpha_3 for found in pycountry.currencies if found.alpha_3 not in _NOT_MONEY.split()
)
"""Every currency in which somebody can be paid (ISO 4217)."""

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<decimals>[0-9]+))?")
_AMOUNT_CHARACTERS_MAX = 40
_is_accrued = re.compile(r"(?:0|[1-9][0-9]{0,11})\.[0-9]{6}").fullmatch
# With at most 18 digits: fewer than `MICRO_MAX` has.


def decimals_of(currency: str) -> int:
    """Give the decimals of a currency's minor unit. Raises `Malformed("value_unknown")`."""
    if currency not in CURRENCIES:
        raise Malformed("value_unknown", f"not a currency of ISO 4217: {currency[:8]!r}")
    return _DECIMALS.get(currency, 2)


def minor_micro(currency: str) -> int:
    """Give the micro units in one minor unit of a currency: 10 000 for a cent."""
    return int(MICRO // 10 ** decimals_of(currency))


def parse_amount(text: str, *, signed: bool = False) -> int:
    """Read a decimal amount as micro units.

    Raises `Malformed`: `number_invalid` for what is no amount (or negative, unless `signed`),
    `amount_not_exact` for more than six decimals.
    """
    # As amounts accrue they hardly come twice, so finding them again would cost more.
    if _is_accrued(text):
        return int(text.replace(".", ""))
    return _parse_amount(text, signed)


@lru_cache(maxsize=8_192)  # the same prices, typed again and again
def _parse_amount(text: str, signed: bool) -> int:  # noqa: FBT001 - as it is asked above
    found = _AMOUNT.fullmatch(text) if len(text) <= _AMOUNT_CHARACTERS_MAX else None
    if found is None:
        raise Malformed("number_invalid", f"not an amount: {text[:_AMOUNT_CHARACTERS_MAX]!r}")
    decimals = found["decimals"] or ""
    if len(decimals) > MICRO_DECIMALS:
        raise Malformed("amount_not_exact", f"an amount has at most six decimals: {text!r}")
    micro = int(found["whole"] + decimals.ljust(MICRO_DECIMALS, "0"))
    if found["sign"] and not signed:
        raise Malformed("number_invalid", f"an amount here is not negative: {text!r}")
    if found["sign"] and micro == 0:
        raise Malformed("number_invalid", f"zero has no sign: {text!r}")
    if micro > MICRO_MAX:
        raise Malformed("number_invalid", f"the amount is too large: {text!r}")
    return -micro if found["sign"] else micro


def format_amount(micro: int, decimals: int = MICRO_DECIMALS) -> str:
    """Write micro units with so many decimals; what that cannot say exactly is a bug."""
    quotient, rest = divmod(abs(micro), 10 ** (MICRO_DECIMALS - decimals))
    if rest or abs(micro) > MICRO_MAX:
        raise AssertionError(f"not exact in {decimals} decimals, or too large [{micro}]")
    digits = str(quotient).rjust(decimals + 1, "0")
    cut = len(digits) - decimals
    return ("-" if micro < 0 else "") + digits[:cut] + ("." + digits[cut:] if decimals else "")


def floor_to_minor(micro: int, currency: str) -> int:
    """Give the whole minor units in so many micro units; what is left is carried."""
    return micro // minor_micro(currency)


def ceil_to_minor_micro(micro: int | Fraction, currency: str) -> int:
    """Round up to whole minor units, once, and give the result in micro units."""
    unit = minor_micro(currency)
    return -int(-micro // unit) * unit


def _currency(text: str) -> str:
    decimals_of(text)
    return text


Currency = Annotated[
    str, coded(_currency, "^[A-Z]{3}$", exact=f"^(?:{'|'.join(sorted(CURRENCIES))})$")
]
"""An ISO 4217 code in which somebody can be paid."""


class _Amount(Value):
    """What `Money` and `SignedMoney` share. Two types, so that neither passes for the other."""

    SIGNED: ClassVar[bool] = False

    amount: str
    currency: Currency

    @model_validator(mode="after")
    def _exact(self) -> Self:
        try:
            parse_amount(self.amount, signed=self.SIGNED)
        except Malformed as error:
            raise fault(error) from error
        return self

    @classmethod
    def accrued(cls, micro: int, currency: str) -> Self:
        """Make money as it accrues, with six decimals."""
        found: Self = _made(cls, micro, currency, MICRO_DECIMALS)
        return found

    @classmethod
    def payable(cls, minor: int, currency: str) -> Self:
        """Make money as it is paid or priced, from minor units, with the currency's decimals."""
        decimals = decimals_of(currency)
        found: Self = _made(cls, minor * minor_micro(currency), currency, decimals)
        return found

    def micro(self) -> int:
        """Give the amount in micro units."""
        return parse_amount(self.amount, signed=self.SIGNED)

    def minor(self) -> int:
        """Give the amount in minor units. Raises `Malformed("amount_not_exact")`."""
        quotient, rest = divmod(self.micro(), minor_micro(self.currency))
        if rest:
            raise Malformed(
                "amount_not_exact",
                f"{self.currency} has {decimals_of(self.currency)} decimals: {self.amount!r}",
            )
        return quotient


_Some = TypeVar("_Some", bound=_Amount)


@lru_cache(maxsize=8_192)  # the same prices are divided by the same shares, again and again
def _made(cls: type[_Some], micro: int, currency: str, decimals: int) -> _Some:
    return cls(amount=format_amount(micro, decimals), currency=currency)


class Money(_Amount):
    """An amount of at least zero in a currency, with at most six decimals, kept as given."""


class SignedMoney(_Amount):
    """The same where an amount may be negative: corrections, balances, reversals."""

    SIGNED: ClassVar[bool] = True


def _priced(value: Money) -> Money:
    value.minor()
    return value


Price = Annotated[Money, coded(_priced)]
"""Money that can be charged or paid: whole minor units of its currency."""
