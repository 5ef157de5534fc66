"""The three kinds of "no", as closed lists (contracts section 5, clearance "Malformed").

*Malformed* is answered and counted, never logged. *Conflict* is answered: try again. A *refusal*
is an event and therefore no exception: its reasons are `Reason` rows, in the order of `REFUSALS`.
A code outside the lists is a bug and stops at once.
"""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, field_validator

from schemas.explanations import EXPLAIN as EXPLAIN  # noqa: PLC0414  # offered from here

REFUSALS: Final = (
    "not_in_inference_set",
    "model_retired",
    "model_cannot_honor",
    "model_not_permitted",
    "level_not_permitted",
    "parameter_not_permitted",
    "reproduction_not_permitted",
    "performer_consent_missing",
    "moral_right_restricted",
    "purpose_not_permitted",
    "tier_not_permitted",
    "model_license_forbids_tier",
    "channel_not_permitted",
    "territory_not_cleared",
    "outside_window",
    "consent_revoked",
    "consent_contested",
    "no_consent",
    "side_not_cleared",
    "weight_below_minimum",
    "no_tariff",
    "fee_not_secured",
)
"""In descending precedence: the first reason's code is the code of the refusal."""

MALFORMED: Final = (
    # clearance.md, the closed list
    "unknown_id",
    "not_controller",
    "weight_zero",
    "weights_not_normalized",
    "use_invalid",
    "number_invalid",
    "amount_not_exact",
    "floor_currency",
    "timezone_required",
    "local_time_nonexistent",
    "local_time_ambiguous",
    "instant_mismatch",
    "territory_unknown",
    "tier_unknown",
    "reference_count",
    "identifier_invalid",
    "share_invalid",
    "share_exceeds_whole",
    "blanket_consent_forbidden",
    "mandate_exceeds_grantor",
    "key_unknown",
    "key_not_valid",
    "key_weak",
    "signature_invalid",
    "not_canonical",
    "expired",
    "wrong_ledger",
    "id_reused",
    "entry_too_large",
    "value_unknown",
    "consent_invalid",
    # rules.md section 6, last column, in the order of its rows
    "party_duplicate",
    "duties_not_separated",
    "party_busy",
    "payout_in_flight",
    "mandate_cycle",
    "identifier_conflict",
    "transferor_lacks_share",
    "disputed_by_relinquisher",
    "performer_signature_required",
    "consent_not_active",
    "tariff_overlap",
    "countersignature_missing",
    "disclosure_incomplete",
    "source_category_unknown",
    "training_consent_missing",
    "not_authorized",
    "reference_set_mismatch",
    "already_completed",
    "manifest_mismatch",
    "report_id_reused",
    "usage_report_duplicate",
    "corpus_undisclosed",
    "not_inference_evidence",
    "unbalanced",
    "period_closed",
    "below_threshold",
    "payee_on_hold",
    "screening_missing",
    "sanctions_hit",
    "payable_insufficient",
    "no_standing",
    "legal_hold",
    # Codes of `REFUSALS` with which a command other than verify and authorize is answered:
    # entering an inference set, declaring or releasing a use. No refusal event follows.
    "no_consent",
    "tier_not_permitted",
)
"""Every code of `Malformed`."""

CONFLICTS: Final = ("scope_moved", "busy")
"""Every code of `Conflict`."""

_RANK = {code: rank for rank, code in enumerate(REFUSALS)}


class _Answer(Exception):  # noqa: N818  # a kind of answer, named as the contract names it
    """Holds what both exceptions tell: code, one sentence, and a JSON pointer (RFC 6901)."""

    codes: tuple[str, ...] = ()

    def __init__(self, code: str, message: str = "", *, pointer: str = "") -> None:
        if code not in self.codes:
            raise AssertionError(f"not in the closed list of {type(self).__name__} [{code}]")
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message or EXPLAIN[code]
        self.pointer = pointer


class Malformed(_Answer):
    """What came from outside is not acceptable as it stands.

    `code` is from `MALFORMED`, `message` one sentence for a person, `pointer` leads to the value at
    fault, empty for the whole.
    """

    codes = MALFORMED


class Conflict(_Answer):
    """Somebody else was first: read again and try again. `code` is from `CONFLICTS`."""

    codes = CONFLICTS


class Reason(BaseModel):
    """One reason of a refusal: which row, which side, whose clause.

    `reference` is the row's index, or None where the whole request is meant. `clause` names the
    part of the consent or rule that decided (`tiers`, `territories`); `consent` the consent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    code: str
    reference: int | None = None
    side: str | None = None
    party: str | None = None
    clause: str = ""
    consent: str | None = None
    message: str = ""

    @field_validator("code")
    @classmethod
    def _in_order(cls, code: str) -> str:
        if code not in _RANK:
            raise ValueError(f"not a code of the refusal order [{code}]")
        return code

    @property
    def sort_key(self) -> tuple[int, int, str, str, str, str]:
        """Contracts section 5: code, then reference, side, party; consent and clause last."""
        return (
            _RANK[self.code],
            -1 if self.reference is None else self.reference,
            self.side or "",
            self.party or "",
            self.consent or "",
            self.clause,
        )


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Sort reasons, each once; the first one's code is the code of the refusal."""
    return tuple(sorted(set(reasons), key=lambda reason: reason.sort_key))
