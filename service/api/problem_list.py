"""Every problem that the door can answer with: code, status, and one sentence for a person.

The codes of `schemas.refusals` come from there with their sentences; here stand only the statuses,
and the codes that belong to HTTP and to nothing below it. A closed list: a test walks all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.refusals import CONFLICTS, EXPLAIN, MALFORMED, REFUSALS

REFUSED: Final = "permission_refused"
"""The code of a problem that says: the rights do not allow this. Its verdict has the reasons."""

_STATUS: Final[Mapping[str, int]] = {
    # who speaks
    "key_unknown": 401,
    "key_not_valid": 401,
    "key_weak": 400,
    "signature_invalid": 401,
    # who may not say this
    "not_controller": 403,
    "mandate_exceeds_grantor": 403,
    "duties_not_separated": 403,
    "performer_signature_required": 403,
    "no_standing": 403,
    # what is not so now, and may be later
    "party_duplicate": 409,
    "party_busy": 409,
    "payout_in_flight": 409,
    "identifier_conflict": 409,
    "share_exceeds_whole": 409,
    "transferor_lacks_share": 409,
    "disputed_by_relinquisher": 409,
    "consent_not_active": 409,
    "tariff_overlap": 409,
    "countersignature_missing": 409,
    "training_consent_missing": 409,
    "already_completed": 409,
    "usage_report_duplicate": 409,
    "period_closed": 409,
    "below_threshold": 409,
    "payee_on_hold": 409,
    "screening_missing": 409,
    "sanctions_hit": 409,
    "payable_insufficient": 409,
    "legal_hold": 409,
    "not_authorized": 409,
    "no_consent": 409,
    "tier_not_permitted": 409,
    "scope_moved": 409,
    # what is well written and still cannot be taken
    "entry_too_large": 413,
    "id_reused": 422,
    "report_id_reused": 422,
    "unknown_id": 422,
    # later
    "busy": 503,
}
"""Statuses of codes from below, where 400 would not be the truer answer."""

_OWN: Final[Mapping[str, tuple[int, str]]] = {
    REFUSED: (403, "The rights do not allow this; the verdict says why and what would be allowed."),
    "request_invalid": (400, "A part of the request is not in a form that is accepted here."),
    "json_invalid": (400, "The body is not JSON as it is accepted here (RFC 8259, no floats)."),
    "header_invalid": (400, "A header of the request is not in a form that is accepted here."),
    "idempotency_key_missing": (400, "A command needs the header Idempotency-Key."),
    "token_missing": (401, "This needs a token: Authorization: Bearer liner_…"),
    "token_invalid": (401, "This token is not valid here."),
    "role_missing": (403, "This token has not the role that this needs."),
    "not_yours": (403, "This concerns another party; an auditor may read it."),
    "not_found": (404, "There is nothing at this address."),
    "position_unknown": (404, "The log has no entry at this position."),
    "method_not_allowed": (405, "This address does not take this method."),
    "not_acceptable": (406, "This is not offered in the form that was asked for."),
    "request_in_flight": (409, "The same command is being answered; ask again in a moment."),
    "content_mismatch": (409, "The bytes that came are not the ones that the address names."),
    "history_unavailable": (410, "The history that was asked for is not kept here."),
    "scope_stale": (412, "Something changed since it was read; read again and try again."),
    "content_too_large": (413, "The body is larger than this address takes."),
    "media_type_unsupported": (415, "The body has a media type that this address does not take."),
    "range_not_satisfiable": (416, "The range lies outside of the file."),
    "audio_unusable": (422, "The file cannot be used as audio; the error's code says why."),
    "precondition_required": (428, "This change needs If-Match with the ETag that was read."),
    "too_many_requests": (429, "Too many requests came with this token; wait a moment."),
    "internal_error": (500, "A mistake of ours. The request id helps us to find it."),
    "artifact_unavailable": (503, "The store of audio does not answer; ask again in a moment."),
    "behind": (503, "The answer has not reached the position asked for; ask again in a moment."),
    "not_ready": (503, "This process cannot take requests now."),
    "storage_full": (507, "There is no room for more. Nothing of this was written."),
}
"""Codes of the door itself."""

AUDIO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "audio_missing": "There is no such file.",
        "audio_empty": "The file holds no sound.",
        "audio_unreadable": "The file is not WAV, FLAC, MP3, Ogg or AIFF that can be decoded.",
        "audio_truncated": "The file ends before its header says.",
        "audio_too_long": "The sound is longer than two hours.",
        "audio_unsupported": "The file has more channels, or another rate, than is taken here.",
        "audio_not_finite": "Samples of the file are not numbers, or infinite.",
        "segment_outside": "The segment begins after the sound has ended.",
        "audio_too_short": "There is too little sound to work with.",
        "audio_silent": "The file is silent.",
    }
)
"""What is said of a file that cannot be used: our own words, never a library's with its paths."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem; `slug` is the last part of its `type` URL (RFC 9457, section 3.1.1)."""

    code: str
    status: int
    title: str

    @property
    def slug(self) -> str:
        """The code as it stands in URLs."""
        return self.code.replace("_", "-")

    @property
    def url(self) -> str:
        """The `type` of the problem; relative, so it resolves on the server that answered."""
        return f"/problems/{self.slug}"


def _types() -> dict[str, ProblemType]:
    below = dict.fromkeys((*MALFORMED, *CONFLICTS))
    found = {
        code: ProblemType(code, _STATUS.get(code, 400), EXPLAIN[code])
        for code in below
        if code not in REFUSALS or code in MALFORMED
    }
    found.update({code: ProblemType(code, status, title) for code, (status, title) in _OWN.items()})
    return found


PROBLEMS: Final[Mapping[str, ProblemType]] = MappingProxyType(_types())
"""Every problem type by its code."""
