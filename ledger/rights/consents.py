"""Consent: granted, changed, revoked, affirmed. The default is no."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from ledger.rights import consent_words, lookup
from ledger.rights.authority import speak_for
from ledger.rights.decision import Accepted, Asked
from ledger.rights.narrowing import narrowed
from ledger.rights.standing import consents_of
from ledger.rights.states import CONSENT, PARTY, Held, RecordingState, Words, WorkState
from ledger.rights.states.base import TABLE
from ledger.rights.states.shares import holds_share
from ledger.rights.view import View
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.events.consents import (
    ConsentAffirmed,
    ConsentGranted,
    ConsentNarrowed,
    ConsentRevoked,
    ConsentWidened,
    reach,
)
from schemas.events.parties import MandateGranted
from schemas.fractions import format_fraction, parse_fraction
from schemas.model import ROWS_MAX
from schemas.period import format_instant
from schemas.refusals import Malformed
from schemas.terms import AppliesTo, Consent


def _in_lowest_terms(consent: Consent) -> Consent:
    """Entries write fractions in lowest terms, however they were given."""
    if consent.minimum_weight is None:
        return consent
    least = format_fraction(parse_fraction(consent.minimum_weight))
    return consent.model_copy(update={"minimum_weight": least})


def grant(view: View, asked: Asked, command: GrantConsent) -> Accepted:
    """Grant a consent for what the grantor controls, in its own name or by mandate."""
    consent = command.consent
    taken = view.ask(CONSENT, consent.consent).held is not None
    lookup.fresh(taken=taken, name=consent.consent, pointer="/consent/consent")
    mandate = speak_for(view, asked, consent.grantor)
    if mandate is None and consent.capacity == "representative":
        text = "who speaks for itself is no representative"
        raise Malformed("consent_invalid", text, pointer="/consent/capacity")
    consent_words.check_words(consent)
    consent_words.check_mandate(view, consent, mandate)
    applies_to = consent.applies_to
    named = (*applies_to.recordings, *applies_to.works)
    consent_words.check_control(view, consent, named, asked.at)
    consent_words.check_terms(view, consent, asked.at)
    event = ConsentGranted(
        consent=_in_lowest_terms(consent), signed_by=asked.key, territories_version=TABLE
    )
    return Accepted((event,))


def _active(view: View, name: str, asked: Asked) -> tuple[Held, Words]:
    """Return a consent and its words in force.

    Raises `unknown_id`, or `consent_not_active` where it is revoked or its window has ended. One
    whose revocation waits, or whose window has not begun, is still somebody's word.
    """
    held = view.ask(CONSENT, name).held
    if held is None:
        raise Malformed("unknown_id", f"nobody granted {name}", pointer="/consent")
    words = held.words_at(asked.at)
    assert words is not None
    revoked_from = held.revoked_by(view.ask(PARTY, held.grantor).everything)
    until = words.consent.effective_until
    if revoked_from is not None and revoked_from <= asked.at:
        raise Malformed("consent_not_active", "it is revoked", pointer="/consent")
    if until is not None and until.moment <= asked.at:
        raise Malformed("consent_not_active", "its window has ended", pointer="/consent")
    return held, words


def _all_reached(held: Held, at: datetime) -> AppliesTo:
    """Return everything that words in force or waiting speak about: all that must hear of it."""
    heard = held.current(at)
    first = heard[0].consent.applies_to
    if len(heard) == 1 or first.catalog is not None:
        return first  # words name nothing twice: they were refused when they came
    assets = tuple(
        dict.fromkeys(asset for words in heard for asset in reach(words.consent.applies_to))
    )
    return AppliesTo(recordings=assets) if first.recordings else AppliesTo(works=assets)


def change(view: View, asked: Asked, command: ChangeConsent) -> Accepted:
    """Replace a consent's words. What narrows anything waits for the old notice period, whole."""
    consent = command.consent
    held, words = _active(view, consent.consent, asked)
    if held.revoked_by(view.ask(PARTY, held.grantor).everything) is not None:
        # An asset that a change would add has not heard of the revocation: none may be added.
        raise Malformed("consent_not_active", "its revocation waits", pointer="/consent")
    old = words.consent
    mandate = speak_for(view, asked, held.grantor)
    same = (old.grantor, old.capacity, consent_words.kind_of(old))
    if same != (consent.grantor, consent.capacity, consent_words.kind_of(consent)):
        text = "a change keeps the grantor, the capacity and the kind of what it applies to"
        raise Malformed("consent_invalid", text, pointer="/consent")
    consent_words.check_words(consent)
    consent_words.check_mandate(view, consent, mandate)
    known = set(reach(old.applies_to))
    added = [name for name in reach(consent.applies_to) if name not in known]
    if len(known) + len(added) > ROWS_MAX:
        # Refused here, since a revocation must reach both and must never be refused.
        text = f"old and new words name more than {ROWS_MAX} assets together"
        raise Malformed("entry_too_large", text, pointer="/consent/applies_to")
    consent_words.check_control(view, consent, added, asked.at)
    consent_words.check_terms(view, consent, asked.at)
    versions = {"old_version": words.territories_version, "new_version": TABLE}
    less = narrowed(old, consent, **versions)
    notice = timedelta(days=old.revocation.notice_days) if less else timedelta(0)
    acts_from = max(asked.at + notice, lookup.later(asked.at, command.effective_from))
    event = (ConsentNarrowed if less else ConsentWidened)(
        consent=_in_lowest_terms(consent),
        formerly=_all_reached(held, asked.at),
        signed_by=asked.key,
        acts_from=format_instant(acts_from),
        territories_version=TABLE,
    )
    return Accepted((event,))


