"""The message to the bank: its shape, its characters, the same bytes for the same order."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.refusals import Malformed
from service.payouts.details import PayeeDetails, read_details
from service.payouts.pain import NAMESPACE, SHAPE, Debtor, end_to_end_id, message, plain
from service.payouts.provider import PayoutOrder
from service.payouts.xml_shape import Group, Leaf, ShapeError, build, check

DEBTOR = Debtor("Linernotes Clearing", "DE89370400440532013000", "COBADEFFXXX")
PAYEE = PayeeDetails(
    name="Müller & Søn Musikverlag", iban="FR1420041010050500013M02606", bic=None, country="FR"
)
ORDER = PayoutOrder(
    payout="pay_01kahn2m8rf8ctv3j5yqxw9z4d",
    key="ab" * 32,
    statement="rst_01kahn2m8rf8ctv3j5yqxw9z4d",
    month="2026-11",
    amount_minor=6265,
    currency="EUR",
    payee=PAYEE,
    instructed_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
)


def text(raw: bytes, path: str) -> str | None:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return ET.fromstring(raw).findtext(f"./{{{NAMESPACE}}}CstmrCdtTrfInitn/{steps}")  # noqa: S314 - ours


def test_the_message_says_who_pays_whom_how_much_and_what_for() -> None:
    raw = message(ORDER, DEBTOR)
    payment = "PmtInf/CdtTrfTxInf"
    assert text(raw, f"{payment}/Amt/InstdAmt") == "62.65"
    assert text(raw, "GrpHdr/CtrlSum") == "62.65"
    assert text(raw, f"{payment}/PmtId/EndToEndId") == "ab" * 17 + "a"
    assert text(raw, f"{payment}/Cdtr/Nm") == "Muller + Son Musikverlag"
    assert text(raw, f"{payment}/CdtrAcct/Id/IBAN") == PAYEE.iban
    assert text(raw, "PmtInf/DbtrAcct/Id/IBAN") == DEBTOR.iban
    assert text(raw, "PmtInf/ReqdExctnDt/Dt") == "2026-12-01"
    assert text(raw, f"{payment}/RmtInf/Ustrd") == (
        "Royalties 2026-11 rst-01kahn2m8rf8ctv3j5yqxw9z4d"
    )
    assert text(raw, "PmtInf/PmtTpInf/SvcLvl/Cd") == "SEPA"


def test_the_same_order_is_the_same_bytes() -> None:
    assert message(ORDER, DEBTOR) == message(ORDER, DEBTOR)


@pytest.mark.parametrize(
    ("currency", "minor", "written"), [("JPY", 300, "300"), ("KWD", 1_500, "1.500")]
)
def test_each_currency_has_its_own_decimals(currency: str, minor: int, written: str) -> None:
    raw = message(replace(ORDER, currency=currency, amount_minor=minor), DEBTOR)
    assert text(raw, "PmtInf/CdtTrfTxInf/Amt/InstdAmt") == written
    assert text(raw, "PmtInf/ChrgBr") == "SHAR"
    assert text(raw, "PmtInf/PmtTpInf/SvcLvl/Cd") is None


def test_a_reference_is_short_enough_for_every_bank() -> None:
    assert len(end_to_end_id("f" * 64)) == 35


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Björk Guðmundsdóttir", "Bjork Gu.mundsdottir"),
        ("Straße & Œuvre", "Strasse + OEuvre"),
        ("音楽", ".."),
        ("<script>", ".script."),
        ("x" * 80, "x" * 70),
    ],
)
def test_names_are_written_in_what_every_bank_takes(given: str, written: str) -> None:
    assert plain(given, 70) == written


SMALL = Group("A", (Leaf("B", "[0-9]+"), Leaf("C", "x", ("k", "v")), Leaf("D", "d", optional=True)))


def test_a_message_is_built_in_the_order_of_its_shape() -> None:
    raw = build(SMALL, {"C": ("x", "v"), "B": "1"}, "urn:n")
    check(SMALL, raw, "urn:n")
    assert raw.index(b"<B>") < raw.index(b"<C")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("<A xmlns='urn:n'><C k='v'>x</C></A>", "A/B is missing"),
        ("<A xmlns='urn:n'><B>1</B><C k='v'>x</C><E/></A>", "E does not belong"),
        ("<A xmlns='urn:n'><C k='v'>x</C><B>1</B></A>", "A/B is missing"),
        ("<A xmlns='urn:n'><B>1</B><B>1</B><C k='v'>x</C></A>", "A/C is missing"),
        ("<A xmlns='urn:n'><B>one</B><C k='v'>x</C></A>", "not of the form"),
        ("<A xmlns='urn:n'><B>1</B><C>x</C></A>", "other attributes"),
        ("<A xmlns='urn:n'><B>1</B><C k='w'>x</C></A>", "A/C/@k is not of the form"),
        ("<A xmlns='urn:n'><B>1<F/></B><C k='v'>x</C></A>", "holds a text"),
        ("<A xmlns='urn:n'>loose<B>1</B><C k='v'>x</C></A>", "holds elements"),
        ("<A xmlns='urn:other'><B>1</B><C k='v'>x</C></A>", "stands where A must"),
    ],
)
def test_what_has_another_shape_is_refused(wrong: str, why: str) -> None:
    with pytest.raises(ShapeError, match=why):
        check(SMALL, wrong.encode(), "urn:n")


def test_what_the_shape_does_not_know_is_not_left_out_silently() -> None:
    with pytest.raises(ShapeError, match="A has no Z"):
        build(SMALL, {"B": "1", "C": ("x", "v"), "Z": "lost"}, "urn:n")


def test_the_shape_of_pain_refuses_an_underscore_in_an_id() -> None:
    raw = message(ORDER, DEBTOR).replace(b"pay-01kahn", b"pay_01kahn")
    with pytest.raises(ShapeError, match="MsgId"):
        check(SHAPE, raw, NAMESPACE)


GOOD = {"name": "L", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "country": "DE"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iban": "DE89370400440532013001"}, "identifier_invalid"),
        ({"iban": "DE89 3704 0044 0532 0130 00"}, "identifier_invalid"),
        ({"bic": "COBADEFFXX"}, "identifier_invalid"),
        ({"bic": "cobadeffxxx"}, "identifier_invalid"),
        ({"country": "XX"}, "territory_unknown"),
        ({"name": ""}, "value_unknown"),
        ({"account": "1"}, "value_unknown"),
    ],
)
def test_payee_details_are_checked_when_they_are_read(change: dict[str, str], code: str) -> None:
    assert read_details(GOOD).bic == "COBADEFFXXX"
    with pytest.raises(Malformed) as caught:
        read_details(GOOD | change)
    assert caught.value.code == code
