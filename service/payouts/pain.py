"""A payout as ISO 20022 `pain.001.001.09`, CustomerCreditTransferInitiationV09.

One payment a message: what happens to it then happens to one payout. The message follows from the
order alone, so a retry writes the same bytes. Sources: ISO 20022 message definition report for
payments initiation (2019); EPC132-08, the SEPA implementation guidelines, sections 1.4 (character
set) and 2.2.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from schemas.money import decimals_of, format_amount, minor_micro
from schemas.period import format_instant
from service.payouts.provider import PayoutOrder
from service.payouts.xml_shape import Group, Leaf, build

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
"""The message and its version."""

_MAX35 = r"[A-Za-z0-9/\-?:().,'+ ]{1,35}"
_MAX70 = r"[A-Za-z0-9/\-?:().,'+ ]{1,70}"  # EPC132-08: names of 70 characters, not 140
_MAX140 = r"[A-Za-z0-9/\-?:().,'+ ]{1,140}"
_AMOUNT = r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,5})?"  # at most 18 digits, 5 of them decimals
_SUM = r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,5})?"
_IBAN = r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}"
_BIC = r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"
_COUNTRY = r"[A-Z]{2}"
_CURRENCY = r"[A-Z]{3}"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"

_ACCOUNT = (Group("Id", (Leaf("IBAN", _IBAN),)),)
_AGENT = (Group("FinInstnId", (Leaf("BICFI", _BIC),)),)

SHAPE: Final = Group(
    "Document",
    (
        Group(
            "CstmrCdtTrfInitn",
            (
                Group(
                    "GrpHdr",
                    (
                        Leaf("MsgId", _MAX35),
                        Leaf("CreDtTm", _DATE_TIME),
                        Leaf("NbOfTxs", "1"),
                        Leaf("CtrlSum", _SUM),
                        Group("InitgPty", (Leaf("Nm", _MAX70),)),
                    ),
                ),
                Group(
                    "PmtInf",
                    (
                        Leaf("PmtInfId", _MAX35),
                        Leaf("PmtMtd", "TRF"),
                        Leaf("NbOfTxs", "1"),
                        Leaf("CtrlSum", _SUM),
                        Group("PmtTpInf", (Group("SvcLvl", (Leaf("Cd", "SEPA"),)),), optional=True),
                        Group("ReqdExctnDt", (Leaf("Dt", _DATE),)),
                        Group("Dbtr", (Leaf("Nm", _MAX70),)),
                        Group("DbtrAcct", _ACCOUNT),
                        Group("DbtrAgt", _AGENT),
                        Leaf("ChrgBr", "SLEV|SHAR"),
                        Group(
                            "CdtTrfTxInf",
                            (
                                Group(
                                    "PmtId", (Leaf("InstrId", _MAX35), Leaf("EndToEndId", _MAX35))
                                ),
                                Group("Amt", (Leaf("InstdAmt", _AMOUNT, ("Ccy", _CURRENCY)),)),
                                Group("CdtrAgt", _AGENT, optional=True),
                                Group(
                                    "Cdtr",
                                    (
                                        Leaf("Nm", _MAX70),
                                        Group("PstlAdr", (Leaf("Ctry", _COUNTRY),), optional=True),
                                    ),
                                ),
                                Group("CdtrAcct", _ACCOUNT),
                                Group("RmtInf", (Leaf("Ustrd", _MAX140),)),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
"""What of the message definition we write; everything that it makes mandatory is in it."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """Whose account pays: the operator's."""

    name: str
    iban: str
    bic: str


def end_to_end_id(key: str) -> str:
    """Return the payment's reference: the first 35 digits of its idempotency key, 140 bits.

    35 characters is what ISO 20022 allows; the same key is the same reference, and 140 bits meet
    by chance no sooner than the 256 they come from.
    """
    return key[:35]


def message(order: PayoutOrder, debtor: Debtor) -> bytes:
    """Return the message of one payout. Raises `ShapeError` where it would not be one."""
    amount = format_amount(
        order.amount_minor * minor_micro(order.currency), decimals_of(order.currency)
    )
    # Ids of ours have an underscore, which EPC132-08 does not allow.
    name = order.payout.replace("_", "-")
    creditor: dict[str, Any] = {
        "PmtId": {"InstrId": name, "EndToEndId": end_to_end_id(order.key)},
        "Amt": {"InstdAmt": (amount, order.currency)},
        "Cdtr": {"Nm": plain(order.payee.name, 70)},
        "CdtrAcct": {"Id": {"IBAN": order.payee.iban}},
        "RmtInf": {
            "Ustrd": plain(f"Royalties {order.month} {order.statement.replace('_', '-')}", 140)
        },
    }
    if order.payee.bic is not None:
        creditor["CdtrAgt"] = {"FinInstnId": {"BICFI": order.payee.bic}}
    if order.payee.country is not None:
        creditor["Cdtr"] |= {"PstlAdr": {"Ctry": order.payee.country}}
    payment: dict[str, Any] = {
        "PmtInfId": name,
        "PmtMtd": "TRF",
        "NbOfTxs": "1",
        "CtrlSum": amount,
        "ReqdExctnDt": {"Dt": order.instructed_at.date().isoformat()},
        "Dbtr": {"Nm": plain(debtor.name, 70)},
        "DbtrAcct": {"Id": {"IBAN": debtor.iban}},
        "DbtrAgt": {"FinInstnId": {"BICFI": debtor.bic}},
        "ChrgBr": "SLEV" if order.currency == "EUR" else "SHAR",
        "CdtTrfTxInf": creditor,
    }
    if order.currency == "EUR":
        payment["PmtTpInf"] = {"SvcLvl": {"Cd": "SEPA"}}
    header = {
        "MsgId": name,
        "CreDtTm": format_instant(order.instructed_at),
        "NbOfTxs": "1",
        "CtrlSum": amount,
        "InitgPty": {"Nm": plain(debtor.name, 70)},
    }
    values = {"CstmrCdtTrfInitn": {"GrpHdr": header, "PmtInf": payment}}
    return build(SHAPE, values, NAMESPACE)


_LETTERS: Final = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d"}
    | {"Œ": "OE", "œ": "oe", "Þ": "Th", "þ": "th", "&": "+"}
)


def plain(text: str, length: int) -> str:
    """Write a text in the characters that every bank takes (EPC132-08, section 1.4).

    Accents go, what has no counterpart becomes a full stop; too long a text is cut.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return re.sub(r"[^A-Za-z0-9/\-?:().,'+ ]", ".", bare)[:length]
