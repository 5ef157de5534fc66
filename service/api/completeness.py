"""What touched a subject, provably all of it; and what differs between two points of the log.

The index is made of public fields, and its lists of positions follow from the entries that every
enrolled party reads: so every one of them may ask about any subject. What differs between two
points names amounts, and goes to auditors and to finance.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ledger.evidence.complete import Document, Side, write
from ledger.evidence.nodes import TileHashes
from ledger.evidence.proof import make_proof
from ledger.storage.contract import Reader
from ledger.storage.records import ABOUT, StoredCheckpoint
from projections.differences import differences
from projections.errors import HistoryUnavailable
from projections.index.queries import Proved, touched
from schemas.ids import uuid_of
from service.api.bodies import answer
from service.api.context import Door, Known, readings, require
from service.api.described import operation
from service.api.opened import show
from service.api.plain import plain
from service.api.problems import DoorError
from service.api.shapes_evidence import AuditDiff, Completeness
from service.api.waiting import POSITION_MAX, Seen, When, point_of
from service.identity import Identity
from service.witnessed import best

router: Final = APIRouter(prefix="/v1", dependencies=[Seen])

SUBJECT: Final = "Ledger-Subject"
"""The header that says, beside a proof and no part of it, whether the log knows its subject."""

After = Annotated[
    int, Query(ge=0, le=POSITION_MAX, description="After the newest root published up to here.")
]
Until = Annotated[
    int | None,
    Query(ge=1, le=POSITION_MAX, description="Up to the newest root published up to here."),
]
Point = Query(description="A position, an instant (RFC 3339), or now-7d.", max_length=64)


@router.get(
    "/index/{subject}",
    dependencies=[Known],
    **operation(
        "get_completeness", "everybody", "Everything that touched a subject", shape=Completeness
    ),
)
def get_completeness(subject: str, door: Door, after: After = 0, until: Until = None) -> Response:
    """Return exactly which entries touched a subject between two published roots, with proofs.

    An empty list is a proof of non-use. Saved as it is, `liner prove` checks it offline. The header
    `Ledger-Subject` says `unknown` where nothing in the whole log is about this id, which may be
    mistyped; the proof is as true of it.
    """
    uuid_of(subject)
    if until is not None and until < after:
        raise DoorError("request_invalid", "until lies before after", pointer="/query/until")
    try:
        found = touched(readings(door), subject, after=after, until=until)
    except HistoryUnavailable as error:
        said = f"no root of the index was published up to position {until}"
        if until is None:
            said = "no root of the index is published yet; one follows within a minute"
        raise DoorError("history_unavailable", said) from error
    with door.instance.store.snapshot() as reader:
        is_known = reader.last_position(f"{ABOUT}{subject}") > 0
        checkpoint = best(
            reader, door.instance.policy.current(), covering=found.after.root.position
        )
        hashes = TileHashes(reader, checkpoint.size)
        document = Document(
            ledger=door.instance.facts.origin,
            subject=subject,
            positions=found.positions,
            before=None
            if found.before is None
            else _side(reader, hashes, checkpoint, found.before),
            after=_side(reader, hashes, checkpoint, found.after),
        )
    return answer(write(document), headers={SUBJECT: "known" if is_known else "unknown"})


def _side(reader: Reader, hashes: TileHashes, checkpoint: StoredCheckpoint, found: Proved) -> Side:
    position = found.root.position
    stored = reader.entry(position)
    assert stored is not None, "the index has read it"
    assert checkpoint.note is not None, "what is visible has an accepted note"
    path = hashes.inclusion_path(position - 1)
    proof = make_proof(index=position - 1, path=path, checkpoint=checkpoint.note)
    return Side(position, stored.data, proof, found.lookup)


@router.get(
    "/audit/diff",
    **operation("get_audit_diff", "auditor", "What differs between two points", shape=AuditDiff),
)
def get_audit_diff(
    door: Door,
    who: Annotated[Identity, Depends(require("auditor", "finance"))],
    when: When,
    older: Annotated[str, Point],
    newer: Annotated[str | None, Point] = None,
) -> Response:
    """Return what was permitted and owed as known at two points, as in force at one instant.

    Every difference names the entries that made it; one checkpoint commits to both points.
    """
    if when.as_of is not None:
        raise DoorError("request_invalid", "the points are older and newer", pointer="/query/as_of")
    begin, end = point_of(older, door, "older"), point_of(newer, door, "newer")
    try:
        found = differences(readings(door), begin, end, valid_at=when.valid_at)
    except ValueError as error:
        raise DoorError("request_invalid", str(error), pointer="/query/newer") from error
    made = [row.positions for row in found.permissions] + [row.positions for row in found.balances]
    positions = sorted({position for one in made for position in one})
    with door.instance.store.snapshot() as reader:
        policy = door.instance.policy.current()
        checkpoint = best(reader, policy, covering=max(1, found.newer))
        entries = [_shown(reader, position, who) for position in positions]
    content = plain(found) | {"checkpoint": checkpoint.note, "entries": entries}
    return answer(content, headers={"Ledger-Position": str(found.newer)})


def _shown(reader: Reader, position: int, who: Identity) -> dict[str, Any]:
    stored = reader.entry(position)
    assert stored is not None, "a projection has read it"
    return show(reader, stored, who)
