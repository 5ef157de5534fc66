"""The state is decided on codes, whatever the library sums up."""

from typing import Any

import pytest

from ledger.provenance.states import OUR_LIST
from ledger.provenance.summary import PROVEN, summarize, text
from schemas.terms import REFERENCES_MAX

URN = "urn:c2pa:01890a5d-ac96-474b-bcce-b302099a8057"
GOOD = (*sorted(PROVEN), "signingCredential.trusted")


def statuses(codes: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"code": code, "url": "self#jumbf=x", "explanation": "x"} for code in codes]


def store(
    *,
    state: str = "Trusted",
    success: tuple[str, ...] = GOOD,
    failure: tuple[str, ...] = (),
    informational: tuple[str, ...] = (),
    inner: tuple[str, ...] = (),
    delta: tuple[str, ...] = (),
    trust_list: str | None = OUR_LIST,
) -> dict[str, Any]:
    ingredient = {
        "title": "A song",
        "relationship": "componentOf",
        "instance_id": "rec_x",
        "label": "c2pa.ingredient.v3",
        "validation_results": {"activeManifest": {"failure": statuses(inner)}},
    }
    return {
        "active_manifest": URN,
        "manifests": {URN: {"ingredients": [ingredient], "signature_info": {"alg": "Es256"}}},
        "validation_state": state,
        "validation_results": {
            "activeManifest": {
                "success": statuses(success),
                "failure": statuses(failure),
                "informational": statuses(informational),
            },
            "ingredientDeltas": [{"validationDeltas": {"failure": statuses(delta)}}],
            "trustListUri": trust_list,
        },
    }


HOLE = "assertion.dataHash.additionalExclusionsPresent"
UNTRUSTED = "signingCredential.untrusted"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "trusted"),
        ({"trust_list": "urn:other"}, "trusted_elsewhere"),
        ({"trust_list": None}, "untrusted"),
        ({"state": "Valid", "success": GOOD[:2], "failure": (UNTRUSTED,)}, "untrusted"),
        # With trust not verified at all the library says Valid and names no failure.
        ({"state": "Valid", "success": GOOD[:2]}, "untrusted"),
        # Trusted for the library, and something is missing or wrong.
        ({"success": GOOD[1:]}, "invalid"),
        ({"success": ()}, "invalid"),
        ({"informational": (HOLE,)}, "invalid"),
        ({"inner": ("assertion.dataHash.mismatch",)}, "invalid"),
        ({"delta": ("ingredient.manifest.mismatch",)}, "invalid"),
        ({"failure": ("assertion.dataHash.mismatch",)}, "invalid"),
        # A stranger's song as an ingredient, as good as it came, is no damage.
        ({"inner": (UNTRUSTED,)}, "trusted"),
        ({"state": "Invalid"}, "invalid"),
        ({"state": "Splendid"}, "invalid"),
    ],
)
def test_state(changes: dict[str, Any], state: str) -> None:
    found = summarize(store(**changes), label="org.example", our_list=OUR_LIST)
    assert found["state"] == state


def test_failures_say_where() -> None:
    changed = store(failure=("a.b",), informational=(HOLE,), inner=("c.d",), delta=("c.d", "e.f"))
    found = summarize(changed, label="org.example", our_list=OUR_LIST)["failures"]
    assert [(one["where"], one["code"]) for one in found] == [
        ("manifest", "a.b"),
        ("manifest", HOLE),
        ("ingredient", "c.d"),
        ("ingredient", "e.f"),
    ]


def test_a_manifest_that_could_not_be_decoded_has_its_failures() -> None:
    broken = store(failure=("assertion.hashedURI.mismatch",))
    broken["manifests"] = {}
    found = summarize(broken, label="org.example", our_list=OUR_LIST)
    assert (found["state"], found["ingredients"], found["actions"]) == ("invalid", [], [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("x" * 300, "x" * 200),
        ("a\x1b[31mb\n\u202e", "a\ufffd[31mb\ufffd\ufffd"),
        (None, ""),
        (7, ""),
    ],
)
def test_text_is_bounded_and_steers_nothing(raw: object, shown: str) -> None:
    assert text(raw) == shown


def test_one_ingredient_more_than_a_generation_may_have_is_seen() -> None:
    many = store()
    (one,) = many["manifests"][URN]["ingredients"]
    rows = [{**one, "instance_id": f"rec_{number}"} for number in range(REFERENCES_MAX + 9)]
    many["manifests"][URN]["ingredients"] = rows
    found = summarize(many, label="org.example", our_list=OUR_LIST)["ingredients"]
    assert len(found) == REFERENCES_MAX + 1
