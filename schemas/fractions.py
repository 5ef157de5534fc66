"""Exact fractions: shares and weights as text (contracts section 3).

Given in any of five forms, `"1/3"`, `"1"`, `"60%"`, `"0.6"`, `"7"`; written in lowest terms.
Never a float: thirds are legal, and Python's own parser also takes exponents, signs, underscores
and digits of other scripts, none of which a statement may carry.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Final

from schemas.refusals import Malformed
from schemas.values import coded

DENOMINATOR_MAX: Final = 10**9
"""Greatest denominator, in lowest terms, of what is given; derived fractions are exact."""

GIVEN_CHARACTERS_MAX: Final = 40
"""Characters of a given fraction: 19 digits on both sides are more than the limit above needs."""

LOWEST_CHARACTERS_MAX: Final = 2000
"""Characters of a derived one: 64 denominators below 10**9 multiply to at most 576 digits."""

_WHOLE = r"(?:0|[1-9][0-9]*)"
_GIVEN = re.compile(
    rf"(?P<top>{_WHOLE})(?:/(?P<bottom>{_WHOLE})|\.(?P<decimals>[0-9]+))?(?P<hundredths>%)?"
)
_LOWEST = re.compile(rf"{_WHOLE}(?:/[1-9][0-9]*)?")


@lru_cache(maxsize=4096)  # the same few weights and shares, again and again
def parse_fraction(text: str) -> Fraction:
    """Read a given fraction. Raises `Malformed("number_invalid")`."""
    found = _GIVEN.fullmatch(text) if len(text) <= GIVEN_CHARACTERS_MAX else None
    if found is None or (found["bottom"] and found["hundredths"]):
        raise Malformed("number_invalid", f"not a fraction: {text[:GIVEN_CHARACTERS_MAX]!r}")
    bottom = int(found["bottom"] or 1)
    if bottom == 0:
        raise Malformed("number_invalid", f"nothing can be divided by zero: {text!r}")
    decimals = found["decimals"] or ""
    value = Fraction(int(found["top"] + decimals), bottom * 10 ** len(decimals))
    value = value / 100 if found["hundredths"] else value
    if value.denominator > DENOMINATOR_MAX:
        raise Malformed("number_invalid", f"a denominator is at most {DENOMINATOR_MAX}: {text!r}")
    return value


def format_fraction(value: Fraction) -> str:
    """Write a fraction in lowest terms: `"1/3"`, `"1"`, `"0"`. Negative values are a bug."""
    if value.numerator < 0:
        raise AssertionError(f"shares and weights are never negative [{value}]")
    return str(value)


def is_part(value: Fraction) -> bool:
    """Tell whether a fraction is something, and not more than the whole."""
    return 0 < value.numerator <= value.denominator


@lru_cache(maxsize=4096)  # likewise
def lowest_fraction(text: str) -> Fraction:
    """Read a fraction that must be in lowest terms. Raises `Malformed("number_invalid")`."""
    if len(text) > LOWEST_CHARACTERS_MAX or not _LOWEST.fullmatch(text):
        raise Malformed("number_invalid", f"not a fraction: {text[:GIVEN_CHARACTERS_MAX]!r}")
    value = Fraction(text)
    if str(value) != text:
        raise Malformed("number_invalid", f"not in lowest terms: {text!r}")
    return value


def _given(text: str) -> str:
    parse_fraction(text)
    return text


def _lowest(text: str) -> str:
    lowest_fraction(text)
    return text


FractionText = Annotated[str, coded(_given, r"^(0|[1-9][0-9]*)(/[1-9][0-9]*|(\.[0-9]+)?%?)$")]
"""In commands: any form, kept as given."""

LowestFraction = Annotated[str, coded(_lowest, r"^(0|[1-9][0-9]*)(/[1-9][0-9]*)?$")]
"""In events: lowest terms alone."""
