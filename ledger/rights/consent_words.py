"""Are a consent's words in order, and may this actor say them? Checked before they are granted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from ledger.rights import lookup
from ledger.rights.states import LOG, PARTY, POLICY, TARIFFS, TARIFFS_KEY, RecordingState
from ledger.rights.states.base import countries
from ledger.rights.states.shares import holds_share
from ledger.rights.view import View
from schemas.events.parties import MandateGranted
from schemas.fractions import is_part, parse_fraction
from schemas.lists import Capacity
from schemas.model import ROWS_MAX
from schemas.refusals import Malformed
from schemas.terms import Consent

_KINDS: Final[dict[Capacity, tuple[str, ...]]] = {
    "owner": ("recordings", "catalog"),
    "performer": ("recordings", "catalog"),
    "publisher": ("works", "catalog"),
    "writer": ("works", "catalog"),
    "representative": ("recordings", "works"),
}
"""What each capacity speaks for (clearance, 9). A representative names what it speaks about."""

_LISTS: Final = ("uses", "parameters", "tiers", "purposes", "channels", "models", "modules")


def kind_of(consent: Consent) -> str:
    """Return which of recordings, works and catalog a consent applies to."""
    applies_to = consent.applies_to
    if applies_to.catalog is not None:
        return "catalog"
    return "recordings" if applies_to.recordings else "works"


def with_voice(consent: Consent) -> bool:
    """Tell whether a consent is given as a performer and lets a voice be taken."""
    voice = consent.parameters == "all" or "voice" in consent.parameters
    return consent.capacity == "performer" and voice


def check_words(consent: Consent) -> None:
    """Raise `consent_invalid` where words contradict themselves; `blanket_consent_forbidden`."""
    kind = kind_of(consent)
    if kind not in _KINDS[consent.capacity]:
        text = f"nobody speaks for {kind} as {consent.capacity}"
        raise Malformed("consent_invalid", text, pointer="/consent/applies_to")
    if consent.applies_to.catalog not in {None, consent.grantor}:
        text = "a catalog is that of the grantor"
        raise Malformed("not_controller", text, pointer="/consent/applies_to/catalog")
    if kind == "catalog" and with_voice(consent):
        text = "a performer gives its voice recording by recording"
        raise Malformed("blanket_consent_forbidden", text, pointer="/consent/parameters")
    for name in _LISTS:
        _check_list(getattr(consent, name), f"/consent/{name}")
    for kind in ("recordings", "works"):
        _check_list(getattr(consent.applies_to, kind), f"/consent/applies_to/{kind}")
    window = (consent.effective_from, consent.effective_until)
    lookup.check_window("consent_invalid", *window, "/consent/effective_until")
    _check_price(consent)


def _check_list(values: Sequence[str], pointer: str) -> None:
    if values == "all":
        return
    if len(set(values)) < len(values):
        raise Malformed("consent_invalid", "a value is named twice", pointer=pointer)
    if len(values) > ROWS_MAX:
        text = f"at most {ROWS_MAX} values; divide the consent"
        raise Malformed("entry_too_large", text, pointer=pointer)


def _check_price(consent: Consent) -> None:
    if consent.floors and consent.capacity == "performer":
        text = "performers earn through confirmed master shares"
        raise Malformed("consent_invalid", text, pointer="/consent/floors")
    for tier in consent.floors:
        if tier not in consent.tiers:
            text = "a floor for a tier that is not permitted"
            raise Malformed("consent_invalid", text, pointer=f"/consent/floors/{tier}")
    least = consent.minimum_weight
    if least is not None and not is_part(parse_fraction(least)):
        text = "a minimum weight is greater than 0 and at most 1"
        raise Malformed("consent_invalid", text, pointer="/consent/minimum_weight")


def check_mandate(view: View, consent: Consent, mandate: MandateGranted | None) -> None:
    """Raise unless a consent stays within the mandate by which it is given, if it is."""
    if mandate is None:
        return
    if with_voice(consent) and view.ask(PARTY, consent.grantor).deceased_at is None:
        raise Malformed("performer_signature_required", pointer="/consent/parameters")
    if not set(speaking_as(consent)) & set(mandate.capacities):
        text = "the mandate does not hold this capacity"
        raise Malformed("mandate_exceeds_grantor", text, pointer="/consent/capacity")
    if not set(consent.uses) <= set(mandate.uses):
        text = "the mandate does not hold all of these uses"
        raise Malformed("mandate_exceeds_grantor", text, pointer="/consent/uses")
    if not countries(consent.territories) <= countries(mandate.territories):
        text = "the mandate does not reach all of these territories"
        raise Malformed("mandate_exceeds_grantor", text, pointer="/consent/territories")


def speaking_as(consent: Consent) -> tuple[Capacity, ...]:
    """Return the capacities of the grantor in which a consent speaks, one of which is enough."""
    if consent.capacity != "representative":
        return (consent.capacity,)
    return ("owner",) if consent.applies_to.recordings else ("publisher", "writer")


def check_control(view: View, consent: Consent, assets: Iterable[str], at: datetime) -> None:
    """Raise `not_controller` unless the grantor holds each asset in the capacity it names.

    A share that begins later counts: words may be given ahead. A claim never does.
    """
    for name in assets:
        state = lookup.asset(view, name, "/consent/applies_to")
        if consent.capacity == "performer":
            assert isinstance(state, RecordingState)
            holds = state.performs(consent.grantor)
        else:
            holds = holds_share(state.shares, consent.grantor, at)
        if not holds:
            text = f"{consent.grantor} has no confirmed right in {name} as {consent.capacity}"
            raise Malformed("not_controller", text, pointer="/consent/applies_to")


def check_terms(view: View, consent: Consent, at: datetime) -> None:
    """Raise unless the models named are registered and floors are in a tariff's currency."""
    for number, name in enumerate(() if consent.models == "all" else consent.models):
        lookup.model(view, name, f"/consent/models/{number}")
    if not consent.floors:
        return
    rows = [
        row
        for tariff in view.ask(TARIFFS, TARIFFS_KEY).in_force(at)
        for row in (tariff.published.rows if tariff.published else ())
    ]
    for tier, floor in consent.floors.items():
        currencies = {row.price.currency for row in rows if row.tier == tier}
        if floor.currency not in (currencies or {view.ask(POLICY, LOG).policy.currency}):
            raise Malformed("floor_currency", pointer=f"/consent/floors/{tier}")