def revoke(view: View, asked: Asked, command: RevokeConsent) -> Accepted:
    """Revoke one consent, all consents to one asset, or everything of the party."""
    lookup.party(view, command.party)
    mandate = speak_for(view, asked, command.party)
    if mandate is not None and not mandate.may_revoke:
        raise Malformed("mandate_exceeds_grantor", "the mandate does not allow to revoke")
    acts_from, applies_to = lookup.later(asked.at, command.effective_from), None
    if command.consent is not None:
        held, words = _active(view, command.consent, asked)
        _check_revoker(held, words, command, mandate)
        notice = timedelta(days=words.consent.revocation.notice_days)
        acts_from = max(acts_from, asked.at + notice)
        if held.revoked_from is not None:
            # Who says no twice has not said it later: a revocation that waits is not put off.
            acts_from = min(acts_from, held.revoked_from)
        applies_to = _all_reached(held, asked.at)
    elif command.asset is not None:
        _check_cut(view, asked, command.party, command.asset, mandate)
    elif mandate is not None:
        raise Malformed("mandate_exceeds_grantor", "only the party itself revokes everything")
    event = ConsentRevoked(
        party=command.party,
        consent=command.consent,
        asset=command.asset,
        everything=command.everything,
        applies_to=applies_to,
        acts_from=format_instant(acts_from),
        reason=command.reason,
    )
    return Accepted((event,))


def _check_revoker(
    held: Held, words: Words, command: RevokeConsent, mandate: MandateGranted | None
) -> None:
    if held.grantor != command.party:
        raise Malformed("not_controller", "another party gave this consent", pointer="/consent")
    spoken = consent_words.speaking_as(words.consent)
    if mandate is not None and not set(spoken) & set(mandate.capacities):
        raise Malformed("mandate_exceeds_grantor", "the mandate does not hold this capacity")


def _check_cut(
    view: View, asked: Asked, party: str, asset: str, mandate: MandateGranted | None
) -> None:
    """One asset is cut out of every consent of the party; one of them must still reach it."""
    state = lookup.asset(view, asset)
    if mandate is not None and not set(lookup.capacities(asset)) & set(mandate.capacities):
        raise Malformed("mandate_exceeds_grantor", "the mandate does not hold this capacity")
    for held, revoked_from in consents_of(view, party, state):
        live = revoked_from is None or asked.at < revoked_from
        if live and _speaks(held, party, state, asked.at):
            return
    text = "none of the party's consents reaches this asset"
    raise Malformed("consent_not_active", text, pointer="/asset")


def _speaks(held: Held, party: str, state: RecordingState | WorkState, at: datetime) -> bool:
    """Tell whether any words of a consent, in force or waiting, speak about an asset.

    A catalog is what its party controls, or performs: not every asset that there is.
    """
    named = any(
        words.names(state.asset) and words.consent.applies_to.catalog is None
        for words in held.current(at)
    )
    performs = isinstance(state, RecordingState) and state.performs(party)
    return named or performs or holds_share(state.shares, party, at)


def affirm(view: View, asked: Asked, command: AffirmConsent) -> Accepted:
    """Affirm a consent with a sound key: countersign what was attested, or end its contest.

    It is as good as granting, so a representative needs the same mandate for it.
    """
    held, words = _active(view, command.consent, asked)
    mandate = speak_for(view, asked, held.grantor)
    consent_words.check_mandate(view, words.consent, mandate)
    return Accepted(
        (
            ConsentAffirmed(
                consent=held.consent,
                party=held.grantor,
                applies_to=_all_reached(held, asked.at),
                signed_by=asked.key,
            ),
        )
    )


DECIDES: Final[dict[Any, Any]] = {
    GrantConsent: grant,
    ChangeConsent: change,
    RevokeConsent: revoke,
    AffirmConsent: affirm,
}
"""The rules of this module, by command."""
