"""Which entries an output's page and a royalty statement's page need.

Nothing here is believed by the page: it reads the entries, follows their paths, and checks that
they say what they are taken for. An entry that is missing makes a step fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ledger.rights.view import View
from ledger.storage.contract import Reader
from projections.index.queries import Between
from schemas import canonical
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import read_statement
from schemas.period import month_of
from schemas.refusals import Malformed
from service.inspection import record_of
from service.notes.evidence import Evidence

LIFE: Final = (
    "GenerationAuthorized",
    "FeeAgreed",
    "GenerationCompleted",
    "ManifestEmbedded",
    "RoyaltyAccrued",
)
"""The entries of a generation that was completed, in their order."""

TOUCHES_MAX: Final = 2_000
"""Entries of a party that a page takes with it to show that none is left out: about 8 MB."""

PAID: Final = ("PayoutInstructed", "PayoutSettled", "PayoutFailed", "PayoutReturned")
"""What became of a royalty statement's money."""


def of_output(reader: Reader, view: View, generation: str, policy: str) -> dict[str, Any]:
    """Return the evidence about a completed generation; `unknown_id` if it was not completed.

    `view` is of the same snapshot as `reader`.
    """
    evidence = Evidence(reader)
    life = dict(_life(evidence, generation))
    if set(life) != set(LIFE):
        raise Malformed("unknown_id", f"no output of {generation} was completed")
    authorized, completed = life["GenerationAuthorized"][1], life["GenerationCompleted"]
    finished = read_statement(canonical.unb64u(completed[1].data["finished"]))
    evidence.enroll(finished.kid, completed[0])
    evidence.name_parties([finished.actor])
    references = authorized.data["references"]
    for cited in (row for reference in references for row in reference["consents"]):
        evidence.add(cited["position"])
    evidence.name_recordings(reference["recording"] for reference in references)
    _name_everybody(evidence, authorized)
    evidence.name_parties(leg["party"] for leg in life["RoyaltyAccrued"][1].data["legs"])
    revoked = _revoked(evidence, reader, view, generation)  # takes entries, so before `data`
    return {
        **evidence.data(policy),
        "kind": "output",
        "generation": generation,
        "places": {name: position for name, (position, _) in life.items()},
        "revoked": revoked,
        "head": reader.bound,
    }


def _life(evidence: Evidence, generation: str) -> Iterator[tuple[str, tuple[int, Entry]]]:
    for position, entry in evidence.of(f"job:{generation}", *LIFE):
        yield entry.type, (position, evidence.add(position))


def _name_everybody(evidence: Evidence, authorized: Entry) -> None:
    """Take the names of whoever controls, or performs on, what was referred to."""
    for touched in authorized.data["touched"]:
        evidence.name_parties(held["party"] for held in touched["controllers"])
        evidence.name_parties(touched["performers"])


def _revoked(evidence: Evidence, reader: Reader, view: View, generation: str) -> dict[str, int]:
    """Return which cited consents were revoked since, and at which position."""
    record = record_of(reader, view, generation, "urn")
    assert record is not None
    revoked = {row.consent: row.revoked_at for row in record.consents if row.revoked_at}
    for position in revoked.values():
        evidence.add(position)
    return revoked


def of_statement(
    reader: Reader, statement: str, policy: str, *, touches: Between | None
) -> dict[str, Any]:
    """Return the evidence about a closed royalty statement; `unknown_id` if there is none.

    `touches`: everything that touched its party, by the newest published root of the index.
    """
    evidence = Evidence(reader)
    found = evidence.only(f"about:{statement}", "RoyaltyStatementClosed")
    if found is None:
        raise Malformed("unknown_id", f"no royalty statement {statement} was closed")
    position, closed = found
    party = closed.data["party"]
    before = _statement_before(evidence, position, closed)
    earned = list(_earned(evidence, reader, closed))
    evidence.name_parties([party])
    payouts = [at for at, _ in evidence.of(f"about:{statement}", *PAID)]
    for at in payouts:
        evidence.add(at)
    index = _complete(evidence, closed, touches)
    return {
        **evidence.data(policy),
        "index": index,
        "kind": "royalty_statement",
        "statement": statement,
        "places": {"RoyaltyStatementClosed": position, "before": before},
        "accruals": earned,
        "payouts": payouts,
        "head": reader.bound,
    }


def _statement_before(evidence: Evidence, position: int, closed: Entry) -> int | None:
    """Take the statement whose rest this one carries in."""
    data = closed.data
    before = None
    for at, entry in evidence.of(f"money:{data['party']}", "RoyaltyStatementClosed"):
        same = entry.data["accrued"]["currency"] == data["accrued"]["currency"]
        if at < position and same:
            before = at
    if before is not None:
        evidence.add(before)
    return before


def _earned(evidence: Evidence, reader: Reader, closed: Entry) -> Iterator[dict[str, Any]]:
    """Yield where each accrual of the statement is, and where its fee was agreed.

    The month is that of the time of the accrual's position, as where the lines are made.
    """
    data = closed.data
    for stored in reader.events(
        f"about:{data['party']}", after=data["from_position"] - 1, until=data["through"]
    ):
        entry = read_entry(stored.data)
        if entry.type != "RoyaltyAccrued" or month_of(stored.time) != data["month"]:
            continue
        legs = [leg for leg in entry.data["legs"] if _is_theirs(leg, data)]
        if legs:
            evidence.add(stored.position)
            evidence.name_recordings(leg["recording"] for leg in legs)
            agreed = evidence.only(f"job:{entry.data['generation']}", "FeeAgreed")
            yield {"position": stored.position, "agreed": agreed[0] if agreed else None}


def _complete(evidence: Evidence, closed: Entry, touches: Between | None) -> dict[str, Any] | None:
    """Take every entry of the statement's positions that touched its party, and the way to a root.

    None where no root covers them yet, or where they are more than a page should hold.
    """
    begin, until = closed.data["from_position"], closed.data["through"]
    if touches is None or touches.after.root.through < until:
        return None
    inside = [position for position in touches.positions if begin <= position <= until]
    if len(inside) > TOUCHES_MAX:
        return None
    evidence.add(touches.after.root.position)
    for position in inside:
        evidence.add(position)
    lookup = touches.after.lookup
    return {
        "position": touches.after.root.position,
        "positions": list(touches.positions),
        "siblings": [one.hex() for one in lookup.siblings],
        "leaf": None if lookup.leaf is None else lookup.leaf.hex(),
    }


def _is_theirs(leg: dict[str, Any], closed: dict[str, Any]) -> bool:
    found = (leg["party"], leg["amount"]["currency"])
    return found == (closed["party"], closed["accrued"]["currency"])
