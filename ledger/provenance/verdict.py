"""The verdict: four questions in one answer, each with its reason. Pure.

Intact? Signed by whom, and trusted by whom? What does the ledger say? Allowed here, now? Plus how
much is said to be made by AI. Exit codes as in the command line: 0 allowed, 2 refused or nothing
known, 3 invalid or tampered.
"""

from collections.abc import Sequence
from typing import Final, Literal

from ledger.provenance.answers import (
    ALTERED,
    BAD_SIGNATURE,
    UNFINISHED,
    WITHOUT_MANIFEST,
    Answer,
    answer,
    intact,
    ledger_says,
    signed_by,
)
from ledger.provenance.disclosure import ContainsAi, disclose
from ledger.provenance.model import ManifestReading
from ledger.provenance.reasons import ALLOWED_HERE
from ledger.provenance.record import CitedConsent, LedgerRecord, LedgerView, License, Question
from ledger.provenance.states import UNREADABLE
from schemas.model import Count, Wire

ExitCode = Literal[0, 2, 3]
"""How `liner inspect` ends: allowed, refused or nothing known, invalid."""

CONTRADICTED: Final = frozenset({"other_file", "rows_differ", "quarantined"})
"""Answers to question 3 by which the ledger contradicts a file that carries our signature."""

KNOWN: Final = frozenset({"known_by_file", "known_by_sound"})
"""Answers to question 3 about files that lost their manifest."""


class Verdict(Wire):
    """One verdict. `code` is the answer that decided; `as_of` the position the ledger spoke at."""

    code: str
    exit_code: ExitCode
    intact: Answer
    signed_by: Answer
    ledger_says: Answer
    allowed_here: Answer
    contains_ai: ContainsAi
    as_of: Count | None = None


def give_verdict(reading: ManifestReading, ledger: LedgerView, question: Question) -> Verdict:
    """Combine what the file says and what the ledger says into an answer to what was asked."""
    whole, signer, says = intact(reading), signed_by(reading, ledger), ledger_says(reading, ledger)
    allowed = _allowed(whole, signer, says, ledger, question)
    code, exit_code = _overall(whole, signer, says, allowed)
    return Verdict(
        code=code,
        exit_code=exit_code,
        intact=whole,
        signed_by=signer,
        ledger_says=says,
        allowed_here=allowed,
        contains_ai=disclose(reading, ledger),
        as_of=ledger.head if isinstance(ledger, LedgerRecord) else None,
    )


def _overall(whole: Answer, signer: Answer, says: Answer, allowed: Answer) -> tuple[str, ExitCode]:
    """Let the first answer speak that decides, worst first."""
    invalid = (
        (whole.code in UNREADABLE | ALTERED, whole.code),
        (signer.code in BAD_SIGNATURE, signer.code),
        (says.code in CONTRADICTED, says.code),
    )
    for decides, code in invalid:
        if decides:
            return code, 3
    if allowed.code == "allowed":
        return "allowed", 0
    nothing_known = (
        (whole.code in WITHOUT_MANIFEST and says.code not in KNOWN, whole.code),
        (signer.code in {"untrusted_signer", "trusted_elsewhere"}, signer.code),
    )
    return next((code for decides, code in nothing_known if decides), allowed.code), 2


def _allowed(
    whole: Answer, signer: Answer, says: Answer, ledger: LedgerView, question: Question
) -> Answer:
    """Answer question 4. Everything before the license is a reason not to look at it."""
    usable = whole.code not in UNREADABLE | ALTERED and signer.code not in BAD_SIGNATURE
    before = (
        (not usable or says.code in CONTRADICTED, "file_unusable"),
        (whole.code in WITHOUT_MANIFEST and says.code in KNOWN, "manifest_missing"),
        (ledger == "unknown", "ledger_unknown"),
        (not isinstance(ledger, LedgerRecord), "ledger_not_asked"),
        (says.code in UNFINISHED, "not_completed"),
        (signer.code != "assigned_worker" or says.code != "completed", "signer_not_ours"),
    )
    for decides, code in before:
        if decides:
            return answer(ALLOWED_HERE, code)
    assert isinstance(ledger, LedgerRecord)
    return licensed(ledger, question)


def licensed(record: LedgerRecord, question: Question) -> Answer:
    """Check consents and licenses of a completed output, in the order of refusals."""
    revoked = [consent for consent in record.consents if _is_revoked(consent, question)]
    for consent in revoked:
        if not consent.survives:
            return answer(ALLOWED_HERE, "consent_revoked", consent=consent.consent)
    tier = [row for row in record.licenses if row.tier == question.tier]
    if not tier:
        return _refused("tier_not_permitted", question, [row.tier for row in record.licenses])
    channel = [row for row in tier if row.channel == question.channel]
    if not channel:
        return _refused("channel_not_permitted", question, [row.channel for row in tier])
    for row in channel:
        if question.territory in row.territories:
            return _permitted(row, question, revoked)
    return _refused("territory_not_cleared", question, [])


def _is_revoked(consent: CitedConsent, question: Question) -> bool:
    return consent.revoked_from is not None and consent.revoked_from <= question.at


def _refused(code: str, question: Question, licensed: Sequence[str]) -> Answer:
    return answer(
        ALLOWED_HERE,
        code,
        licensed=", ".join(sorted(set(licensed))) or "nothing",
        tier=question.tier,
        channel=question.channel,
        territory=question.territory,
    )


def _permitted(license_: License, question: Question, revoked: list[CitedConsent]) -> Answer:
    """Say yes, and how many consents were revoked since: the license outlives them."""
    consents = "consent" if len(revoked) == 1 else "consents"
    since = f"; the license outlives {len(revoked)} {consents} revoked since" if revoked else ""
    return answer(
        ALLOWED_HERE,
        "allowed",
        tier=question.tier,
        channel=question.channel,
        territory=question.territory,
        position=license_.position,
        revoked=since,
    )
