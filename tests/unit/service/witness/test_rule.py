"""What a witness answers, and in which order it looks (C2SP tlog-witness 1.0)."""

import base64
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    VerifierKey,
    parse_checkpoint,
    read_note,
    sign_checkpoint,
    verify_note,
)
from ledger.evidence.submission import Submission, take_cosignature
from ledger.evidence.tree import Tree
from schemas.envelope.keys import SigningKey
from service.witness.core import Witness
from service.witness.keeping import MemoryLostError
from tests.support.witness_world import (
    LOG_KEY,
    NOW_S,
    ORIGIN,
    OTHER_KEY,
    WITNESS_KEY,
    grown,
    make_witness,
    note_of,
    submission,
)

THREE, SEVEN, TEN = grown(3, 7, 10)
OTHER_THREE, OTHER_SEVEN = grown(3, 7, word="other")
PROOF = tuple(SEVEN.consistency_path())


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that has seen three entries."""
    made = make_witness(tmp_path)
    assert made.add_checkpoint(submission(THREE)).status == 200
    return made


def seen_size(witness: Witness) -> int:
    seen = witness.logs[ORIGIN].seen()
    return seen.size if seen else 0


def test_what_continues_is_cosigned_with_seconds(witness: Witness) -> None:
    answer = witness.add_checkpoint(submission(SEVEN))
    assert answer.status == 200
    assert answer.body.startswith("— w.example/one ")
    assert answer.body.count("\n") == 1
    taken = take_cosignature(note_of(SEVEN.tree), answer.body, WITNESS_KEY.verifier)
    assert taken.time_s == NOW_S
    raw = base64.b64decode(answer.body.split(" ")[2])
    assert len(raw) == 4 + 8 + 64
    assert raw[:4] == sha256(b"w.example/one\n\x04" + WITNESS_KEY.key.public).digest()[:4]
    assert int.from_bytes(raw[4:12], "big") == NOW_S


def test_what_was_signed_is_written_down_before_the_answer(witness: Witness) -> None:
    answer = witness.add_checkpoint(submission(SEVEN))
    kept = witness.logs[ORIGIN].memory.read()
    assert kept == note_of(SEVEN.tree) + answer.body
    known = (LOG_KEY.verifier, WITNESS_KEY.verifier)
    assert len(verify_note(read_note(kept), known)) == 2


@pytest.mark.interop(19)
def test_the_same_again_is_signed_again(witness: Witness) -> None:
    again = Submission(3, (), note_of(THREE.tree)).text.encode()
    assert witness.add_checkpoint(again).status == 200
    assert seen_size(witness) == 3


def request(old: int, proof: tuple[bytes, ...], note: str) -> bytes:
    return Submission(old, proof, note).text.encode()


ELSE = NoteKey("else.example/log", SigningKey("key_else", b"\x04" * 32))
BAD_LINE = note_of(SEVEN.tree)[:-12] + "AAAAAAAA" + note_of(SEVEN.tree)[-4:]
SPOILED = note_of(SEVEN.tree, OTHER_KEY)
WRONG_ROOT = sign_checkpoint(Checkpoint(ORIGIN, 3, b"\x07" * 32), LOG_KEY)
NOT_EMPTY = sign_checkpoint(Checkpoint(ORIGIN, 0, b"\x07" * 32), LOG_KEY)


@pytest.mark.interop(17)
@pytest.mark.parametrize(
    ("raw", "status"),
    [
        # Whose log it is comes before everything that one might find wrong with sizes or proof.
        pytest.param(request(9, (), note_of(SEVEN.tree, ELSE)), 404, id="unknown origin"),
        pytest.param(request(9, (), SPOILED), 403, id="a key that nobody knows"),
        pytest.param(request(9, (), BAD_LINE), 403, id="a known key's line is bad"),
        pytest.param(request(8, PROOF, note_of(SEVEN.tree)), 400, id="old beyond new"),
        pytest.param(request(0, (), note_of(SEVEN.tree)), 409, id="old is not what was seen"),
        pytest.param(request(4, PROOF, note_of(SEVEN.tree)), 409, id="size before proof"),
        pytest.param(request(0, PROOF, note_of(Tree())), 409, id="going back"),
        pytest.param(request(3, (), note_of(SEVEN.tree)), 422, id="no proof"),
        pytest.param(request(3, PROOF[::-1], note_of(SEVEN.tree)), 422, id="proof turned round"),
        pytest.param(request(3, PROOF[:-1], note_of(SEVEN.tree)), 422, id="proof too short"),
        pytest.param(request(3, (*PROOF, PROOF[0]), note_of(SEVEN.tree)), 422, id="too long"),
        pytest.param(request(3, PROOF, note_of(OTHER_SEVEN.tree)), 422, id="another history"),
        pytest.param(request(3, (), WRONG_ROOT), 422, id="same size, another root"),
        pytest.param(request(3, PROOF, note_of(THREE.tree)), 422, id="same size, with a proof"),
    ],
)
def test_what_it_refuses_changes_nothing(witness: Witness, raw: bytes, status: int) -> None:
    before = witness.logs[ORIGIN].memory.path.read_bytes()
    answer = witness.add_checkpoint(raw)
    assert answer.status == status, answer.body
    assert "—" not in answer.body
    assert witness.logs[ORIGIN].memory.path.read_bytes() == before


def test_a_conflict_says_the_size_and_nothing_else(witness: Witness) -> None:
    answer = witness.add_checkpoint(request(0, (), note_of(SEVEN.tree)))
    assert (answer.body, answer.kind) == ("3\n", "text/x.tlog.size")


GOOD = submission(SEVEN).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "old 3\n",
        GOOD.replace("old 3", "old 03"),
        GOOD.replace("old 3", "old +3"),
        GOOD.replace("old 3", "old -3"),
        GOOD.replace("old 3", "old  3"),
        GOOD.replace("old 3", "OLD 3"),
        GOOD.replace("old 3", "old ٣"),
        GOOD.replace("old 3", "old 99999999999999999999"),
        GOOD.replace("old 3\n", ""),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("old 3\n", "old 3\nAAAA\n"),
        GOOD.replace("old 3\n", "old 3\n" + base64.b64encode(b"\0" * 32).decode() + " \n"),
        GOOD.replace("old 3\n", "old 3\n" + (base64.b64encode(b"\0" * 32).decode() + "\n") * 63),
        GOOD.removesuffix("\n"),
        GOOD + "\n",
        GOOD.replace("\n7\n", "\n07\n"),
        GOOD.split("\n\n—")[0] + "\n",
    ],
)
def test_what_is_malformed_is_answered_so(witness: Witness, text: str) -> None:
    answer = witness.add_checkpoint(text.encode())
    assert answer.status == 400, answer.body


def test_what_is_no_text_is_malformed(witness: Witness) -> None:
    assert witness.add_checkpoint(b"\xff\xfe").status == 400


def test_a_log_that_begins_needs_no_proof_and_may_have_none(tmp_path: Path) -> None:
    fresh = make_witness(tmp_path)
    with_proof = request(0, PROOF, note_of(SEVEN.tree))
    assert fresh.add_checkpoint(with_proof).status == 422
    assert fresh.add_checkpoint(request(0, (), NOT_EMPTY)).status == 422
    assert fresh.add_checkpoint(request(0, (), note_of(Tree()))).status == 200
    assert fresh.add_checkpoint(request(0, (), note_of(SEVEN.tree))).status == 200
    assert seen_size(fresh) == 7


def test_lines_of_unknown_keys_are_ignored_and_not_kept(witness: Witness) -> None:
    strange = note_of(SEVEN.tree, OTHER_KEY).split("\n\n")[1]
    answer = witness.add_checkpoint(request(3, PROOF, note_of(SEVEN.tree) + strange))
    assert answer.status == 200
    assert witness.logs[ORIGIN].memory.read() == note_of(SEVEN.tree) + answer.body


def test_both_keys_of_a_log_count_while_one_replaces_the_other(tmp_path: Path) -> None:
    both = make_witness(tmp_path, WITNESS_KEY, LOG_KEY, OTHER_KEY)
    assert both.add_checkpoint(submission(THREE)).status == 200
    assert both.add_checkpoint(submission(SEVEN, OTHER_KEY)).status == 200


def test_extension_lines_are_signed_with_the_rest(witness: Witness) -> None:
    body = Checkpoint(ORIGIN, 7, SEVEN.tree.root, ("more",))
    note = sign_checkpoint(body, LOG_KEY)
    answer = witness.add_checkpoint(request(3, PROOF, note))
    assert answer.status == 200
    take_cosignature(note, answer.body, WITNESS_KEY.verifier)


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"linernotes witness v1\nelse\n"])
def test_a_lost_memory_signs_nothing(witness: Witness, content: bytes | None) -> None:
    path = witness.logs[ORIGIN].memory.path
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(MemoryLostError):
        witness.add_checkpoint(request(0, (), note_of(SEVEN.tree)))


def test_what_it_remembers_outlives_the_process(witness: Witness, tmp_path: Path) -> None:
    again = make_witness(tmp_path)
    seen = again.logs[ORIGIN].seen()
    assert seen == parse_checkpoint(read_note(note_of(THREE.tree)).body)
    assert again.add_checkpoint(submission(SEVEN)).status == 200


def test_a_witness_key_is_no_key_of_a_log() -> None:
    key = VerifierKey(ORIGIN, LOG_KEY.key.public, COSIGNER)
    assert key.key_id != LOG_KEY.verifier.key_id
