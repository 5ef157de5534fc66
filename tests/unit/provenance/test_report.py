"""What the finisher signs about a file leaves out no difference."""

from typing import Any

import pytest

from ledger.provenance.report import NAMELESS, ArtifactUnreadableError, report_read
from schemas.manifest import references_sha256
from tests.support.signed_files import assertion
from tests.support.verdicts import AUTHORIZED, ROWS, SIGNER, WORKER, bare, failed, read

WHOLE = read()


def test_a_file_as_authorized_reports_nothing_against_it() -> None:
    report = report_read(AUTHORIZED, WHOLE)
    assert report.failures == ()
    assert (report.urn, report.claim_signer_sha256) == (AUTHORIZED.urn, WORKER)
    assert report.references_sha256 == references_sha256(ROWS)
    assert report.ingredients == tuple(row.recording for row in ROWS)
    assert report.audio == WHOLE.audio()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"state": "trusted_elsewhere"}, "manifest_not_trusted"),
        ({"assertion": assertion(ROWS[:1])}, "row_missing"),
        ({"assertion": None, "assertion_problem": "assertion_repeated"}, "assertion_missing"),
        ({"ingredients": WHOLE.ingredients * 2}, "ingredient_repeated"),
        ({"actions": ()}, "actions_differ"),
        ({"source_type": None}, "source_type_differs"),
    ],
)
def test_what_has_no_field_of_its_own_is_a_line(changes: dict[str, Any], line: str) -> None:
    assert any(one.startswith(line) for one in report_read(AUTHORIZED, read(**changes)).failures)


def test_what_has_a_field_is_left_to_the_rules() -> None:
    other = SIGNER.model_copy(update={"certificate_sha256": "bb" * 32})
    nameless = WHOLE.ingredients[1].model_copy(update={"instance_id": None})
    report = report_read(
        AUTHORIZED,
        read(urn="urn:c2pa:x", signer=other, ingredients=(WHOLE.ingredients[0], nameless)),
    )
    assert report.failures == ()
    assert (report.urn, report.claim_signer_sha256) == ("urn:c2pa:x", "bb" * 32)
    assert report.ingredients == (ROWS[0].recording, NAMELESS)


def test_the_librarys_failures_are_told() -> None:
    report = report_read(AUTHORIZED, failed("assertion.dataHash.mismatch"))
    assert "assertion.dataHash.mismatch" in report.failures[0]


def test_a_file_without_a_manifest_is_reported_with_its_audio() -> None:
    report = report_read(AUTHORIZED, bare("no_manifest"))
    assert (report.urn, report.references_sha256, report.ingredients) == (None, None, ())
    assert report.failures


@pytest.mark.parametrize("lacking", [{"frames": None}, {"file_sha256": None}])
def test_a_file_that_could_not_be_heard_is_not_reported(lacking: dict[str, Any]) -> None:
    with pytest.raises(ArtifactUnreadableError):
        report_read(AUTHORIZED, bare("file_malformed", **lacking))
