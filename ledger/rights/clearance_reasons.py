"""Why a request is refused: every reason, each once, in the order of contracts, section 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ledger.rights.permits import Failing
from schemas.refusals import Reason, in_order

REASONS_MAX: Final = 100
"""Reasons that one refusal's entry holds, the first in order; how many are left out is said."""

VALUES_MAX: Final = 12
"""Values that one reason names; a request may ask for more countries than anybody reads."""

_Key = tuple[str, int | None, str | None, str | None, str, str | None]


class FirstReason(Exception):  # noqa: N818  # it ends a question, and is no error
    """There is a reason, and whoever asked wants to know no more."""


@dataclass(slots=True)
class Reasons:
    """Collects reasons; what differs in its values alone becomes one reason that names them all.

    `first_ends`: the first reason raises `FirstReason`, for questions of yes or no.
    """

    first_ends: bool = False
    _found: dict[_Key, set[str]] = field(default_factory=dict)

    def add(
        self,
        code: str,
        *,
        reference: int | None = None,
        side: str | None = None,
        party: str | None = None,
        clause: str = "",
        consent: str | None = None,
        values: Iterable[str] = (),
    ) -> None:
        """Add a reason; `values` are what the clause lacks: parameters, countries, a tier."""
        if self.first_ends:
            raise FirstReason
        key = (code, reference, side, party, clause, consent)
        self._found.setdefault(key, set()).update(values)

    def add_clauses(
        self,
        clauses: Iterable[Failing],
        *,
        reference: int,
        side: str,
        party: str,
        consent: str | None,
        countries: Iterable[str],
    ) -> None:
        """Add the failing clauses of a consent, as it answered for several countries alike."""
        for row in clauses:
            values = countries if row.code == "territory_not_cleared" else row.values
            self.add(
                row.code,
                reference=reference,
                side=side,
                party=party,
                clause=row.clause,
                consent=consent,
                values=values,
            )

    def rows(self) -> tuple[Reason, ...]:
        """Return all reasons in order; the first one's code is the code of the refusal."""
        return in_order(
            [
                Reason(
                    code=code,
                    reference=reference,
                    side=side,
                    party=party,
                    clause=clause,
                    consent=consent,
                    message=_listed(values),
                )
                for (code, reference, side, party, clause, consent), values in self._found.items()
            ]
        )


def _listed(values: set[str]) -> str:
    named = sorted(values)
    if len(named) > VALUES_MAX:
        named = [*named[:VALUES_MAX], f"and {len(named) - VALUES_MAX} more"]
    return ", ".join(named)
