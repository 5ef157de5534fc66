"""Whether a log still begins with what somebody kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.evidence import complete, growth
from ledger.evidence.errors import EvidenceError
from ledger.evidence.growth import Growth, prove_growth
from ledger.evidence.hashing import EMPTY_ROOT, leaf_hash
from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.evidence.policy import parse_policy
from ledger.evidence.tree import Tree, grow
from tests.vectors.making import LEDGER, LOG_KEY, OTHER_KEY

LOG = NoteKey(LEDGER, LOG_KEY)
POLICY = parse_policy(f"log {LOG.vkey}\nquorum none\n")
LEAVES = [leaf_hash(b"%d" % number) for number in range(24)]
SEVEN = grow(Tree(), LEAVES[:7]).tree
GROWN = grow(SEVEN, LEAVES[7:23])


def signed(tree: Tree, key: NoteKey = LOG) -> str:
    return sign_checkpoint(Checkpoint(key.name, tree.size, tree.root), key)


TRUE = Growth(signed(SEVEN), signed(GROWN.tree), tuple(GROWN.consistency_path()))


def test_a_log_that_grew_continues_what_was_kept() -> None:
    found = prove_growth(growth.read(json.dumps(growth.write(TRUE)).encode()), POLICY)
    assert [step.number for step in found.steps] == [1, 2, 3]
    assert (found.older.size, found.newer.size) == (7, 23)


def test_a_log_that_stands_still_continues_itself() -> None:
    same = Growth(TRUE.newer, TRUE.newer, ())
    assert prove_growth(same, POLICY).older == prove_growth(TRUE, POLICY).newer


def test_a_rewritten_history_does_not() -> None:
    rewritten = grow(Tree(), LEAVES[1:8]).tree
    with pytest.raises(EvidenceError, match="step 3"):
        prove_growth(Growth(signed(rewritten), TRUE.newer, TRUE.path), POLICY)
    with pytest.raises(EvidenceError, match="step 3"):
        prove_growth(Growth(signed(rewritten), signed(SEVEN), ()), POLICY)


def test_what_nobody_signed_proves_nothing() -> None:
    for older, newer, step in (("", TRUE.newer, "step 1"), (TRUE.older, "", "step 2")):
        with pytest.raises(EvidenceError, match=step):
            prove_growth(Growth(older, newer, TRUE.path), POLICY)


def test_two_logs_do_not_continue_each_other() -> None:
    other = NoteKey("other.example", OTHER_KEY)
    policy = parse_policy(f"log {LOG.vkey}\nlog {other.vkey}\nquorum none\n")
    theirs = sign_checkpoint(Checkpoint("other.example", 7, EMPTY_ROOT), other)
    with pytest.raises(EvidenceError, match="two logs"):
        prove_growth(Growth(theirs, TRUE.newer, ()), policy)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "linernotes-growth/2"},
        {"older": 7},
        {"path": None},
        {"path": ["AAAA"]},
        {"path": [1]},
        {"path": ["A" * 43 + "="] * 65},
        {"more": 1},
    ],
)
def test_what_is_no_such_document_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError):
        growth.read(json.dumps(growth.write(TRUE) | change).encode())
    for raw in (b"", b"[]", b"{}", b"\xff"):
        with pytest.raises(EvidenceError):
            growth.read(raw)


def test_a_document_that_has_a_key_twice_is_refused() -> None:
    raw = json.dumps(growth.write(TRUE)).encode()
    with pytest.raises(EvidenceError, match="twice"):
        growth.read(raw.replace(b"{", b'{"newer": "", ', 1))
    side = {"position": 1, "entry": "", "proof": "", "siblings": [], "leaf": None}
    about = {"format": complete.FORMAT, "ledger": LEDGER, "subject": "s", "positions": []}
    raw = json.dumps(about | {"before": None, "after": side}).encode()
    assert complete.read(raw).after.position == 1
    for one in (b'{"subject": "t", ', b'{"before": null, '):
        with pytest.raises(EvidenceError, match="twice"):
            complete.read(raw.replace(b"{", one, 1))
    with pytest.raises(EvidenceError, match="twice"):
        complete.read(raw.replace(b'"leaf"', b'"leaf": null, "leaf"'))
