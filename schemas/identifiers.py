"""The industry's identifiers: checked, and kept in their compact form (rules section 2.1).

Each `check_…` takes what people write (dots, hyphens, spaces, small letters, the scheme's name in
front) and gives the compact form, or raises `Malformed("identifier_invalid")`. A check digit shows
a slip of the pen, not that the number was ever given out. Nothing is keyed on any of these.
"""

import re
from typing import Annotated

from stdnum import isrc as _stdnum_isrc
from stdnum.iso7064 import mod_11_2, mod_37_36

from schemas.refusals import Malformed
from schemas.values import coded

_GIVEN_CHARACTERS_MAX = 40
_SEPARATORS = str.maketrans("", "", " -.")


def _compact(text: str, scheme: str, form: str) -> str:
    """Drop separators and the scheme's own name; what is left must have the form."""
    compact = text.upper() if text.isascii() else ""
    # The name goes only with a blank or colon behind it: ISRC17607838 is Iceland's, registrant RC1.
    compact = re.sub(rf"^ *{scheme}[ :]+", "", compact)
    compact = compact.translate(_SEPARATORS)
    if len(text) > _GIVEN_CHARACTERS_MAX or not re.fullmatch(form, compact):
        raise Malformed("identifier_invalid", f"not an {scheme}: {text[:_GIVEN_CHARACTERS_MAX]!r}")
    return compact


def _wrong_digit(scheme: str, text: str) -> Malformed:
    return Malformed("identifier_invalid", f"the check digit of this {scheme} is wrong: {text!r}")


def check_isrc(text: str) -> str:
    """ISRC of a recording (ISO 3901:2019): `US-RC1-76-07838`. It has no check digit."""
    return _compact(text, "ISRC", r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


def isrc_warnings(compact: str) -> tuple[str, ...]:
    """Say what is unusual about a valid ISRC: a prefix that the known list lacks."""
    # Prefixes are given out faster than lists are printed, so this never refuses.
    if _stdnum_isrc.is_valid(compact):
        return ()
    return (f"the prefix {compact[:2]} is not in the known list of ISRC prefixes",)


def _digit_10(digits: str, *, start: int) -> str:
    """Check digit of ISWC and IPI base: `start` plus the digits by their place, modulo 10."""
    total = start + sum(place * int(digit) for place, digit in enumerate(digits, 1))
    return str(-total % 10)


def check_iswc(text: str) -> str:
    """ISWC of a work (ISO 15707:2022): `T-034.524.680-1`."""
    compact = _compact(text, "ISWC", r"T[0-9]{10}")
    if _digit_10(compact[1:10], start=1) != compact[10]:
        raise _wrong_digit("ISWC", text)
    return compact


def check_ipi_name(text: str) -> str:
    """IPI name number of a writer or publisher (CISAC): 11 digits, leading zeros may be missing."""
    compact = _compact(text, "IPI", r"[0-9]{8,11}").zfill(11)
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(compact[:9])) % 101
    expected = (101 - weighted) % 100 if weighted else 0
    # All zeros would pass; CWR files use it to say that there is no number.
    if int(compact) == 0 or int(compact[9:]) != expected:
        raise _wrong_digit("IPI name number", text)
    return compact


def check_ipi_base(text: str) -> str:
    """IPI base number of the person or firm behind names (CISAC): `I-000000229-7`."""
    compact = _compact(text, "IPI", r"I[0-9]{10}")
    if _digit_10(compact[1:10], start=2) != compact[10]:
        raise _wrong_digit("IPI base number", text)
    return compact


def check_isni(text: str) -> str:
    """ISNI of a public identity (ISO 27729): 16 digits, the last may be X (ISO 7064 MOD 11-2)."""
    compact = _compact(text, "ISNI", r"[0-9]{15}[0-9X]")
    if mod_11_2.checksum(compact) != 1:
        raise _wrong_digit("ISNI", text)
    return compact


def check_ipn(text: str) -> str:
    """IPN of a performer (SCAPR): digits alone; the register is closed and has no check digit."""
    return _compact(text, "IPN", r"[0-9]{1,11}")


def check_ean(text: str) -> str:
    """UPC or EAN of a release (GS1 General Specifications 7.9): 8, 12, 13 or 14 digits."""
    compact = _compact(text, "(?:UPC|EAN|GTIN)", r"[0-9]{8}|[0-9]{12,14}")
    weighted = sum(int(d) * (1 if place % 2 == 0 else 3) for place, d in enumerate(compact[::-1]))
    if weighted % 10 or int(compact) == 0:
        raise _wrong_digit("UPC or EAN", text)
    return compact


def check_grid(text: str) -> str:
    """GRid of a release (IFPI): 18 characters, A1-2425G-ABC1234002-M (ISO 7064 MOD 37,36)."""
    compact = _compact(text, "GRID", r"A1[0-9A-Z]{16}")
    if mod_37_36.checksum(compact) != 1:
        raise _wrong_digit("GRid", text)
    return compact


# One type for each identifier: written in any usual way, kept compact.
Isrc = Annotated[str, coded(check_isrc)]
Iswc = Annotated[str, coded(check_iswc)]
IpiName = Annotated[str, coded(check_ipi_name)]
IpiBase = Annotated[str, coded(check_ipi_base)]
Isni = Annotated[str, coded(check_isni)]
Ipn = Annotated[str, coded(check_ipn)]
Ean = Annotated[str, coded(check_ean)]
Grid = Annotated[str, coded(check_grid)]
