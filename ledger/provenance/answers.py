"""The first three questions: is it whole, who signed it, what does the ledger say? Pure.

Each answer is a code with its sentence (`reasons`); which one speaks where several would is the
order of the lines here, worst first.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.provenance.match import differences
from ledger.provenance.model import ClaimSigner, ManifestReading
from ledger.provenance.reasons import INTACT, LEDGER_SAYS, SIGNED_BY
from ledger.provenance.record import AuthorizedByProof, LedgerRecord, LedgerView
from ledger.provenance.states import OUR_LIST, UNREADABLE
from ledger.provenance.summary import HOLES
from schemas.model import Wire

ALTERED: Final = frozenset(
    {"audio_altered", "audio_not_covered", "manifest_altered", "ingredient_altered"}
)
"""Answers to question 1 that mean: somebody changed something."""

WITHOUT_MANIFEST: Final = frozenset({"no_manifest", "manifest_elsewhere", "container_unsupported"})
"""Answers to question 1 about files that say nothing of themselves."""

UNFINISHED: Final = frozenset({"not_completed", "failed", "canceled", "expired"})
"""Answers to question 3 about authorizations that never became an output."""

BAD_SIGNATURE: Final = frozenset(
    {
        "signature_invalid",
        "signer_unreadable",
        "certificate_expired",
        "certificate_revoked",
        "other_worker",
    }
)
"""Answers to question 2 after which nothing in the file counts."""

# C2PA 2.4, section 15.2, by what they speak of.
_AUDIO: Final = ("assertion.dataHash.", "assertion.bmffHash.", "assertion.boxesHash.")
_CREDENTIAL: Final = "signingCredential."
_SIGNATURE: Final = "claimSignature."
_EXPIRED: Final = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_REVOKED: Final = frozenset({"signingCredential.revoked", "signingCredential.ocsp.revoked"})


class Answer(Wire):
    """One answer: a code from the question's closed list, and one sentence."""

    code: str
    reason: str


def answer(texts: Mapping[str, str], code: str, **facts: Any) -> Answer:
    """Make an answer of a code and the facts that its sentence names."""
    return Answer(code=code, reason=texts[code].format(**facts))


def intact(reading: ManifestReading) -> Answer:
    """Answer question 1: is every byte as it was signed."""
    if reading.state in UNREADABLE | WITHOUT_MANIFEST:
        return answer(INTACT, reading.state, container=reading.container)
    if reading.state == "invalid":
        return answer(INTACT, _damage(reading))
    return answer(INTACT, "intact")


def _damage(reading: ManifestReading) -> str:
    own = {f.code for f in reading.failures if f.where == "manifest"}
    inner = {f.code for f in reading.failures if f.where == "ingredient"}
    holes, own = own & HOLES, own - HOLES
    if any(code.startswith(_AUDIO) for code in own):
        return "audio_altered"
    if any(not code.startswith(_CREDENTIAL) and code not in _EXPIRED for code in own):
        return "manifest_altered"
    if holes:
        return "audio_not_covered"
    if any(not code.startswith(_CREDENTIAL) for code in inner):
        return "ingredient_altered"
    # Only the certificate is at fault; that is question 2. No code at all means not whole.
    return "intact" if own else "manifest_altered"


def signed_by(reading: ManifestReading, ledger: LedgerView) -> Answer:
    """Answer question 2: signed by whom, and who vouches for that."""
    codes = {f.code for f in reading.failures if f.where == "manifest"}
    badly = any(code.startswith(_SIGNATURE) and code not in _EXPIRED for code in codes)
    signer = reading.signer
    before = (
        (reading.state in UNREADABLE, "not_examined"),
        (reading.state in WITHOUT_MANIFEST, "unsigned"),
        (badly, "signature_invalid"),
        (signer is None, "signer_unreadable"),
        (bool(codes & _REVOKED), "certificate_revoked"),
        (bool(codes & _EXPIRED), "certificate_expired"),
    )
    code = next((code for decides, code in before if decides), None)
    if signer is None:
        return answer(SIGNED_BY, code or "signer_unreadable")
    code = code or _vouched(signer, reading.urn, ledger)
    return answer(SIGNED_BY, code, signer=signer.subject, list=signer.trust_list)


def _vouched(signer: ClaimSigner, urn: str | None, ledger: LedgerView) -> str:
    if signer.trust_list is None:
        return "untrusted_signer"
    if signer.trust_list != OUR_LIST:
        return "trusted_elsewhere"
    if isinstance(ledger, str) or ledger.authorized.urn != urn:
        return "our_signer"
    known = ledger.authorized.signers
    if not known:  # the worker names its certificate when it is done (decision 0011)
        return "our_signer"
    return "assigned_worker" if signer.certificate_sha256 in known else "other_worker"


def ledger_says(reading: ManifestReading, ledger: LedgerView) -> Answer:
    """Answer question 3: was this authorized, and completed as this very file."""
    if isinstance(ledger, str):
        return answer(LEDGER_SAYS, ledger)
    authorized = ledger.authorized.position
    codes = _row_differences(reading, ledger)
    if isinstance(ledger, AuthorizedByProof):
        if codes:
            return answer(LEDGER_SAYS, "rows_differ", authorized=authorized, codes=codes)
        witnessed = "" if ledger.witnessed else " (not witnessed)"
        return answer(
            LEDGER_SAYS, "authorized_by_proof", authorized=authorized, witnessed=witnessed
        )
    facts = {"authorized": authorized, "completed": ledger.completed_at, "ended": ledger.ended_at}
    return answer(LEDGER_SAYS, _standing(reading, ledger, codes), codes=codes, **facts)


def _standing(reading: ManifestReading, record: LedgerRecord, codes: str) -> str:
    if reading.file_sha256 in record.quarantined:
        return "quarantined"
    if record.status != "completed":
        return "not_completed" if record.status == "authorized" else record.status
    if None in {record.completed_at, record.embedded_at, record.accrued_at}:
        return "not_completed"  # the three go in one append; a record without one is not whole
    if record.found_by != "urn":
        return "known_by_file" if record.found_by == "file" else "known_by_sound"
    if not _same_output(reading, record):
        return "other_file"
    return "rows_differ" if codes else "completed"


def _same_output(reading: ManifestReading, record: LedgerRecord) -> bool:
    """Compare what was signed, never the bytes: padding may change and nothing is lost.

    An equal claim hashes equal assertions and equal audio. Where no claim was logged, whole files
    with equal frames are the same output.
    """
    if intact(reading).code != "intact":
        return False
    if record.claim_sha256 is not None:
        return reading.claim_sha256 == record.claim_sha256
    if record.file_sha256 is not None and reading.file_sha256 == record.file_sha256:
        return True
    frames = reading.frames
    return frames is not None and (frames.sha256, frames.decoder) == (
        record.frames_sha256,
        record.decoder,
    )


def _row_differences(reading: ManifestReading, ledger: LedgerRecord | AuthorizedByProof) -> str:
    """Return the codes in which a whole manifest differs from what was authorized, or nothing."""
    if reading.state != "trusted" or reading.urn != ledger.authorized.urn:
        return ""
    found = differences(ledger.authorized, reading)
    # Who signed is question 2; its answer is not repeated here.
    return ", ".join(dict.fromkeys(d.code for d in found if d.code != "signer_differs"))
