"""Proving an entry offline: each step is named, each cheat is caught at its step."""

import pytest

from ledger.evidence import prove, texts
from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.evidence.note import (
    Checkpoint,
    NoteKey,
    cosign,
    sign_checkpoint,
)
from ledger.evidence.policy import Policy, parse_policy
from ledger.evidence.proof import make_proof
from ledger.evidence.prove import Beside
from ledger.evidence.receipt import Position, add_receipts, make_receipt, split_transparent
from ledger.evidence.tree import Tree, grow
from schemas import commitments
from schemas.commitments import Opening
from schemas.envelope.entry import leaf_hash, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement, sign_statement
from tests.vectors.make_envelopes import ENTRY, STATEMENT
from tests.vectors.make_notes import LOG, OTHER, WITNESS
from tests.vectors.making import ACTOR, ACTOR_KEY, ENTRY_KEY, LEDGER, LOG_KEY, OTHER_KEY

SALT = bytes(range(16))
STATEMENT_RAW = sign_statement(STATEMENT, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
PAYLOAD = {
    **ENTRY,
    "actor": commitments.commit(ACTOR, SALT),
    "statement_sha256": read_statement(STATEMENT_RAW).sha256,
}
ENTRY_RAW = sign_entry(PAYLOAD, ENTRY_KEY, ledger=LEDGER)
LEAVES = [leaf_hash(ENTRY_RAW), *(leaf_hash(b"%d" % number) for number in range(299))]
POLICY = parse_policy(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n")
LAX = parse_policy(f"log {LOG.vkey}\nquorum none\n")
TIME_S = 1_795_000_000


def checkpoint(
    size: int, *witnesses: NoteKey, leaves: list[bytes] = LEAVES, key: NoteKey = LOG
) -> str:
    root = grow(Tree(), leaves[:size]).root
    note = sign_checkpoint(Checkpoint(LEDGER, size, root), key)
    return note + "".join(cosign(note, one, time_s=TIME_S) + "\n" for one in witnesses)


def proof(*witnesses: NoteKey, size: int = 7) -> str:
    path = grow(Tree(), LEAVES[:size]).inclusion_path(0)
    return make_proof(index=0, path=path, checkpoint=checkpoint(size, *witnesses))


def test_every_step_is_walked_and_numbered() -> None:
    beside = Beside(
        entry_keys={ENTRY_KEY.kid: ENTRY_KEY.public},
        statement=STATEMENT_RAW,
        actor_keys={ACTOR_KEY.kid: ACTOR_KEY.public},
        openings=(Opening("/actor", SALT, ACTOR),),
    )
    report = prove.prove(ENTRY_RAW, proof(WITNESS), POLICY, beside=beside)
    assert [step.number for step in report.steps] == list(range(1, 11))
    assert all(step.is_checked for step in report.steps)
    assert (report.position, report.size, report.is_witnessed) == (1, 7, True)
    assert report.witnesses == {"w1": TIME_S}
    assert report.log == LOG.verifier
    assert "2026-11-18T" in str(report.steps[4])
    assert str(report.steps[5]) == "6 follow the inclusion path: position 1 of 7"


def test_what_was_not_given_is_said_to_be_unchecked() -> None:
    report = prove.prove(ENTRY_RAW, proof(WITNESS), POLICY)
    unchecked = [step.title for step in report.steps if not step.is_checked]
    assert unchecked == [
        "verify the entry's signature",
        "verify the statement",
        "open the commitments",
    ]
    report = prove.prove(ENTRY_RAW, proof(WITNESS), POLICY, beside=Beside(statement=STATEMENT_RAW))
    assert f"no key {ACTOR_KEY.kid} given" in str(report.steps[8])


def fails(
    step: int,
    beside: Beside | None = None,
    entry: bytes = ENTRY_RAW,
    text: str | None = None,
    policy: Policy = POLICY,
) -> None:
    with pytest.raises(EvidenceError) as caught:
        prove.prove(entry, text or proof(WITNESS), policy, beside=beside)
    assert caught.value.step.startswith(f"step {step}, ")


def test_the_failing_step_is_named() -> None:
    fails(1, entry=b"")
    fails(3, text="no proof")
    fails(4, policy=parse_policy(f"log {NoteKey('other.example', LOG_KEY).vkey}\nquorum none\n"))
    fails(5, text=proof(OTHER))
    fails(6, text=proof(WITNESS).replace("index 0", "index 1"))
    fails(7, Beside(entry_keys={ENTRY_KEY.kid: ACTOR_KEY.public}))
    other = sign_statement({**STATEMENT, "after": None}, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    fails(8, Beside(statement=other))
    fails(8, Beside(statement=b"none"))
    wrong = {ACTOR_KEY.kid: ENTRY_KEY.public}
    fails(9, Beside(statement=STATEMENT_RAW, actor_keys=wrong))
    fails(9, Beside(openings=(Opening("/actor", SALT, "pty_other"),)))


def test_an_entry_of_another_log_under_the_same_key() -> None:
    """The operator runs two logs and shows an entry of the one in the other."""
    elsewhere = sign_entry({**PAYLOAD, "ledger": "two.example"}, ENTRY_KEY, ledger="two.example")
    leaves = [leaf_hash(elsewhere)]
    text = make_proof(index=0, path=[], checkpoint=checkpoint(1, WITNESS, leaves=leaves))
    fails(4, entry=elsewhere, text=text)


def test_an_entry_bound_to_the_statement_of_another_command() -> None:
    stranger = sign_entry(
        {**PAYLOAD, "command": "cmd_01h455vb4pex5vsknk084sn02r"}, ENTRY_KEY, ledger=LEDGER
    )
    leaves = [leaf_hash(stranger)]
    text = make_proof(index=0, path=[], checkpoint=checkpoint(1, WITNESS, leaves=leaves))
    fails(8, Beside(statement=STATEMENT_RAW), entry=stranger, text=text)


def test_one_log_does_not_speak_for_another() -> None:
    """Both are listed; the other signs, under its own name, a checkpoint of this one."""
    other = NoteKey("other.example", OTHER_KEY)
    policy = parse_policy(f"log {LOG.vkey}\nlog {other.vkey}\nquorum none\n")
    body = Checkpoint(LEDGER, 1, LEAVES[0]).body
    blob = other.verifier.key_id + OTHER_KEY.sign(body.encode())
    note = f"{body}\n— {other.name} {texts.encode(blob)}\n"
    with pytest.raises(EvidenceError, match="no listed log has signed"):
        policy.accept(note)


def test_not_witnessed_is_no_invalid() -> None:
    with pytest.raises(NotWitnessedError, match="step 5, count the witnesses"):
        prove.prove(ENTRY_RAW, proof(), POLICY)
    report = prove.prove(ENTRY_RAW, proof(), POLICY, require_witnesses=False)
    assert not report.is_witnessed
    assert "not_witnessed" in report.steps[4].detail


def test_a_time_beyond_the_calendar() -> None:
    note = checkpoint(7)
    text = note + cosign(note, WITNESS, time_s=2**62) + "\n"
    path = grow(Tree(), LEAVES[:7]).inclusion_path(0)
    report = prove.prove(ENTRY_RAW, make_proof(index=0, path=path, checkpoint=text), POLICY)
    assert f"{2**62} s" in report.steps[4].detail


def receipt(key: SigningKey = LOG_KEY) -> bytes:
    growth = grow(Tree(), LEAVES[:7])
    return make_receipt(
        key,
        origin=LEDGER,
        position=Position(7, 0),
        path=growth.inclusion_path(0),
        root=growth.root,
    )


def test_a_receipt_proves_without_witnesses() -> None:
    report = prove.prove_by_receipt(ENTRY_RAW, receipt(), LAX)
    assert (report.position, report.size, report.is_witnessed) == (1, 7, True)
    with pytest.raises(NotWitnessedError):
        prove.prove_by_receipt(ENTRY_RAW, receipt(), POLICY)
    report = prove.prove_by_receipt(ENTRY_RAW, receipt(), POLICY, require_witnesses=False)
    assert not report.is_witnessed
    with pytest.raises(EvidenceError, match="step 4"):
        prove.prove_by_receipt(ENTRY_RAW, receipt(OTHER_KEY), LAX)
    none = parse_policy("quorum none\n")
    with pytest.raises(EvidenceError, match="lists no log of that origin"):
        prove.prove_by_receipt(ENTRY_RAW, receipt(), none)


def test_after_a_rotation_both_keys_speak_for_the_log() -> None:
    new = NoteKey(LEDGER, OTHER_KEY)
    both = parse_policy(f"log {new.vkey}\nlog {LOG.vkey}\nquorum none\n")
    assert prove.prove_by_receipt(ENTRY_RAW, receipt(), both).log == LOG.verifier
    assert prove.prove_by_receipt(ENTRY_RAW, receipt(OTHER_KEY), both).log == new.verifier
    assert both.accept(checkpoint(7, key=new)).log == new.verifier
    assert both.accept(checkpoint(7)).log == LOG.verifier


@pytest.mark.interop(39)
def test_a_transparent_statement_has_receipts() -> None:
    with pytest.raises(EvidenceError, match="unexpected unprotected"):
        add_receipts(add_receipts(ENTRY_RAW, [receipt()]), [receipt()])
    for raw in (ENTRY_RAW, b"", add_receipts(ENTRY_RAW, [])):
        with pytest.raises(EvidenceError):
            split_transparent(raw)
