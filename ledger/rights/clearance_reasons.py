"""Why a request is refused: every reason, each once, in the order of contracts, section 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ledger.rights.permits import Failing
from schemas.refusals import Reason

REASONS_MAX: Final = 100
"""Reasons that one refusal's entry holds, the first in order; how many are left out is said."""

VALUES_MAX: Final = 12
"""Values that one reason names; a request may ask for more countries than anybody reads."""


class Why(NamedTuple):
    """A reason without its row: what fails, on which side, by whose clause."""

    code: str
    side: str | None
    party: str | None
    clause: str
    consent: str | None


@dataclass(slots=True)
class Reasons:
    """Collects the reasons of a row, or of a request as a whole.

    What differs in its values alone becomes one reason that names them all.
    """

    _found: dict[Why, set[str]] = field(default_factory=dict)

    def add(
        self,
        code: str,
        *,
        side: str | None = None,
        party: str | None = None,
        clause: str = "",
        consent: str | None = None,
        values: Iterable[str] = (),
    ) -> None:
        """Add a reason; `values` are what the clause lacks: parameters, countries, a tier."""
        why = Why(code, side, party, clause, consent)
        self._found.setdefault(why, set()).update(values)

    def add_clauses(
        self,
        clauses: Iterable[Failing],
        *,
        side: str,
        party: str,
        consent: str | None,
        countries: Iterable[str],
    ) -> None:
        """Add the failing clauses of a consent, as it answered for several countries alike."""
        for row in clauses:
            values = countries if row.code == "territory_not_cleared" else row.values
            self.add(
                row.code, side=side, party=party, clause=row.clause, consent=consent, values=values
            )

    def of(self, reference: int | None) -> list[Reason]:
        """Return them as the reasons of a row, by its number; None is the request as a whole."""
        return [
            Reason(
                code=why.code,
                reference=reference,
                side=why.side,
                party=why.party,
                clause=why.clause,
                consent=why.consent,
                message=_listed(values),
            )
            for why, values in self._found.items()
        ]

    def __bool__(self) -> bool:
        return bool(self._found)


def _listed(values: set[str]) -> str:
    named = sorted(values)
    if len(named) > VALUES_MAX:
        named = [*named[:VALUES_MAX], f"and {len(named) - VALUES_MAX} more"]
    return ", ".join(named)
