"""Pages of liner notes proven without a browser: untouched, tampered, under another policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.policy import parse_policy
from ledger.evidence.vkeys import NoteKey
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.notes.proving import prove_notes
from tests.integration.notes.conftest import EVIDENCE, Made
from tests.kit.instance import ORIGIN

Evidence = dict[str, Any]


def policy_of(made: Made) -> str:
    return str(made.evidence["policy"])


def respelled(made: Made, evidence: Evidence) -> bytes:
    """Return the page with other evidence, spelled as the page's maker spells it."""
    text = json.dumps(evidence, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return EVIDENCE.sub(lambda found: found[1] + text + found[3], made.text).encode()


@pytest.mark.parametrize("which", ["output", "statement"])
def test_an_untouched_page_is_proven(which: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(which)
    found = prove_notes(made.text.encode(), parse_policy(policy_of(made)))
    assert found.positions == tuple(row["position"] for row in made.evidence["entries"])
    assert [step.number for step in found.steps] == [1, 2, 3]
    assert respelled(made, made.evidence) == made.text.encode()


TEXT: list[tuple[str, str, str]] = [
    ("a word", "Liner notes</p>", "Liner notes!</p>"),
    ("another program", '<script type="module">', '<script type="module">alert(1);'),
    ("a script more", "</main>", "</main><script>alert(1)</script>"),
    ("no policy for scripts", "default-src 'none'", "default-src *"),
    ("something loaded", "<footer>", '<footer><img src="https://example.org/x.png">'),
    ("a drawing with a script", "<path d=", '<path onload="alert(1)" d='),
    ("a sound that is markup", 'id="sound">', 'id="sound"></script><script>alert(1)'),
    ("something behind", "</html>", "</html><p>verified</p>"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in TEXT], ids=[row[0] for row in TEXT])
def test_a_page_that_was_changed_is_refused(output: Made, old: str, new: str) -> None:
    assert old in output.text
    changed = output.text.replace(old, new, 1).encode()
    with pytest.raises(EvidenceError, match="compare the page"):
        prove_notes(changed, parse_policy(policy_of(output)))


def flipped_entry(evidence: Evidence) -> None:
    raw = evidence["entries"][3]["entry"]
    at = len(raw) - 40
    evidence["entries"][3]["entry"] = raw[:at] + ("A" if raw[at] != "A" else "B") + raw[at + 1 :]


def another_position(evidence: Evidence) -> None:
    evidence["entries"][3]["position"] += 1


def another_path(evidence: Evidence) -> None:
    evidence["entries"][3]["path"] = evidence["entries"][4]["path"]


def another_statement(evidence: Evidence) -> None:
    rows = [row for row in evidence["entries"] if row["statement"]]
    rows[1]["statement"] = rows[2]["statement"]


def no_opening_of_its_own(evidence: Evidence) -> None:
    salt = "AAAAAAAAAAAAAAAAAAAAAA"
    evidence["entries"][0]["openings"] = [{"pointer": "/data/x", "salt": salt, "value": 1}]


def no_enrollment(evidence: Evidence) -> None:
    del evidence["entries"][0]


EDITS = [
    flipped_entry,
    another_position,
    another_path,
    another_statement,
    no_opening_of_its_own,
    no_enrollment,
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda one: one.__name__)
def test_edited_evidence_is_refused(output: Made, edit: Callable[[Evidence], None]) -> None:
    evidence = output.evidence
    edit(evidence)
    with pytest.raises(EvidenceError, match="prove every entry"):
        prove_notes(respelled(output, evidence), parse_policy(policy_of(output)))


def test_a_page_forged_with_its_own_key_is_refused_by_a_policy_from_elsewhere(output: Made) -> None:
    stranger = NoteKey(ORIGIN, SigningKey.generate(new_id("key"))).vkey
    with pytest.raises(EvidenceError):
        prove_notes(output.text.encode(), parse_policy(f"log {stranger}\nquorum none\n"))
    evidence = output.evidence | {"policy": f"log {stranger}\nquorum none\n"}
    # What the page itself asks to be trusted changes nothing here.
    assert prove_notes(respelled(output, evidence), parse_policy(policy_of(output))).positions


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"<!doctype html><p>nothing", b"<!doctype html>" * 9]
)
def test_what_is_no_page_is_refused(raw: bytes, output: Made) -> None:
    with pytest.raises(EvidenceError, match="no page of liner notes"):
        prove_notes(raw, parse_policy(policy_of(output)))
