"""An operator that signs false entries with its own keys: the page says at which step it lies.

Tree, checkpoint and every signature of the ledger are right here. What speaks is what others have
signed (owners, the worker), what was agreed before, and the bytes of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from schemas import canonical
from schemas.envelope.entry import read_entry
from tests.integration.notes.conftest import Made
from tests.integration.notes.forging import Forger
from tests.integration.notes.test_pages_tampered import COMPLETE, SAID, check_refused
from tests.kit.instance import Place
from tests.support.browser import opened

Data = dict[str, Any]
Lie = Callable[[Data], None]


def accrues_to_somebody_else(data: Data) -> None:
    legs = data["legs"]
    legs[0]["party"], legs[-1]["party"] = legs[-1]["party"], legs[0]["party"]


def another_weight(data: Data) -> None:
    """As where the hash of the references is made true again, in every entry that repeats it."""
    if "references" in data:
        data["references"][0]["weight"], data["references"][1]["weight"] = "1/4", "3/4"
    rows = [
        {**row, "weight": weight} for row, weight in zip(REFERENCES, ("1/4", "3/4"), strict=True)
    ]
    data["references_sha256"] = hashlib.sha256(canonical.encode(rows)).hexdigest()


REFERENCES: list[Data] = []


def more_uses_than_were_said(data: Data) -> None:
    data["consent"]["uses"] = ["song", "parameter", "audio", "temporal"]


def another_tier_than_was_said(data: Data) -> None:
    data["consent"]["tiers"] = ["private", "commercial"]


def another_file(data: Data) -> None:
    data["artifact_sha256"] = "0" * 64


def less_commission(data: Data) -> None:
    data["commission"]["amount"] = "0.010000"


LIES: list[tuple[Lie, tuple[str, ...], str]] = [
    (accrues_to_somebody_else, ("RoyaltyAccrued",), "Follow the money"),
    (accrues_to_somebody_else, ("RoyaltyAccrued", "FeeAgreed"), "Read the agreed fee"),
    (less_commission, ("RoyaltyAccrued", "FeeAgreed"), "Read the agreed fee"),
    (more_uses_than_were_said, ("ConsentGranted",), SAID),
    (another_tier_than_was_said, ("ConsentGranted",), SAID),
    (another_file, ("GenerationCompleted",), "Read the completion"),
    (
        another_file,
        ("GenerationCompleted", "ManifestEmbedded"),
        "Verify the worker's signature on what it made",
    ),
    (
        another_weight,
        ("GenerationAuthorized", "GenerationCompleted", "ManifestEmbedded"),
        "Read what the file itself says",
    ),
]


@pytest.mark.parametrize("row", LIES, ids=lambda row: f"{row[0].__name__}-{len(row[1])}")
def test_a_lie_with_the_ledgers_own_keys(
    noted: Place, output: Made, browser: Browser, tmp_path: Path, row: tuple[Lie, Any, str]
) -> None:
    lie, types, step = row
    evidence = output.evidence
    authorized = read_entry(canonical.unb64u(output.row(evidence, "GenerationAuthorized")["entry"]))
    REFERENCES[:] = authorized.data["references"]
    Forger(noted).rewrite(evidence, types, lie)
    check_refused(output.with_evidence(evidence), browser, tmp_path, step)


def nothing_was_earned(data: Data) -> None:
    """Close the statement over no lines: every sum and hash is right, for a month without uses."""
    zero = {"amount": "0.000000", "currency": "EUR"}
    data.update(accrued=zero, carried_out=zero, payable={"amount": "0.00", "currency": "EUR"})
    data.update(line_count=0, lines_sha256=hashlib.sha256(b"[]").hexdigest())


def test_a_statement_that_leaves_out_a_use_is_caught_by_the_index(
    noted: Place, statement: Made, browser: Browser, tmp_path: Path
) -> None:
    evidence = statement.evidence
    evidence["accruals"] = []
    Forger(noted).rewrite(evidence, ("RoyaltyStatementClosed",), nothing_was_earned)
    check_refused(statement.with_evidence(evidence), browser, tmp_path, COMPLETE)


def test_without_the_index_nobody_would_notice(
    noted: Place, statement: Made, browser: Browser, tmp_path: Path
) -> None:
    """Why the step says "not checked" aloud where there is no root yet."""
    evidence = statement.evidence
    evidence["accruals"], evidence["index"] = [], None
    Forger(noted).rewrite(evidence, ("RoyaltyStatementClosed",), nothing_was_earned)
    with opened(browser, statement.with_evidence(evidence).write(tmp_path)) as found:
        assert found.state == "verified"
        assert ("skipped", COMPLETE) in found.steps()
        assert "could not be checked here" in found.verdict


def test_the_forger_alone_is_believed(
    noted: Place, output: Made, browser: Browser, tmp_path: Path
) -> None:
    """Nothing is changed but the tree: so it is the lies that are refused above, no artifact."""
    evidence = output.evidence
    Forger(noted).sign_again(evidence)
    path = output.with_evidence(evidence).write(tmp_path)
    with opened(browser, path) as found:
        assert found.state == "verified", found.verdict
