"""Why a request is refused: every reason, each once, in the order of contracts, section 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.rights.permits import Failing
from schemas.refusals import Reason, in_order

_Key = tuple[str, int | None, str | None, str | None, str, str | None]


@dataclass(slots=True)
class Reasons:
    """Collects reasons; what differs in its values alone becomes one reason that names them all."""

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
                    message=", ".join(sorted(values)),
                )
                for (code, reference, side, party, clause, consent), values in self._found.items()
            ]
        )
