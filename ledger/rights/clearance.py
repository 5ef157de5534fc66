"""Clearance: may this be generated, and what does it cost? All reasons, or one price.

The one function behind quote, verification and authorization, so that they cannot differ. Pure: it
reads through the view, and everything that it read guards what is decided on it. Its rules are the
numbered items of the page «Clearance and allotment»; each module names the items it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_model import ask_model
from ledger.rights.clearance_price import Agreed, CheckedRows, agree, listed
from ledger.rights.clearance_request import Ask, Row, Wish
from ledger.rights.clearance_rows import RowCleared, clear_row
from ledger.rights.pricing import NoPrice
from schemas.making import made
from schemas.money import Money
from schemas.refusals import Malformed, Reason, in_order
from schemas.terms import AuthorizedReference, Touched


class Cleared(NamedTuple):
    """Everybody who had to be asked permits."""

    references: tuple[AuthorizedReference, ...]
    touched: tuple[Touched, ...]
    agreed: Agreed


class Refused(NamedTuple):
    """Somebody does not permit: all reasons, in the order of contracts, section 5."""

    reasons: tuple[Reason, ...]
    touched: tuple[Touched, ...]

    @property
    def code(self) -> str:
        """The code of the refusal: its first reason's."""
        return self.reasons[0].code


def clear(
    facts: Facts,
    ask: Ask,
    *,
    bound: tuple[str, ...] | None = None,
    prior: Money | None = None,
) -> Cleared | Refused:
    """Clear a request at the facts' instant.

    `bound` are the tariffs that a cited verification binds; without it those in force price it.
    `prior` is what was agreed before for the output that this upgrades. Raises `Malformed`
    where a recording or the model is unknown, or a segment lies beyond its recording.
    """
    check_known(facts, ask)
    of_request, wish = ask_model(facts, ask), ask.wish
    rows = tuple([(row, _row_cleared(facts, row, wish)) for row in ask.rows])
    touched = _touched(rows)
    reasons = of_request.of(None)
    for row, found in rows:
        if found.reasons:
            reasons += found.reasons.of(row.number)
    if reasons:
        return Refused(in_order(reasons), touched)
    # (17): the tariff is judged only when nothing else refuses.
    try:
        agreed = agree(listed(facts.view, wish, bound=bound, at=facts.at), rows, prior)
    except NoPrice as missing:
        of_request.add("no_tariff", clause=missing.clause, values=missing.values)
        return Refused(in_order(of_request.of(None)), touched)
    references = tuple([_authorized(row, found) for row, found in rows])
    return Cleared(references, touched, agreed)


def clears(
    facts: Facts,
    ask: Ask,
    *,
    bound: tuple[str, ...] | None,
    prior: Money | None,
    doubtful: Iterable[int],
) -> bool:
    """Tell whether a request clears, as `clear` would; the first reason ends the question.

    `doubtful` are the rows to ask first: those that were refused in a request much like this one.
    A request with 64 rows has hundreds of alternatives, and most of them fail where it failed.
    """
    wish, first = ask.wish, set(doubtful)
    try:
        # The price first: without one, nobody need be asked.
        before_floors = listed(facts.view, wish, bound=bound, at=facts.at)
        if ask_model(facts, ask):
            return False
        rows = []
        for row in sorted(ask.rows, key=lambda row: row.number not in first):
            found = _row_cleared(facts, row, wish)
            if found.reasons:
                return False
            rows.append((row, found))
        agree(before_floors, tuple(rows), prior)
    except NoPrice:
        return False
    return True


def check_known(facts: Facts, ask: Ask) -> None:
    """Raise `Malformed` unless every recording is registered and holds the segment asked."""
    for row in ask.rows:
        recording, source = row.reference.recording, row.reference.source
        identity = facts.recording(recording).identity
        if identity is None:
            pointer = f"/request/references/{row.number}/recording"
            raise Malformed("unknown_id", f"no such recording [{recording}]", pointer=pointer)
        if source is not None and source.until_ms > identity.duration_ms:
            pointer = f"/request/references/{row.number}/source"
            raise Malformed("number_invalid", "beyond the recording's end", pointer=pointer)


def _row_cleared(facts: Facts, row: Row, wish: Wish) -> RowCleared:
    return facts.view.answer(clear_row, row.asked(wish), facts.at, row.of_recording)


def _authorized(row: Row, found: RowCleared) -> AuthorizedReference:
    """Make the row that the manifest repeats, byte for byte."""
    reference, touched = row.reference, found.touched
    return made(
        AuthorizedReference,
        row=row.number,
        recording=reference.recording,
        isrc=found.identity.isrc,
        title=found.identity.title,
        works=touched.works,
        weight=row.weight.text,
        use=reference.use,
        parameters=reference.parameters,
        role=reference.role,
        source=reference.source,
        output=reference.output,
        stem=reference.stem,
        by=reference.by,
        copied=found.copied,
        consents=found.consents,
    )


def _touched(rows: CheckedRows) -> tuple[Touched, ...]:
    """Repeat works and controllers of each recording, so that tags need no other table."""
    by_recording: dict[str, list[Touched]] = {}
    for _, found in rows:
        by_recording.setdefault(found.touched.recording, []).append(found.touched)
    return tuple([_one(touched) for touched in by_recording.values()])


def _one(touched: list[Touched]) -> Touched:
    """Say of a recording once what its rows touched: other uses may ask other performers."""
    first = touched[0]
    if len(touched) == 1:
        return first
    held = {each for row in touched for each in row.controllers}
    performers = {each for row in touched for each in row.performers}
    return Touched(
        recording=first.recording,
        works=first.works,
        controllers=tuple(sorted(held, key=lambda row: (row.side, row.asset, row.party))),
        performers=tuple(sorted(performers)),
    )
