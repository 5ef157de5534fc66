"""Everything in which a file can differ from its authorization has its code."""

from typing import Any

import pytest

from ledger.provenance.match import (
    DIFFERENCE_CODES,
    MismatchError,
    differences,
    require_match,
)
from schemas.ids import new_id
from tests.support.signed_files import assertion, reference
from tests.support.verdicts import AUTHORIZED, ROWS, SIGNER, bare, failed, read

WHOLE = read()
FIRST, SECOND = WHOLE.ingredients
CREATED, PLACED = WHOLE.actions


def rows(**changes: Any) -> Any:
    """The assertion with its second row changed."""
    return assertion((ROWS[0], ROWS[1].model_copy(update=changes)))


def carried(**changes: Any) -> Any:
    own = assertion(ROWS)
    return own.model_copy(update={"authorization": own.authorization.model_copy(update=changes)})


CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("as authorized", {}, []),
    ("untrusted", {"state": "untrusted"}, ["manifest_not_trusted"]),
    ("trusted by another list", {"state": "trusted_elsewhere"}, ["manifest_not_trusted"]),
    ("another generation", {"urn": "urn:c2pa:x"}, ["urn_differs"]),
    ("no URN", {"urn": None}, ["urn_differs"]),
    (
        "another worker",
        {"signer": SIGNER.model_copy(update={"certificate_sha256": "bb" * 32})},
        ["signer_differs"],
    ),
    ("nobody signed", {"signer": None}, ["signer_differs"]),
    ("no assertion", {"assertion": None}, ["assertion_missing"]),
    ("another position", {"assertion": carried(position=13)}, ["authorization_differs"]),
    ("another entry", {"assertion": carried(entry="AAAA")}, ["authorization_differs"]),
    ("one reference too few", {"assertion": assertion(ROWS[:1])}, ["row_missing"]),
    (
        "one reference too many",
        {"assertion": assertion((*ROWS, reference(2, new_id("rec"))))},
        ["row_added"],
    ),
    ("another weight", {"assertion": rows(weight="1/3")}, ["row_differs"]),
    ("another recording", {"assertion": rows(recording=new_id("rec"))}, ["row_differs"]),
    ("copied, it says", {"assertion": rows(copied=True)}, ["row_differs"]),
    ("the whole song instead of a part", {"assertion": rows(source=None)}, ["row_differs"]),
    ("no consent", {"assertion": rows(consents=())}, ["row_differs"]),
    ("an ingredient missing", {"ingredients": (FIRST,)}, ["ingredient_missing"]),
    (
        "an ingredient more",
        {
            "ingredients": (
                FIRST,
                SECOND,
                SECOND.model_copy(update={"instance_id": new_id("rec")}),
            )
        },
        ["ingredient_added"],
    ),
    (
        "an ingredient without a name",
        {"ingredients": (FIRST, SECOND, SECOND.model_copy(update={"instance_id": None}))},
        ["ingredient_added"],
    ),
    ("an ingredient twice", {"ingredients": (FIRST, SECOND, SECOND)}, ["ingredient_repeated"]),
    (
        "copying called conditioning",
        {"ingredients": (FIRST.model_copy(update={"relationship": "inputTo"}), SECOND)},
        ["relationship_differs"],
    ),
    ("nothing placed", {"actions": (CREATED,)}, ["actions_differ"]),
    ("placed before it was created", {"actions": (PLACED, CREATED)}, ["actions_differ"]),
    (
        "created from nothing",
        {"actions": (CREATED.model_copy(update={"ingredients": ()}), PLACED)},
        ["actions_differ"],
    ),
    (
        "something else was done",
        {"actions": (CREATED, PLACED, PLACED.model_copy(update={"action": "c2pa.edited"}))},
        ["actions_differ"],
    ),
    ("perhaps more was done", {"all_actions_included": False}, ["actions_differ"]),
    ("another kind of making", {"source_type": "digitalCapture"}, ["source_type_differs"]),
]


@pytest.mark.parametrize(("changes", "codes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_difference(changes: dict[str, Any], codes: list[str]) -> None:
    reading = read(**changes)
    found = differences(AUTHORIZED, reading)
    assert [difference.code for difference in found] == codes
    if not codes:
        require_match(AUTHORIZED, reading)
        return
    with pytest.raises(MismatchError) as refused:
        require_match(AUTHORIZED, reading)
    assert refused.value.differences == found
    assert all(0 < len(str(difference)) <= 400 for difference in found)


def test_every_code_has_a_case() -> None:
    assert {code for case in CASES for code in case[2]} == set(DIFFERENCE_CODES)


def test_a_row_says_which_field_differs() -> None:
    (found,) = differences(AUTHORIZED, read(assertion=rows(weight="1/3")))
    assert (found.pointer, found.authorized, found.found) == ("/references/1/weight", "1/2", "1/3")


def test_a_file_without_a_manifest_differs_in_everything() -> None:
    codes = [difference.code for difference in differences(AUTHORIZED, bare("no_manifest"))]
    assert codes[:4] == [
        "manifest_not_trusted",
        "urn_differs",
        "signer_differs",
        "assertion_missing",
    ]
    assert codes.count("ingredient_missing") == 2


def test_the_librarys_codes_are_told() -> None:
    (found, *_) = differences(AUTHORIZED, failed("assertion.dataHash.mismatch"))
    assert found.found == "invalid assertion.dataHash.mismatch"


def test_a_reading_that_is_not_trusted_always_speaks_against_its_file() -> None:
    """Also where the library names no failure: something was not proven."""
    assert read().failure_codes() == ()
    assert failed().failure_codes() == ("invalid",)
    assert bare("no_manifest").failure_codes() == ("no_manifest",)
    assert read(state="trusted_elsewhere").failure_codes() == ("trusted_elsewhere",)
