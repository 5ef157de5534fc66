"""Clearance: may this be generated, and what does it cost? All reasons, or one price.

The one function behind quote, verification and authorization, so that they cannot differ. Pure: it
reads through the view, and everything that it read guards what is decided on it. Its rules are the
numbered items of the page «Clearance and allotment»; each module names the items it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ledger.rights.allotment import Leaf, merge
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_model import ask_model
from ledger.rights.clearance_reasons import FirstReason, Reasons
from ledger.rights.clearance_request import Ask
from ledger.rights.clearance_rows import RowCleared, RowClearing
from ledger.rights.pricing import FloorHeld, ListPrice, NoPrice, Price, list_price, price
from schemas.fractions import format_fraction
from schemas.money import Money
from schemas.refusals import Malformed, Reason
from schemas.terms import AuthorizedReference, ConsentCited, Touched


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a cleared request costs, and over which leaves its pool is divided."""

    listed: ListPrice
    price: Price
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Cleared:
    """Everybody who had to be asked permits."""

    references: tuple[AuthorizedReference, ...]
    touched: tuple[Touched, ...]
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody does not permit: all reasons, in the order of contracts, section 5."""

    reasons: tuple[Reason, ...]
    touched: tuple[Touched, ...]

    @property
    def code(self) -> str:
        """The code of the refusal: its first reason's."""
        return self.reasons[0].code


def clear(
    facts: Facts, ask: Ask, *, bound: Iterable[str] | None = None, prior: Money | None = None
) -> Cleared | Refused:
    """Clear a request at the facts' instant.

    `bound` are the tariffs that a cited verification binds; without it those in force price it.
    `prior` is what was agreed before for the output that this upgrades. Raises `Malformed`
    where a recording or the model is unknown, or a segment lies beyond its recording.
    """
    check_known(facts, ask)
    reasons = Reasons()
    model = ask_model(facts, ask, reasons)
    rows = [RowClearing(facts, ask, row, model, reasons).run() for row in ask.rows]
    touched = _touched(ask, rows)
    if found := reasons.rows():
        return Refused(found, touched)
    # (17): the tariff is judged only when nothing else refuses.
    try:
        agreed = _agree(facts, ask, rows, bound, prior)
    except NoPrice as missing:
        reasons.add("no_tariff", clause=missing.clause, values=missing.values)
        return Refused(reasons.rows(), touched)
    references = tuple(_authorized(facts, row) for row in rows)
    return Cleared(references, touched, agreed)


def clears(
    facts: Facts,
    ask: Ask,
    *,
    bound: Iterable[str] | None,
    prior: Money | None,
    doubtful: Iterable[int],
) -> bool:
    """Tell whether a request clears, as `clear` would; the first reason ends the question.

    `doubtful` are the rows to ask first: those that were refused in a request much like this one.
    A request with 64 rows has hundreds of alternatives, and most of them fail where it failed.
    """
    reasons = Reasons(first_ends=True)
    try:
        # The price first: without one, nobody need be asked.
        _listed(facts, ask, bound)
        model = ask_model(facts, ask, reasons)
        first = set(doubtful)
        order = sorted(ask.rows, key=lambda row: row.number not in first)
        rows = [RowClearing(facts, ask, row, model, reasons).run() for row in order]
        _agree(facts, ask, rows, bound, prior)
    except (FirstReason, NoPrice):
        return False
    return True


def check_known(facts: Facts, ask: Ask) -> None:
    """Raise `Malformed` unless every recording is registered and holds the segment asked."""
    for row in ask.rows:
        pointer = f"/request/references/{row.number}"
        identity = facts.identity(row.reference.recording, f"{pointer}/recording")
        source = row.reference.source
        if source is not None and source.until_ms > identity.duration_ms:
            raise Malformed(
                "number_invalid", "beyond the recording's end", pointer=f"{pointer}/source"
            )


def _agree(
    facts: Facts,
    ask: Ask,
    rows: list[RowCleared],
    bound: Iterable[str] | None,
    prior: Money | None,
) -> Agreed:
    listed = _listed(facts, ask, bound)
    leaves = merge(leaf for row in rows for leaf in row.leaves)
    floors = _held(floor for row in rows for floor in row.floors)
    return Agreed(listed, price(listed, floors, prior_micro=_credited(listed, prior)), leaves)


def _credited(listed: ListPrice, prior: Money | None) -> int:
    """Return what was agreed before in micro units; nobody converts it into another currency."""
    if prior is None or not listed.credit_prior_fee or prior.micro() == 0:
        return 0
    if prior.currency != listed.currency:
        raise NoPrice("currency")
    return prior.micro()


def _listed(facts: Facts, ask: Ask, bound: Iterable[str] | None) -> ListPrice:
    """Return the price before floors, or raise `NoPrice`; alternatives ask for it again."""
    request = ask.request
    key = ("listed", request.tier, request.channel, ask.countries)
    if key not in facts.answers:
        tariffs = facts.tariffs(bound)
        try:
            facts.answers[key] = list_price(
                tariffs, tier=request.tier, channel=request.channel, territory=ask.countries
            )
        except NoPrice as missing:
            facts.answers[key] = missing
    found: ListPrice | NoPrice = facts.answers[key]
    if isinstance(found, NoPrice):
        raise NoPrice(found.clause, found.values)
    return found


def _held(floors: Iterable[FloorHeld]) -> tuple[FloorHeld, ...]:
    """Add up the parts that one consent clears of one recording (clearance, 21)."""
    parts: dict[tuple[str, str], Fraction] = {}
    money = {}
    for row in floors:
        key = (row.recording, row.consent)
        parts[key] = parts.get(key, Fraction(0)) + row.part
        money[key] = row.floor
    return tuple(FloorHeld(*key, money[key], part) for key, part in sorted(parts.items()))


def _authorized(facts: Facts, cleared: RowCleared) -> AuthorizedReference:
    """Make the row that the manifest repeats, byte for byte."""
    reference, row = cleared.row.reference, cleared.row
    identity = facts.identity(reference.recording, "")
    cited = (
        ConsentCited(consent=name, position=position) for name, position in sorted(cleared.cited)
    )
    return AuthorizedReference(
        row=row.number,
        recording=reference.recording,
        isrc=identity.isrc,
        title=identity.title,
        works=cleared.works,
        weight=format_fraction(row.weight),
        use=reference.use,
        parameters=reference.parameters,
        role=reference.role,
        source=reference.source,
        output=reference.output,
        stem=reference.stem,
        by=reference.by,
        copied=cleared.copied,
        consents=tuple(cited),
    )


def _touched(ask: Ask, rows: list[RowCleared]) -> tuple[Touched, ...]:
    """Repeat works and controllers of each recording, so that tags need no other table."""
    return tuple(
        _touched_one(recording, [row for row in rows if row.row.reference.recording == recording])
        for recording in ask.recordings
    )


def _touched_one(recording: str, rows: list[RowCleared]) -> Touched:
    held = {each for row in rows for each in row.controllers}
    performers = {each for row in rows for each in row.performers}
    return Touched(
        recording=recording,
        works=rows[0].works,
        controllers=tuple(sorted(held, key=lambda row: (row.side, row.asset, row.party))),
        performers=tuple(sorted(performers)),
    )
