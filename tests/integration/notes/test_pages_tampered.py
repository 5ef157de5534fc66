"""Pages that somebody changed: each says which step failed, and shows nothing of itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ledger.evidence.vkeys import VerifierKey
from schemas import canonical
from schemas.envelope.keys import SigningKey
from tests.integration.notes.conftest import EVIDENCE, Made
from tests.support.browser import offline, opened

Evidence = dict[str, Any]
Spoil = Callable[[Made, Evidence], None]


def flipped(text: str, at: int) -> str:
    """Change one digit of a base64 text, so that it stays base64."""
    at %= len(text)
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def entry_byte(made: Made, evidence: Evidence) -> None:
    row = made.row(evidence, "GenerationAuthorized")
    row["entry"] = flipped(row["entry"], 1200)


def entry_signature(made: Made, evidence: Evidence) -> None:
    row = made.row(evidence, "RoyaltyAccrued")
    row["entry"] = flipped(row["entry"], -10)


def path_byte(made: Made, evidence: Evidence) -> None:
    row = made.row(evidence, "GenerationCompleted")
    row["path"][0] = flipped(row["path"][0], 7)


def another_position(made: Made, evidence: Evidence) -> None:
    row = made.row(evidence, "GenerationCompleted")
    row["position"] -= 1


def checkpoint_size(made: Made, evidence: Evidence) -> None:
    origin, size, rest = evidence["checkpoint"].split("\n", 2)
    evidence["checkpoint"] = f"{origin}\n{int(size) + 1}\n{rest}"


def checkpoint_root(made: Made, evidence: Evidence) -> None:
    origin, size, root, rest = evidence["checkpoint"].split("\n", 3)
    evidence["checkpoint"] = f"{origin}\n{size}\n{flipped(root, 5)}\n{rest}"


def a_policy_that_is_none(made: Made, evidence: Evidence) -> None:
    evidence["policy"] = evidence["policy"].replace("quorum none", "quorum nobody")


def another_log(made: Made, evidence: Evidence) -> None:
    key = SigningKey("key_01h455vb4pex5vsknk084sn02d", b"\x06" * 32)
    name = evidence["checkpoint"].partition("\n")[0]
    evidence["policy"] = f"log {VerifierKey(name, key.public)}\nquorum none\n"


def weight(made: Made, evidence: Evidence) -> None:
    spoil_payload(made, evidence, "GenerationAuthorized", b'"weight":"1/2"', b'"weight":"1/3"')


def amount(made: Made, evidence: Evidence) -> None:
    spoil_payload(made, evidence, "RoyaltyAccrued", b'"amount":"0.0', b'"amount":"9.0')


def spoil_payload(made: Made, evidence: Evidence, name: str, old: bytes, new: bytes) -> None:
    """Rewrite what an entry says, and leave everything else as it was."""
    row = made.row(evidence, name)
    raw = canonical.unb64u(row["entry"])
    assert old in raw
    row["entry"] = canonical.b64u(raw.replace(old, new))


def no_consent(made: Made, evidence: Evidence) -> None:
    gone = next(
        row for row in evidence["entries"] if b"ConsentGranted" in canonical.unb64u(row["entry"])
    )
    evidence["entries"].remove(gone)


def someone_elses_statement(made: Made, evidence: Evidence) -> None:
    first, second = [row for row in evidence["entries"] if row["statement"]][-2:]
    first["statement"] = second["statement"]


def statement_signature(made: Made, evidence: Evidence) -> None:
    # Bound to its entry by the hash of all its bytes, so the hash speaks first.
    row = [row for row in evidence["entries"] if row["statement"]][-1]
    row["statement"] = flipped(row["statement"], -10)


def a_place_that_is_another(made: Made, evidence: Evidence) -> None:
    evidence["places"]["RoyaltyAccrued"] = evidence["places"]["FeeAgreed"]


def no_key(made: Made, evidence: Evidence) -> None:
    evidence["entries"] = [row for row in evidence["entries"] if row["position"] != 1]


FOUND = "Find every entry of this page in the log"
SIGNED = "Verify the log's signature on its state"
SAID = "Verify what the parties signed themselves"

OUTPUT: list[tuple[Spoil, str]] = [
    (entry_byte, FOUND),
    (entry_signature, FOUND),
    (path_byte, FOUND),
    (another_position, FOUND),
    (weight, FOUND),
    (amount, FOUND),
    (checkpoint_size, SIGNED),
    (checkpoint_root, SIGNED),
    (another_log, SIGNED),
    (a_policy_that_is_none, "Read whom you trust"),
    (no_key, "Verify the ledger's signature on every entry"),
    (no_consent, "Find everyone's consent"),
    (someone_elses_statement, SAID),
    (statement_signature, SAID),
    (a_place_that_is_another, "Follow the money"),
]


def check_refused(made: Made, browser: Browser, folder: Path, step: str) -> None:
    with opened(browser, made.write(folder)) as found:
        assert found.state == "failed"
        assert found.failed() == step
        assert step in found.verdict
        assert "Not verified" in found.verdict
        assert not found.page.is_visible(".needs-checking"), "nothing unchecked is shown"
        assert found.complaints == []


@pytest.mark.parametrize(("spoil", "step"), OUTPUT, ids=[spoil.__name__ for spoil, _ in OUTPUT])
def test_output(output: Made, browser: Browser, tmp_path: Path, spoil: Spoil, step: str) -> None:
    evidence = output.evidence
    spoil(output, evidence)
    check_refused(output.with_evidence(evidence), browser, tmp_path, step)


def test_another_sound(output: Made, browser: Browser, tmp_path: Path) -> None:
    other = bytearray(output.sound)
    other[2000] ^= 1
    check_refused(
        output.with_sound(bytes(other)), browser, tmp_path, "Compare the sound with the log"
    )


def test_a_sound_that_is_none(output: Made, browser: Browser, tmp_path: Path) -> None:
    check_refused(
        output.with_sound(b"no sound"), browser, tmp_path, "Compare the sound with the log"
    )


def fewer_lines(made: Made, evidence: Evidence) -> None:
    evidence["accruals"] = []


def lines_twice(made: Made, evidence: Evidence) -> None:
    evidence["accruals"] *= 2


def accrued_elsewhere(made: Made, evidence: Evidence) -> None:
    (row,) = evidence["accruals"]
    row["agreed"] = 1


def closed_amount(made: Made, evidence: Evidence) -> None:
    spoil_payload(made, evidence, "RoyaltyStatementClosed", b'"amount":"0.0', b'"amount":"5.0')


def accrued_amount(made: Made, evidence: Evidence) -> None:
    evidence["places"]["spoiled"] = evidence["accruals"][0]["position"]
    spoil_payload(made, evidence, "spoiled", b'"amount":"0.0', b'"amount":"5.0')


def another_statement(made: Made, evidence: Evidence) -> None:
    evidence["statement"] = "rst_01h455vb4pex5vsknk084sn02q"


def carried_from_somewhere(made: Made, evidence: Evidence) -> None:
    evidence["places"]["before"] = evidence["places"]["RoyaltyStatementClosed"]


def index_hides_a_use(made: Made, evidence: Evidence) -> None:
    evidence["index"]["positions"].remove(evidence["accruals"][0]["position"])


def index_of_somebody_else(made: Made, evidence: Evidence) -> None:
    evidence["index"]["leaf"] = evidence["index"]["leaf"].replace("0", "1", 1)


def index_without_its_entries(made: Made, evidence: Evidence) -> None:
    """Leave out an entry that only completeness needs."""
    gone = next(
        row for row in evidence["entries"] if b"ShareClaimed" in canonical.unb64u(row["entry"])
    )
    evidence["entries"].remove(gone)


COMPLETE = "Prove that no accrual was left out"

STATEMENT: list[tuple[Spoil, str]] = [
    (index_hides_a_use, COMPLETE),
    (index_of_somebody_else, COMPLETE),
    (index_without_its_entries, COMPLETE),
    (fewer_lines, "Check that no line is missing or added"),
    (lines_twice, "Check that no line is missing or added"),
    (accrued_elsewhere, "Compare each accrual with what was agreed"),
    (closed_amount, FOUND),
    (accrued_amount, FOUND),
    (checkpoint_root, SIGNED),
    (another_statement, "Read the closing of the statement"),
    (carried_from_somewhere, "Add up every cent"),
]


@pytest.mark.parametrize(
    ("spoil", "step"), STATEMENT, ids=[spoil.__name__ for spoil, _ in STATEMENT]
)
def test_statement(
    statement: Made, browser: Browser, tmp_path: Path, spoil: Spoil, step: str
) -> None:
    evidence = statement.evidence
    spoil(statement, evidence)
    check_refused(statement.with_evidence(evidence), browser, tmp_path, step)


@pytest.mark.parametrize("evidence", ["", "null", "[" * 20_000, "{}"])
def test_a_page_without_evidence_says_so(
    output: Made, tmp_path: Path, browser: Browser, evidence: str
) -> None:
    spoiled = Made(EVIDENCE.sub(lambda found: found[1] + evidence + found[3], output.text))
    with opened(browser, spoiled.write(tmp_path)) as found:
        assert found.page.inner_text("#verdict-word") == "Not verified"
        assert "it is not whole" in found.page.inner_text("#verdict-text")


def test_a_page_that_was_cut_off_does_not_pass_for_one_that_is_being_checked(
    output: Made, tmp_path: Path, browser: Browser
) -> None:
    """Its script is at its end: what a reader is told must already stand in what came."""
    begun = Made(output.text[: output.text.index('id="evidence"') + 2000])
    with offline(browser) as context:
        page = context.new_page()
        page.goto(begun.write(tmp_path).as_uri())
        assert "If this stays, the file is not whole" in page.inner_text("#verdict-text")
