"""Both implementations say the same of the same bytes, also of bytes that somebody mangled.

Where they differ, one of the two accepts what the other refuses: then two honest readers of one
log would see two logs. Cases are mutations of the golden vectors, the same ones in every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.merkle import root_from_path
from ledger.evidence.note import open_checkpoint
from ledger.evidence.policy import parse_policy
from ledger.evidence.prove import prove
from ledger.evidence.receipt import INCLUSION, VDP, verify_receipt
from schemas import canonical
from schemas.envelope import cbor, cose, keys
from schemas.envelope.entry import leaf_hash, read_entry
from schemas.envelope.statement import read_statement
from schemas.refusals import Malformed
from tests.support.node import judged
from tests.vectors.making import ACTOR_KEY, ENTRY_KEY, LEDGER, LOG_KEY, load

CASES = 250
"""Mutations of each kind; thousands were run once, when this was written."""

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2**53 - 1,
        "",
        " ",
        "a",
        "a b",
        "a\u00adb",
        "a\u200bb",
        "\u00a0",
    ),
    *(
        "é",
        "e\u0301",
        "\U0001f3b5",
        "\ue000",
        "\u0378",
        "\x7f",
        "\u2028",
        "a\nb",
        "a/",
        "http://a",
        "+",
    ),
    *("a" * 256, "a" * 257, "\U0001f3b5" * 256, "\U0001f3b5" * 257, [], {}, [[]], {"commit": "A"}),
    *(
        "2026-02-30T00:00:00Z",
        "2026-02-28T24:00:00Z",
        "2028-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ),
    *("2026-11-22T08:11:02+00:00", "2026-11-22T08:11:60Z", "2026-11-22T08:11:02.000000Z"),
    *("2026-11-22T08:11:02.5Z", "2026-11-22 08:11:02Z", "9999-12-31T23:59:59.999999Z"),
    *("cmd_01h455vb4pex5vsknk084sn02q", "cmd_81h455vb4pex5vsknk084sn02q", "cmd_01h455vb4p"),
    *("GrantConsent", "grantConsent", "Gr", "G" * 65, "0" * 64, "A" * 64, LEDGER, f"{LEDGER}/"),
    {"commit": "VIMnK-L1jGA9JZed3DP_tTrcxNKQ3Vt5YBmWcB9ZVYI"},
    {"commit": "VIMnK-L1jGA9JZed3DP_tTrcxNKQ3Vt5YBmWcB9ZVYJ"},
    {"method": "token", "evidence": "e", "roles": ["a", "b"]},
    {"method": "token", "evidence": "e", "roles": ["b", "a"]},
    {"method": "token", "evidence": "e", "roles": ["\ufb33", "\U0001f600"]},
)
"""Values that a field might take, and mostly must not."""

Case = dict[str, Any]


def text_of(case: Case) -> str:
    try:
        return bytes.fromhex(case["hex"]).decode()
    except UnicodeDecodeError as error:
        raise EvidenceError("not UTF-8") from error


def raw_of(case: Case) -> bytes:
    return bytes.fromhex(case["hex"])


def key_of(case: Case) -> bytes:
    return bytes.fromhex(case["key"])


JUDGES: dict[str, Callable[[Case], object]] = {
    "canonical": lambda case: canonical.parse(raw_of(case)),
    "cbor": lambda case: cbor.decode(raw_of(case)),
    "statement": lambda case: read_statement(raw_of(case)).verify(key_of(case)),
    "entry": lambda case: read_entry(raw_of(case)).verify(key_of(case)),
    "note": lambda case: open_checkpoint(text_of(case), case["vkey"]),
    "policy": lambda case: parse_policy(raw_of(case)),
    "proof": lambda case: prove(
        bytes.fromhex(case["entry"]), text_of(case), parse_policy(case["policy"])
    ),
    "receipt": lambda case: verify_receipt(
        raw_of(case), bytes.fromhex(case["leaf"]), key_of(case), issuer=case["issuer"]
    ),
    "public_key": lambda case: keys.check_public_key(raw_of(case)),
}


def judge(case: Case) -> str:
    """Return what Python says: the code of the refusal, or "accepted"."""
    try:
        JUDGES[case["kind"]](case)
    except Malformed as error:
        return error.code
    except EvidenceError as error:
        return type(error).__name__
    return "accepted"


def mangled(raw: bytes, chance: random.Random) -> bytes:
    """Change, cut, repeat or insert a few bytes; now and then nothing."""
    whole = bytearray(raw)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        at = chance.randrange(len(whole) + 1)
        until = min(len(whole), at + chance.choice((1, 1, 1, 2, 4, 32)))
        match chance.randrange(5):
            case 0:
                whole[at:until] = bytes(chance.randrange(256) for _ in range(until - at))
            case 1:
                del whole[at:until]
            case 2:
                whole[at:at] = whole[at:until]
            case 3:
                whole[at:at] = bytes(
                    (chance.choice(b'\x00\x01\x18\x20\n\r "+-.,0189:[]{}\\u\xa0'),)
                )
            case _ if at < len(whole):
                whole[at] ^= 1 << chance.randrange(8)
            case _:
                pass
    return bytes(whole)


def seeds() -> dict[str, list[tuple[bytes, Case]]]:
    statements, entries, receipts = (
        load(name) for name in ("statements.json", "entries.json", "receipts.json")
    )
    proofs, checkpoints = load("proofs.json"), load("checkpoints.json")
    known = {"vkey": checkpoints["accepted"][0]["vkey"]}
    return {
        "canonical": [
            (one["canonical"].encode(), {}) for one in load("canonical.json")["accepted"]
        ],
        "cbor": [(bytes.fromhex(one["receipt"]), {}) for one in receipts["accepted"]],
        "statement": [
            (bytes.fromhex(one["raw"]), {"key": one["public"]}) for one in statements["accepted"]
        ],
        "entry": [
            (bytes.fromhex(one["raw"]), {"key": ENTRY_KEY.public.hex()})
            for one in entries["accepted"]
        ],
        "note": [(one["text"].encode(), known) for one in checkpoints["accepted"]],
        "policy": [(one["text"].encode(), {}) for one in load("policies.json")["accepted"]],
        "proof": [
            (
                one["proof"].encode(),
                {"policy": one.get("policy", proofs["policy"]), "entry": one["entry"]},
            )
            for one in proofs["accepted"]
        ],
        "receipt": [
            (
                bytes.fromhex(one["receipt"]),
                {
                    "leaf": leaf_hash(bytes.fromhex(one["entry"])).hex(),
                    "key": LOG_KEY.public.hex(),
                    "issuer": LEDGER,
                },
            )
            for one in receipts["accepted"]
        ],
        "public_key": [
            (bytes.fromhex(one["public"]), {})
            for group in ("signatures", "weak_keys")
            for one in load("keys.json")[group]
        ],
    }


def cases(count: int) -> Iterator[Case]:
    chance = random.Random(20261122)  # noqa: S311 - the same cases in every run
    for kind, rows in seeds().items():
        for number in range(count):
            raw, more = rows[number % len(rows)]
            yield {"kind": kind, "hex": mangled(raw, chance).hex(), **more}


def signed_oddities() -> Iterator[Case]:
    """Yield statements and entries with one odd field each, rightly signed all the same."""
    for kind, signer, fields in (
        ("statement", ACTOR_KEY, load("statements.json")["accepted"][0]["payload"]),
        ("entry", ENTRY_KEY, load("entries.json")["accepted"][0]["payload"]),
    ):
        for name in (*fields, "attested", "more"):
            for value in ODD:
                payload = {**fields, name: value}
                issuer = LEDGER if kind == "entry" or name == "attested" else payload["actor"]
                # A name that no header can carry is refused there, and not in the payload.
                issuer = issuer if isinstance(issuer, str) and issuer else "x"
                raw = cose.sign1(canonical.encode(payload), signer, issuer=issuer, subject=LEDGER)
                yield {"kind": kind, "hex": raw.hex(), "key": signer.public.hex()}


ODD_HEADERS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 2, -1, -7, -8, -19, 22, 23, 2**53, 2**63, 2**64 - 1, -(2**64)),
    *("", "a", "application/json", LEDGER, f"{LEDGER} ", "e\u0301", b"", b"a", b"\xff", b"key"),
    *([], [1], [True, 7], [23, 22], [23, 22, 0], [22, 23], {}, {1: LEDGER}, {1: LEDGER, 2: ""}),
    *({1: LEDGER, 2: LEDGER, 6: 1}, {"1": LEDGER, 2: LEDGER}, {-1: []}, {-1: [b""], -2: [b""]}),
)
"""Values that a header might have, and mostly must not."""


def signed_receipts() -> Iterator[Case]:
    """Yield receipts with one odd header or part of a proof, rightly signed all the same."""
    row = next(one for one in load("receipts.json")["accepted"] if one["size"] == 23)
    leaf = leaf_hash(bytes.fromhex(row["entry"]))
    known = cose.read(bytes.fromhex(row["receipt"]), unprotected=(VDP,), content_type=None)
    first, loose = dict(known.protected), dict(known.unprotected)
    size, index, path = cbor.decode(loose[VDP][INCLUSION][0])
    root = root_from_path(leaf, index, size, path)

    def case(protected: dict[Any, Any], unprotected: dict[Any, Any]) -> Case:
        raw = cose.write(
            LOG_KEY,
            root,
            protected=cbor.encode(protected),
            unprotected=unprotected,
            detached=True,
        )
        more = {"leaf": leaf.hex(), "key": LOG_KEY.public.hex(), "issuer": LEDGER}
        return {"kind": "receipt", "hex": raw.hex(), **more}

    labels = (*first, 2, 3, 5, 16, VDP, -65602, "x", "395")
    for label in labels:
        yield case({name: value for name, value in first.items() if name != label}, loose)
        for value in ODD_HEADERS:
            yield case({**first, label: value}, loose)
            yield case(first, {**loose, label: value})
    for value in ODD_HEADERS:
        yield case(first, {VDP: {INCLUSION: value}})
        yield case(first, {VDP: {INCLUSION: [cbor.encode(value)]}})
        for proof in ([value, index, path], [size, value, path], [size, index, value]):
            yield case(first, {VDP: {INCLUSION: [cbor.encode(proof)]}})
        yield case(first, {VDP: {INCLUSION: [cbor.encode([size, index, [*path, value]])]}})


@pytest.fixture(scope="module")
def both() -> list[tuple[Case, str, str]]:
    asked = [*cases(CASES), *signed_oddities(), *signed_receipts()]
    return list(zip(asked, map(judge, asked), judged(asked), strict=True))


@pytest.mark.parametrize("kind", JUDGES)
def test_they_agree(both: list[tuple[Case, str, str]], kind: str) -> None:
    differ = [row for row in both if row[0]["kind"] == kind and row[1] != row[2]]
    assert not differ, differ[0]


@pytest.mark.parametrize("kind", JUDGES)
def test_some_are_accepted_and_some_refused(both: list[tuple[Case, str, str]], kind: str) -> None:
    said = {python == "accepted" for case, python, _ in both if case["kind"] == kind}
    assert said == {True, False}
