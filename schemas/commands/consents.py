"""Commands about consent: grant, change, revoke, affirm."""

from __future__ import annotations

from pydantic import model_validator

from schemas.commands.base import Command
from schemas.ids import ConsentId, PartyId, RecordingOrWork
from schemas.model import Text
from schemas.period import LocalInstant
from schemas.refusals import Malformed
from schemas.terms import Consent


class GrantConsent(Command):
    """Grant a consent. Default is no: only what is named is permitted."""

    CODE = "consent_invalid"

    consent: Consent


class ChangeConsent(Command):
    """Replace a consent by the whole new one under the same id: it narrows or widens."""

    CODE = "consent_invalid"

    consent: Consent
    effective_from: LocalInstant | None = None


class RevokeConsent(Command):
    """Revoke one consent, or every consent of the party for one asset, or everything.

    Acts from its position, unless a later instant is named or notice was agreed.
    """

    party: PartyId
    consent: ConsentId | None = None
    asset: RecordingOrWork | None = None
    everything: bool = False
    effective_from: LocalInstant | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _one_target(self) -> RevokeConsent:
        if [self.consent is not None, self.asset is not None, self.everything].count(True) != 1:
            raise Malformed("consent_invalid", "revoke one consent, one asset, or everything")
        return self


class AffirmConsent(Command):
    """Affirm a consent: countersign it, or end its being contested."""

    consent: ConsentId
