"""Details that outside readers insist on and that no other test shows alone.

The numbers are those of docs/guides/interoperability.md.
"""

from __future__ import annotations

import base64

import cbor2
import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT
from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    cosign,
    open_checkpoint,
    parse_vkey,
    sign_checkpoint,
)
from ledger.evidence.policy import parse_policy, write_policy
from ledger.evidence.receipt import VDS, Position, make_receipt, verify_receipt
from schemas.envelope import cbor, cose
from schemas.refusals import Malformed
from tests.vectors.making import LEDGER, LOG_KEY, OTHER_KEY, WITNESS_KEY

LOG = NoteKey(LEDGER, LOG_KEY)
WITNESS = NoteKey("witness.example", WITNESS_KEY, COSIGNER)
NOTE = sign_checkpoint(Checkpoint(LEDGER, 0, EMPTY_ROOT), LOG)


@pytest.mark.interop(8)
def test_we_write_no_extension_lines() -> None:
    body, _, _ = NOTE.partition("\n\n")
    assert len(body.split("\n")) == 3
    cosigned = NOTE + cosign(NOTE, WITNESS, time_s=1) + "\n"
    assert cosigned.startswith(f"{body}\n\n"), "a cosignature adds a line behind, not in the body"


@pytest.mark.interop(10)
@pytest.mark.parametrize("dash", ["-", "--", "\u2013", "—\u00a0", "— "])
def test_a_signature_line_begins_with_one_em_dash_and_one_blank(dash: str) -> None:
    body, line = NOTE.split("\n\n")
    assert line.startswith(f"— {LEDGER} ")
    assert NOTE.endswith("\n")
    with pytest.raises(EvidenceError):
        open_checkpoint(f"{body}\n\n{line.replace('— ', f'{dash} ', 1)}", LOG.verifier)
    signed = base64.b64decode(line.split(" ")[2])[4:]
    assert signed == LOG_KEY.sign(f"{body}\n".encode()), "with the last line feed of the body"


@pytest.mark.interop(13)
def test_the_same_key_has_another_id_as_a_cosigner() -> None:
    as_log, as_cosigner = (
        NoteKey("same.example", WITNESS_KEY), NoteKey("same.example", WITNESS_KEY, COSIGNER)
    )  # fmt: skip
    assert as_log.vkey.split("+")[1] != as_cosigner.vkey.split("+")[1]
    assert parse_vkey(as_cosigner.vkey).kind == COSIGNER == 0x04


@pytest.mark.interop(15)
def test_two_cosigners_never_share_a_key() -> None:
    """What is signed does not name who signs: one line would count for both."""
    twin = NoteKey("other.example", WITNESS_KEY, COSIGNER)
    shared = (
        f"log {LOG.vkey}\nwitness a {WITNESS.vkey}\nwitness b {twin.vkey}\n"
        "group g all a b\nquorum g\n"
    )
    with pytest.raises(EvidenceError, match="key"):
        parse_policy(shared)
    other = NoteKey("other.example", OTHER_KEY, COSIGNER)
    parse_policy(shared.replace(twin.vkey, other.vkey))


@pytest.mark.interop(24)
def test_a_policy_that_we_write_is_one_that_every_parser_takes() -> None:
    """One log, an address on each witness that is asked, no word behind the last, no keyword."""
    asked = f"witness w {WITNESS.vkey} https://witness.example/"
    text = write_policy((LOG.vkey,), (asked, "quorum w"))
    assert text == f"log {LOG.vkey}\n{asked}\nquorum w\n"
    for lines in ((f"{asked} # ours", "quorum w"), (asked.replace(" w ", " none "), "quorum none")):
        with pytest.raises(EvidenceError):
            write_policy((LOG.vkey,), lines)


@pytest.mark.interop(30)
def test_keys_stand_in_the_order_of_their_bytes_and_not_of_their_lengths() -> None:
    mixed = {-1: 0, 395: 0, 1: 0, -65601: 0, 4: 0}
    heads = sorted(cbor2.dumps(key) for key in mixed)
    assert cbor.encode(mixed) == b"\xa5" + b"".join(head + b"\x00" for head in heads)
    by_length = cbor2.dumps(mixed, canonical=True)
    assert cbor.encode(mixed) != by_length, "the library's canonical form is the older one"


@pytest.mark.interop(32)
def test_both_numbers_of_ed25519_are_read_and_the_newer_is_written() -> None:
    raw = cose.sign1(b"{}", LOG_KEY, issuer="a", subject="b")
    assert cose.read(raw).protected[cose.ALG] == -19
    older = {cose.ALG: -8, cose.CONTENT_TYPE: cose.JSON, cose.KID: b"k"}
    header = cbor.encode({**older, cose.CWT_CLAIMS: {cose.ISS: "a", cose.SUB: "b"}})
    cose.read(cose.write(LOG_KEY, b"{}", protected=header)).verify(LOG_KEY.public)


@pytest.mark.interop(33)
def test_a_key_id_in_an_array_of_javascript_is_refused() -> None:
    """Some libraries write bytes of JavaScript as tag 64 (RFC 8746)."""
    header = {cose.ALG: -19, cose.CONTENT_TYPE: cose.JSON, cose.KID: cbor2.CBORTag(64, b"k")}
    raw = cbor2.dumps({**header, cose.CWT_CLAIMS: {cose.ISS: "a", cose.SUB: "b"}})
    with pytest.raises(Malformed):
        cose.read(cose.write(LOG_KEY, b"{}", protected=raw))


@pytest.mark.interop(37)
def test_a_receipt_of_a_log_of_one_has_an_empty_path_and_is_read_here() -> None:
    """Some readers refuse it, so nobody's entry stands alone: position 1 is the log's own."""
    leaf = b"\x07" * 32
    raw = make_receipt(LOG_KEY, origin=LEDGER, position=Position(1, 0), path=[], root=leaf)
    receipt = verify_receipt(raw, leaf, LOG_KEY.public, issuer=LEDGER)
    assert (receipt.position, receipt.path) == (Position(1, 0), ())
    assert receipt.envelope.protected[VDS] == 1
