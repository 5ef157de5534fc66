"""The royalty statement as a document: JSON for machines, text for people, the same numbers.

Each line names the position of the accrual that it comes from, so that a paid cent leads back to
its entry; the hash binds all lines to the entry that closed the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.rights.royalties_lines import Line
from projections.asking import AsOf, Readings
from projections.royalties.queries import statement, statement_lines
from projections.royalties.records import StatementRow
from schemas.money import decimals_of, format_amount
from schemas.period import format_instant

_WIDTH = 78


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """A closed royalty statement with its lines. `names` gives titles of parties and recordings."""

    closed: StatementRow
    lines: tuple[Line, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    def totals(self, key: Callable[[Line], str]) -> dict[str, int]:
        """Return the sum of the lines in micro units for each value of `key`, sorted."""
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[key(line)] = sums.get(key(line), 0) + line.amount_micro
        return dict(sorted(sums.items()))

    def data(self) -> dict[str, Any]:
        """Return the document as JSON: amounts are decimal text, accruals with six decimals."""
        closed = self.closed
        return {
            "royalty_statement": closed.statement,
            "party": closed.party,
            "month": closed.month,
            "number": closed.number,
            "currency": closed.currency,
            "closed_at": format_instant(closed.time),
            "position": closed.position,
            "covers": {"from_position": closed.from_position, "through": closed.through},
            "carried_in": format_amount(closed.carried_in_micro),
            "accrued": format_amount(closed.accrued_micro),
            "payable": self.payable,
            "carried_out": format_amount(closed.carried_out_micro),
            "lines": [line.data() for line in self.lines],
            "line_count": closed.line_count,
            "lines_sha256": closed.lines_sha256,
            "totals": {
                "by_recording": self._amounts(lambda line: line.recording),
                "by_side": self._amounts(lambda line: line.side),
            },
            "names": dict(sorted(self.names.items())),
        }

    @property
    def payable(self) -> str:
        """What the statement makes payable, with the decimals of its currency."""
        return format_amount(self.closed.payable_micro, decimals_of(self.closed.currency))

    def text(self) -> str:
        """Return the document as text of 78 columns."""
        return "\n".join([*self._head(), *self._rows(), *self._foot()]) + "\n"

    def _amounts(self, key: Callable[[Line], str]) -> dict[str, str]:
        return {name: format_amount(micro) for name, micro in self.totals(key).items()}

    def _named(self, name: str) -> str:
        return self.names.get(name, name)

    def _head(self) -> Iterable[str]:
        closed = self.closed
        yield f"Royalty statement {closed.month}, number {closed.number}"
        yield f"{self._named(closed.party)} [{closed.party}]"
        yield f"{closed.statement}, closed at position {closed.position}"
        yield f"accruals at positions {closed.from_position} to {closed.through}"
        yield ""
        yield f"{'position':>10}  {'side':<10}  {'recording':<34}{closed.currency:>18}"
        yield "-" * _WIDTH

    def _rows(self) -> Iterable[str]:
        for line in self.lines:
            title = self._named(line.recording)[:34]
            amount = format_amount(line.amount_micro)
            yield f"{line.position:>10}  {line.side:<10}  {title:<34}{amount:>18}"
        if not self.lines:
            yield "nothing accrued"

    def _foot(self) -> Iterable[str]:
        closed = self.closed
        yield "-" * _WIDTH
        yield _sum("accrued", format_amount(closed.accrued_micro))
        yield _sum("carried in", format_amount(closed.carried_in_micro))
        yield _sum("payable", self.payable)
        yield _sum("carried to the next statement", format_amount(closed.carried_out_micro))
        yield ""
        yield f"{closed.line_count} lines, by SHA-256"
        yield closed.lines_sha256


def _sum(label: str, amount: str) -> str:
    return f"{label:<60}{amount:>18}"


def statement_document(
    readings: Readings,
    statement_id: str,
    *,
    names: Mapping[str, str] | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> StatementDocument | None:
    """Return the document of a closed statement, or None where there is none as of then.

    `names`: titles of recordings and the party's name, for the text; only those used are kept.
    """
    found = statement(readings, statement_id, as_of=as_of, valid_at=valid_at)
    closed = found.one
    if closed is None:
        return None
    lines = statement_lines(readings, statement_id, as_of=found.position, valid_at=valid_at).rows
    used = {closed.party, *(line.recording for line in lines)}
    kept = {name: title for name, title in (names or {}).items() if name in used}
    return StatementDocument(closed, lines, kept)
