"""What a streaming service is told: four answers, one code, one exit code."""

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ledger.provenance import reasons
from ledger.provenance.model import ManifestReading
from ledger.provenance.record import (
    AuthorizedByProof,
    CitedConsent,
    LedgerView,
    License,
    Question,
    look_up,
)
from ledger.provenance.states import STATES, UNREADABLE
from ledger.provenance.verdict import Verdict, give_verdict
from schemas.ids import new_id
from tests.support.signed_files import COMPOSITE, assertion
from tests.support.verdicts import (
    AT,
    AUTHORIZED,
    FRAMES,
    QUESTION,
    ROWS,
    SIGNER,
    bare,
    failed,
    read,
    record,
)

FOREIGN = SIGNER.model_copy(update={"trust_list": None, "certificate_sha256": "bb" * 32})
ELSEWHERE = SIGNER.model_copy(update={"trust_list": "urn:other"})
OTHER_WORKER = SIGNER.model_copy(update={"certificate_sha256": "bb" * 32})
OTHER_FRAMES = FRAMES.model_copy(update={"sha256": "dd" * 32})
LAST_YEAR = AT - dt.timedelta(days=365)


def consent(*, survives: bool, revoked_from: dt.datetime | None = None) -> CitedConsent:
    return CitedConsent(new_id("cns"), 5, survives, 40, revoked_from)


FILES = {
    "untouched": read(),
    "padding changed": read(file_sha256="11" * 32),
    "frames not decoded": read(frames=None),
    "audio bit changed": failed("assertion.dataHash.mismatch", frames=OTHER_FRAMES),
    "audio left out": failed("assertion.dataHash.additionalExclusionsPresent"),
    "assertion edited": failed("assertion.hashedURI.mismatch"),
    "claim edited": failed("claimSignature.mismatch"),
    "nothing proven": failed(),
    "signer unreadable": failed("assertion.hashedURI.mismatch", signer=None),
    "ingredient edited": failed("ingredient.manifest.mismatch", where="ingredient"),
    "certificate expired": failed("signingCredential.untrusted", "signingCredential.expired"),
    "certificate revoked": failed("signingCredential.ocsp.revoked"),
    "re-encoded": bare("no_manifest", frames=OTHER_FRAMES),
    "no manifest": bare("no_manifest"),
    "manifest elsewhere": bare("manifest_elsewhere"),
    "RF64": bare("container_unsupported", container="rf64"),
    "a stranger's": read(state="untrusted", signer=FOREIGN, urn="urn:c2pa:theirs"),
    "another list's": read(state="trusted_elsewhere", signer=ELSEWHERE, urn="urn:c2pa:theirs"),
    "stranger with our URN": read(state="untrusted", signer=FOREIGN, claim_sha256="00" * 32),
    "a reference too few": read(assertion=assertion(ROWS[:1])),
    "a second file": read(claim_sha256="00" * 32, file_sha256="00" * 32, frames=OTHER_FRAMES),
    "another claim": read(claim_sha256="00" * 32, file_sha256="00" * 32),
    "another worker's": read(signer=OTHER_WORKER),
}
LEDGERS: dict[str, LedgerView] = {
    "completed": record(),
    "completed, no claim": record(claim_sha256=None),
    "unknown": "unknown",
    "found by sound": record(found_by="frames"),
    "not asked": "not_asked",
    "proof alone": AuthorizedByProof(AUTHORIZED, witnessed=False),
    "proof, witnessed": AuthorizedByProof(AUTHORIZED, witnessed=True),
    "authorized": record(status="authorized", completed_at=None),
    "authorized, no word yet": record(
        status="authorized",
        completed_at=None,
        authorized=dataclasses.replace(AUTHORIZED, signers=frozenset()),
    ),
    "not accrued": record(accrued_at=None),
    "failed": record(status="failed", ended_at=20),
    "canceled": record(status="canceled", ended_at=20),
    "expired": record(status="expired", ended_at=20),
    "quarantined": record(status="failed", quarantined=frozenset({"ee" * 32})),
}
TABLE = [
    [cell.strip() for cell in line.split("|")]
    for line in (Path(__file__).parent / "verdicts.txt").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("row", TABLE[1:], ids=lambda row: f"{row[0]}, {row[1]}")
def test_verdict(row: list[str]) -> None:
    file, ledger, *answers, expected = row
    verdict = give_verdict(FILES[file], LEDGERS[ledger], QUESTION)
    given = (verdict.intact, verdict.signed_by, verdict.ledger_says, verdict.allowed_here)
    assert [answer.code for answer in given] == answers
    assert f"{verdict.exit_code} {verdict.code}" == expected


def test_every_file_and_ledger_is_in_the_table() -> None:
    assert {row[0] for row in TABLE[1:]} == set(FILES)
    assert {row[1] for row in TABLE[1:]} == set(LEDGERS)


@pytest.mark.parametrize("state", sorted(UNREADABLE))
def test_a_file_that_cannot_be_read_is_invalid(state: Any) -> None:
    verdict = give_verdict(ManifestReading(state=state), "unknown", QUESTION)
    assert (verdict.code, verdict.exit_code) == (state, 3)
    assert verdict.signed_by.code == "not_examined"
    assert verdict.allowed_here.code == "file_unusable"


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({}, "allowed"),
        ({"territory": "FR"}, "allowed"),
        ({"tier": "commercial"}, "tier_not_permitted"),
        ({"tier": "preview"}, "tier_not_permitted"),  # tiers do not nest
        ({"channel": "streaming"}, "channel_not_permitted"),
        ({"territory": "JP"}, "territory_not_cleared"),
        # The order of refusals: tier before channel before territory.
        ({"tier": "commercial", "channel": "streaming", "territory": "JP"}, "tier_not_permitted"),
        ({"channel": "streaming", "territory": "JP"}, "channel_not_permitted"),
    ],
)
def test_allowed_is_what_was_licensed(question: dict[str, Any], code: str) -> None:
    asked = Question(**{**vars(QUESTION), **question})
    verdict = give_verdict(read(), record(), asked)
    assert (verdict.allowed_here.code, verdict.code) == (code, code)
    assert verdict.exit_code == (0 if code == "allowed" else 2)


