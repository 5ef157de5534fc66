"""Checking a page of liner notes without a browser: its evidence, its program, and its policy.

A browser recomputes from the entries what the page shows. Here every entry is verified against a
policy that came by another way, and the page's program must be the one of this version: so what a
browser would say of this file is what this version's program says of these entries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.policy import Policy
from ledger.evidence.proof import make_proof
from ledger.evidence.prove import Beside, Report, Step, Walk, prove
from schemas import canonical
from schemas.commitments import Opening
from schemas.envelope.entry import read_entry
from schemas.refusals import Malformed
from service.notes.evidence import ENTRIES_MAX, FORMAT

PAGE_BYTES_MAX: Final = 256 << 20
"""Bytes of a page: its sound and four thousand entries."""

_EVIDENCE: Final = re.compile(
    r'<script type="application/json" id="evidence">(?P<json>[^<]*)</script>'
)
_MARKS: Final = ("\x00drawing\x00", "\x00sound\x00")
_DRAWING: Final = (
    r'(?:<svg class="wave" viewBox="0 0 [0-9]+ [0-9]+" preserveAspectRatio="none" role="img"'
    r' aria-label="Waveform"><path d="[ML0-9. Z-]+"/></svg>)?'
)
_SOUND: Final = (
    r'(?:<script type="application/octet-stream" id="sound">[A-Za-z0-9+/=]*</script>\n)?'
)
"""The two places of a page that its evidence does not decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What was shown of a page."""

    steps: tuple[Step, ...]
    ledger: str
    size: int
    is_witnessed: bool
    positions: tuple[int, ...]


def prove_notes(raw: bytes, policy: Policy, *, require_witnesses: bool = True) -> Notes:
    """Show that a page carries what the log holds, and runs our program; else `EvidenceError`.

    Steps: (1) the page is whole; (2) its program is this version's; (3) every entry, as `prove`
    does, with keys that entries of the page enrolled.
    """
    walk = Walk()
    with walk.step("read the page") as said:
        text, evidence = _read(raw)
        said.append(f"{len(evidence['entries'])} entries")
    with walk.step("compare the page with what it must be") as said:
        _compare(text, evidence)
        said.append("byte for byte what this version makes of this evidence")
    positions = []
    reports: list[Report] = []
    with walk.step("prove every entry") as said:
        keys = _enrolled(evidence)
        for row in evidence["entries"]:
            reports.append(
                _prove(row, evidence["checkpoint"], policy, keys, required=require_witnesses)
            )
            if reports[-1].position != row["position"]:
                raise EvidenceError("an entry stands elsewhere than the page says")
            positions.append(reports[-1].position)
        if not reports:
            raise EvidenceError("the page carries no entry")
        said.append(f"positions {positions[0]} to {positions[-1]}")
    first = reports[0]
    return Notes(
        steps=tuple(walk.steps),
        ledger=first.entry.ledger,
        size=first.size,
        is_witnessed=first.is_witnessed,
        positions=tuple(positions),
    )


def _read(raw: bytes) -> tuple[str, dict[str, Any]]:
    if len(raw) > PAGE_BYTES_MAX:
        raise EvidenceError("the page is too large")
    try:
        text = raw.decode("utf-8")
        (found,) = _EVIDENCE.findall(text)
        evidence: dict[str, Any] = json.loads(found)
        if evidence["format"] != FORMAT or len(evidence["entries"]) > ENTRIES_MAX:
            raise EvidenceError(f"not a page of this kind [{FORMAT}]")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EvidenceError("this is no page of liner notes") from error
    return text, evidence


def _compare(text: str, evidence: dict[str, Any]) -> None:
    """Require that the page is byte for byte what this version makes of this evidence.

    Free are only the drawing (shapes alone) and the sound (base64 alone).
    """
    from service.notes.pages import shell  # noqa: PLC0415 - brings the projections

    try:
        whole = shell(evidence, waveform=_MARKS[0], sound=_MARKS[1])
    except (KeyError, TypeError, AttributeError) as error:
        raise EvidenceError("this is no page of liner notes") from error
    pattern = re.escape(whole)
    for mark, free in zip(_MARKS, (_DRAWING, _SOUND), strict=True):
        pattern = pattern.replace(re.escape(mark), free)
    if re.fullmatch(pattern, text) is None:
        raise EvidenceError("it is not what this version makes of this evidence")


def _prove(
    row: dict[str, Any], note: str, policy: Policy, keys: Mapping[str, bytes], *, required: bool
) -> Report:
    try:
        path = [texts.decode(one) for one in row["path"]]
        proof = make_proof(index=row["position"] - 1, path=path, checkpoint=note)
        held = row["statement"]
        beside = Beside(
            entry_keys=keys,
            actor_keys=keys,
            statement=None if held is None else canonical.unb64u(held),
            openings=tuple(
                Opening(str(one["pointer"]), canonical.unb64u(one["salt"]), one["value"])
                for one in row["openings"]
            ),
        )
        entry = canonical.unb64u(row["entry"])
    except (KeyError, TypeError, ValueError, Malformed) as error:
        raise EvidenceError("an entry lacks what proves it") from error
    report = prove(entry, proof, policy, require_witnesses=required, beside=beside)
    if report.entry.kid not in keys:
        raise EvidenceError(f"no entry of the page enrolled the key {report.entry.kid}")
    return report


def _enrolled(evidence: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the keys that entries of the page enrolled; each is proven like every other entry."""
    keys: dict[str, bytes] = {}
    try:
        for row in evidence["entries"]:
            data = read_entry(canonical.unb64u(row["entry"])).data
            found = [data] if "public_key" in data else data.get("keys", [])
            for one in found:
                if isinstance(one, dict) and "public_key" in one and "key" in one:
                    keys[str(one["key"])] = canonical.unb64u(str(one["public_key"]))
            if "root_key" in data and "root_public_key" in data:
                keys[str(data["root_key"])] = canonical.unb64u(str(data["root_public_key"]))
    except (KeyError, TypeError, Malformed) as error:
        raise EvidenceError("the page carries what is no entry") from error
    return keys
