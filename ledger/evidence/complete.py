"""What touched a subject, all of it, as one document that is checked offline (evidence.md).

    {"format", "ledger", "subject", "positions", "before": side | null, "after": side}
    side: {"position", "entry", "proof", "siblings", "leaf"}

A side is a published root of the index: its entry (base64url) with a tlog-proof, and the way in its
tree to the subject (hex). Both sides stand under one checkpoint. No position at all is a proof of
non-use between the two; without `before`, since the log began.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import Lookup, Touches, verify_between, verify_lookup
from ledger.evidence.policy import Policy
from ledger.evidence.proof import parse_proof
from ledger.evidence.prove import Beside, Report, Step, Walk, prove
from schemas import canonical
from schemas.events.log import IndexRootPublished
from schemas.refusals import Malformed
from schemas.registry import read_event

FORMAT: Final = "linernotes-complete/1"
"""What the document calls itself."""

_FIELDS: Final = frozenset({"format", "ledger", "subject", "positions", "before", "after"})
_SIDE: Final = frozenset({"position", "entry", "proof", "siblings", "leaf"})


@dataclass(frozen=True, slots=True)
class Side:
    """A published root as it came: nothing is verified."""

    position: int
    entry: bytes
    proof: str
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Document:
    """The document as it came: nothing is verified."""

    ledger: str
    subject: str
    positions: tuple[int, ...]
    before: Side | None
    after: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """What was shown: exactly `positions` touched `subject` after entry `older`, up to `newer`."""

    steps: tuple[Step, ...]
    ledger: str
    subject: str
    older: int
    newer: int
    positions: tuple[int, ...]
    total: int
    """Entries that touched the subject since the log began, up to `newer`."""

    root: str
    size: int
    witnesses: Mapping[str, int]
    is_witnessed: bool


def write(found: Document) -> dict[str, Any]:
    """Return the document as JSON values."""
    return {
        "format": FORMAT,
        "ledger": found.ledger,
        "subject": found.subject,
        "positions": list(found.positions),
        "before": None if found.before is None else _written(found.before),
        "after": _written(found.after),
    }


def read(raw: bytes) -> Document:
    """Read a document; `EvidenceError` where it is none."""
    try:
        content = json.loads(raw, object_pairs_hook=texts.members)
        if set(content) != _FIELDS or content["format"] != FORMAT:
            raise EvidenceError(f"not a document of this kind [{FORMAT}]")
        positions = content["positions"]
        if not all(type(place) is int and place > 0 for place in positions):
            raise EvidenceError("the positions are no positions")
        before = content["before"]
        return Document(
            ledger=str(content["ledger"]),
            subject=str(content["subject"]),
            positions=tuple(positions),
            before=None if before is None else _side(before),
            after=_side(content["after"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed) as error:
        raise EvidenceError("this is no document about a subject") from error


def prove_complete(
    document: Document,
    policy: Policy,
    *,
    require_witnesses: bool = True,
    entry_keys: Mapping[str, bytes] | None = None,
) -> Complete:
    """Show that the list is exactly what touched the subject, else raise `EvidenceError`.

    `NotWitnessedError` where only the quorum is missing. Steps: (1) those of `prove` for each
    root, (2) both under one checkpoint, (3) each root's way to the subject, (4) the list against
    both counts.
    """
    walk, keys = Walk(), Beside(entry_keys=entry_keys or {})

    def proven(side: Side, what: str) -> tuple[Report, IndexRootPublished]:
        report = prove(
            side.entry, side.proof, policy, require_witnesses=require_witnesses, beside=keys
        )
        walk.take(report, what)
        with walk.step(f"{what}: read the published root") as said:
            event = _root_of(report, side, document.ledger)
            said.append(f"entries up to {event.through}, {event.subjects} subjects")
        return report, event

    def looked_up(side: Side, event: IndexRootPublished, what: str) -> Touches:
        with walk.step(f"{what}: follow the way to the subject") as said:
            root = bytes.fromhex(event.root)
            touches = verify_lookup(root, document.subject, side.lookup)
            said.append(f"{touches.count} entries touched {document.subject}")
        return touches

    report, newer = proven(document.after, "newer root")
    after = looked_up(document.after, newer, "newer root")
    older, before = 0, Touches()
    if document.before is not None:
        _, event = proven(document.before, "older root")
        with walk.step("compare the checkpoints") as said:
            _one_checkpoint(document.before, document.after)
            said.append("both roots stand under one checkpoint")
        before, older = looked_up(document.before, event, "older root"), event.through
    with walk.step("count the list") as said:
        verify_between(before, after, document.positions, older=older, newer=newer.through)
        said.append(f"exactly {len(document.positions)} after {older}, up to {newer.through}")
    return Complete(
        steps=tuple(walk.steps),
        ledger=document.ledger,
        subject=document.subject,
        older=older,
        newer=newer.through,
        positions=document.positions,
        total=after.count,
        root=newer.root,
        size=report.size,
        witnesses=report.witnesses,
        is_witnessed=report.is_witnessed,
    )


def _root_of(report: Report, side: Side, ledger: str) -> IndexRootPublished:
    entry = report.entry
    event = read_event(entry.type, entry.version, entry.data, recorded=True)
    if not isinstance(event, IndexRootPublished):
        raise EvidenceError(f"{entry.type} publishes no root of the index")
    if (report.position, entry.ledger) != (side.position, ledger):
        raise EvidenceError("the root stands elsewhere than the document says")
    if event.through >= report.position:
        raise EvidenceError("a root cannot cover what came after it")
    return event


def _one_checkpoint(before: Side, after: Side) -> None:
    """Two checkpoints could be of two histories: then a list between them would mean nothing."""
    if parse_proof(before.proof).checkpoint != parse_proof(after.proof).checkpoint:
        raise EvidenceError("the roots stand under two checkpoints")


def _written(side: Side) -> dict[str, Any]:
    leaf = side.lookup.leaf
    return {
        "position": side.position,
        "entry": canonical.b64u(side.entry),
        "proof": side.proof,
        "siblings": [one.hex() for one in side.lookup.siblings],
        "leaf": None if leaf is None else leaf.hex(),
    }


def _side(row: dict[str, Any]) -> Side:
    if set(row) != _SIDE or type(row["position"]) is not int or not isinstance(row["proof"], str):
        raise EvidenceError("a root lacks what proves it")
    siblings = tuple(map(_hash, row["siblings"]))
    leaf = None if row["leaf"] is None else bytes.fromhex(row["leaf"])
    return Side(
        row["position"], canonical.unb64u(row["entry"]), row["proof"], Lookup(siblings, leaf)
    )


def _hash(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if len(raw) != 32:  # noqa: PLR2004 - bytes of SHA-256
        raise EvidenceError("a hash has 32 bytes")
    return raw