def test_licenses_are_not_mixed() -> None:
    """Two licenses, each for its own tier and country: neither lends the other a word."""
    licenses = (
        License("private", "download", frozenset({"DE"}), 12),
        License("commercial", "streaming", frozenset({"US"}), 60),
    )
    for tier, channel, territory, code in [
        ("commercial", "streaming", "US", "allowed"),
        ("commercial", "streaming", "DE", "territory_not_cleared"),
        ("commercial", "download", "DE", "channel_not_permitted"),
        ("private", "download", "US", "territory_not_cleared"),
    ]:
        asked = Question(tier, channel, territory, AT)  # type: ignore[arg-type]  # from a table
        assert give_verdict(read(), record(licenses=licenses), asked).allowed_here.code == code


def test_a_revocation_that_the_license_outlives_is_told() -> None:
    consents = (consent(survives=True, revoked_from=LAST_YEAR), consent(survives=True))
    verdict = give_verdict(read(), record(consents=consents), QUESTION)
    assert verdict.exit_code == 0
    assert "the license outlives 1 consent revoked since" in verdict.allowed_here.reason


def test_a_revocation_that_ends_the_license_refuses() -> None:
    ended = consent(survives=False, revoked_from=AT)
    verdict = give_verdict(read(), record(consents=(ended,)), QUESTION)
    assert (verdict.code, verdict.exit_code) == ("consent_revoked", 2)
    assert ended.consent in verdict.allowed_here.reason


def test_a_revocation_with_notice_acts_when_the_notice_is_over() -> None:
    later = consent(survives=False, revoked_from=AT + dt.timedelta(microseconds=1))
    assert give_verdict(read(), record(consents=(later,)), QUESTION).exit_code == 0


