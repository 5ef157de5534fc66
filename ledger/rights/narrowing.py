"""Does a new consent take anything away from the old one? Every field has its own answer.

A change that narrows anything waits for the old notice period, whole (clearance, 14); so whatever
a partner could have relied on must count as narrowing: what is permitted, what it costs, how long
it lasts, and also how it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Final, Literal

from ledger.rights.states.base import countries
from ledger.rights.states.shares import BEGINNING, END
from schemas.fractions import parse_fraction
from schemas.terms import Consent


def _fewer(new: Iterable[str] | Literal["all"], old: Iterable[str] | Literal["all"]) -> bool:
    """`all` also means values that a later list may bring, so a full list is fewer than `all`."""
    if new == "all":
        return False
    return old == "all" or not set(old) <= set(new)


def _assets(old: Consent, new: Consent) -> bool:
    before, after = old.applies_to, new.applies_to
    if before.catalog is not None:
        return after.catalog != before.catalog
    if after.catalog is not None:
        return False
    kept = set(after.recordings) | set(after.works)
    return not {*before.recordings, *before.works} <= kept


def _floors(old: Consent, new: Consent) -> bool:
    """Tell whether a floor rose or changed currency, in a tier that was permitted before."""
    for tier, floor in new.floors.items():
        if tier not in old.tiers or floor.micro() == 0:
            continue
        before = old.floors.get(tier)
        if before is None or before.currency != floor.currency or before.micro() < floor.micro():
            return True
    return False


def _weight(consent: Consent) -> Fraction:
    least = consent.minimum_weight
    return parse_fraction(least) if least is not None else Fraction(0)


def _shorter(old: Consent, new: Consent) -> bool:
    begins = new.effective_from.moment if new.effective_from else BEGINNING
    began = old.effective_from.moment if old.effective_from else BEGINNING
    ends = new.effective_until.moment if new.effective_until else END
    ended = old.effective_until.moment if old.effective_until else END
    return begins > began or ends < ended


def _ending(old: Consent, new: Consent) -> bool:
    before, after = old.revocation, new.revocation
    return (
        after.notice_days < before.notice_days
        or (before.in_flight, after.in_flight) == ("complete", "cancel")
        or (before.survives and not after.survives)
    )


_FIELDS: Final[tuple[tuple[str, Callable[[Consent, Consent], bool]], ...]] = (
    ("applies_to", _assets),
    ("uses", lambda old, new: _fewer(new.uses, old.uses)),
    ("parameters", lambda old, new: _fewer(new.parameters, old.parameters)),
    ("reproduction", lambda old, new: old.reproduction and not new.reproduction),
    ("tiers", lambda old, new: _fewer(new.tiers, old.tiers)),
    ("purposes", lambda old, new: _fewer(new.purposes, old.purposes)),
    ("channels", lambda old, new: _fewer(new.channels, old.channels)),
    ("models", lambda old, new: _fewer(new.models, old.models)),
    ("modules", lambda old, new: _fewer(new.modules, old.modules)),
    ("effective", _shorter),
    ("floors", _floors),
    ("minimum_weight", lambda old, new: _weight(new) > _weight(old)),
    ("revocation", _ending),
)


def narrowed(old: Consent, new: Consent, *, old_version: str, new_version: str) -> tuple[str, ...]:
    """Return the fields in which `new` permits less, costs more or lasts shorter than `old`.

    The versions are the territory tables by which each side's groups are expanded.
    """
    found = [name for name, narrows in _FIELDS if narrows(old, new)]
    before = countries(old.territories, old_version)
    if not before <= countries(new.territories, new_version):
        found.append("territories")
    return tuple(found)
