"""The closed lists of "no" are those of the contract, and nothing is outside them."""

import random
import re

import pytest
from pydantic import ValidationError

from schemas.refusals import (
    CONFLICTS,
    EXPLAIN,
    MALFORMED,
    REFUSALS,
    Conflict,
    Malformed,
    Reason,
    in_order,
)

ORDER = """
not_in_inference_set model_retired model_cannot_honor model_not_permitted level_not_permitted
parameter_not_permitted reproduction_not_permitted performer_consent_missing moral_right_restricted
purpose_not_permitted tier_not_permitted model_license_forbids_tier channel_not_permitted
territory_not_cleared outside_window consent_revoked consent_contested no_consent side_not_cleared
weight_below_minimum no_tariff fee_not_secured
"""

CLOSED_LIST = """
unknown_id not_controller weight_zero weights_not_normalized use_invalid number_invalid
amount_not_exact floor_currency timezone_required local_time_nonexistent local_time_ambiguous
instant_mismatch territory_unknown tier_unknown reference_count identifier_invalid share_invalid
share_exceeds_whole blanket_consent_forbidden mandate_exceeds_grantor key_unknown key_not_valid
key_weak signature_invalid not_canonical expired wrong_ledger id_reused entry_too_large
value_unknown consent_invalid
"""


def test_the_order_of_refusals_is_the_contract() -> None:
    assert tuple(ORDER.split()) == REFUSALS


def test_the_closed_list_of_malformed_comes_first() -> None:
    closed = tuple(CLOSED_LIST.split())
    assert MALFORMED[: len(closed)] == closed


def test_no_code_stands_twice_in_a_list() -> None:
    for codes in (REFUSALS, MALFORMED, CONFLICTS):
        assert len(codes) == len(set(codes))


def test_only_two_refusals_are_also_plain_answers() -> None:
    assert set(REFUSALS) & set(MALFORMED) == {"no_consent", "tier_not_permitted"}


def test_every_code_is_explained_in_one_sentence() -> None:
    assert set(EXPLAIN) == {*REFUSALS, *MALFORMED, *CONFLICTS}
    for code, sentence in EXPLAIN.items():
        assert re.fullmatch(r"[A-Z1][^.!?]+\.", sentence), code
        assert len(sentence) <= 80, code


@pytest.mark.parametrize("code", MALFORMED)
def test_malformed_speaks_for_itself(code: str) -> None:
    error = Malformed(code)
    assert (error.code, error.message, error.pointer) == (code, EXPLAIN[code], "")
    assert str(error) == code


def test_malformed_tells_what_it_was_told() -> None:
    error = Malformed("weight_zero", "reference 2 has weight 0", pointer="/references/2/weight")
    assert str(error) == "weight_zero: reference 2 has weight 0"
    assert error.pointer == "/references/2/weight"


def test_a_code_outside_its_list_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="Malformed"):
        Malformed("scope_moved")
    with pytest.raises(AssertionError, match="Conflict"):
        Conflict("weight_zero")
    with pytest.raises(AssertionError, match="outside_window"):
        Malformed("outside_window")
    with pytest.raises(ValidationError, match="weight_zero"):
        Reason(code="weight_zero")


def test_reasons_are_sorted_by_code_then_reference_side_and_party() -> None:
    right = [
        Reason(code="model_retired"),
        Reason(
            code="tier_not_permitted", reference=0, side="master", party="pty_a", clause="tiers"
        ),
        Reason(code="tier_not_permitted", reference=0, side="master", party="pty_b"),
        Reason(code="tier_not_permitted", reference=0, side="publishing", party="pty_a"),
        Reason(code="tier_not_permitted", reference=2, side="master", party="pty_a"),
        Reason(code="tier_not_permitted", reference=10, side="master", party="pty_a"),
        Reason(code="no_consent", reference=0, side="master", party="pty_a"),
        Reason(code="no_tariff"),
    ]
    shuffled = right * 2
    random.Random(7).shuffle(shuffled)  # noqa: S311  # not for secrets
    assert in_order(shuffled) == tuple(right)