def verdicts() -> list[Verdict]:
    return [give_verdict(FILES[row[0]], LEDGERS[row[1]], QUESTION) for row in TABLE[1:]]


def test_nothing_is_ever_said_to_be_made_without_ai() -> None:
    for verdict in verdicts():
        assert verdict.contains_ai.contains_ai in {"All", "Partly", None}
        for one in (verdict.intact, verdict.signed_by, verdict.ledger_says, verdict.allowed_here):
            assert "not AI" not in one.reason
    never_signed = give_verdict(bare("no_manifest"), "unknown", QUESTION)
    assert never_signed.contains_ai.contains_ai is None
    assert "does not mean" in never_signed.contains_ai.reason


@pytest.mark.parametrize(
    ("source_type", "extent"),
    [
        (COMPOSITE, "Partly"),
        (COMPOSITE.replace("composite", "trainedAlgorithmicMedia"), "All"),
        (COMPOSITE.replace("composite", "digitalCapture"), None),
        (None, None),
    ],
)
def test_disclosure_follows_the_signed_source_type(
    source_type: str | None, extent: str | None
) -> None:
    found = give_verdict(read(source_type=source_type), record(), QUESTION).contains_ai
    assert found.contains_ai == extent
    assert [one.contributor for one in found.contributions] == (
        ["Linernotes 0.1.0"] if extent else []
    )


def test_disclosure_is_not_taken_from_what_does_not_hold() -> None:
    for reading in (
        failed("assertion.dataHash.mismatch"),
        read(state="untrusted", signer=FOREIGN),
    ):
        assert give_verdict(reading, "unknown", QUESTION).contains_ai.code == "undeclared"


def test_disclosure_of_a_stripped_file_comes_from_the_ledger() -> None:
    found = give_verdict(bare("no_manifest"), record(found_by="frames"), QUESTION).contains_ai
    assert (found.code, found.contains_ai) == ("recorded", "Partly")


def test_every_state_and_every_code_has_a_sentence() -> None:
    assert set(STATES) - set(reasons.INTACT) == {
        "trusted",
        "trusted_elsewhere",
        "untrusted",
        "invalid",
    }
    for verdict in verdicts():
        assert verdict.intact.code in reasons.INTACT
        assert "{" not in " ".join(
            one.reason
            for one in (
                verdict.intact,
                verdict.signed_by,
                verdict.ledger_says,
                verdict.allowed_here,
            )
        )


def test_a_verdict_says_as_of_when() -> None:
    assert give_verdict(read(), record(), QUESTION).as_of == 90
    assert give_verdict(read(), "unknown", QUESTION).as_of is None


def test_a_name_with_braces_is_only_a_name() -> None:
    odd = SIGNER.model_copy(update={"subject": "CN={0} {signer}"})
    verdict = give_verdict(read(signer=odd), record(), QUESTION)
    assert "CN={0} {signer}" in verdict.signed_by.reason


class _Index:
    """A ledger that knows one output."""

    def by_urn(self, urn: str) -> Any:
        return record() if urn == AUTHORIZED.urn else None

    def by_file(self, file_sha256: str) -> Any:
        return record(found_by="file") if file_sha256 == "ee" * 32 else None

    def by_frames(self, frames_sha256: str, decoder: str) -> Any:
        known = (frames_sha256, decoder) == (FRAMES.sha256, FRAMES.decoder)
        return record(found_by="frames") if known else None


@pytest.mark.parametrize(
    ("reading", "found_by"),
    [
        (read(file_sha256="00" * 32), "urn"),
        (bare("no_manifest"), "file"),
        (read(urn="urn:c2pa:theirs", file_sha256="00" * 32), "frames"),
        (bare("no_manifest", file_sha256="00" * 32, frames=OTHER_FRAMES), None),
        (ManifestReading(state="file_empty"), None),
    ],
)
def test_looked_up_by_name_then_bytes_then_sound(
    reading: ManifestReading, found_by: str | None
) -> None:
    found = look_up(reading, _Index())
    assert (None if found == "unknown" else found.found_by) == found_by
