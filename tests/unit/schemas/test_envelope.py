"""Limits and refusals of keys, statements and entries that the vectors do not hold."""

from typing import Any

import nacl.exceptions
import pytest

from schemas.envelope import cbor, cose
from schemas.envelope.entry import ENTRY_BYTES_MAX, EVENTS_MAX, read_entry, sign_entry
from schemas.envelope.keys import SigningKey, check_public_key
from schemas.envelope.statement import STATEMENT_BYTES_MAX, read_statement, sign_statement
from schemas.refusals import Malformed
from tests.vectors.make_envelopes import ATTESTED, ENTRY, STATEMENT
from tests.vectors.making import ACTOR, ACTOR_KEY, ENTRY_KEY, INTAKE_KEY, LEDGER

PAYLOAD = {**ENTRY, "statement_sha256": "ab" * 32}


def refuses(code: str, pointer: str | None = None) -> pytest.RaisesExc[Malformed]:
    return pytest.raises(
        Malformed,
        check=lambda error: error.code == code and pointer in {None, error.pointer},
    )


def test_generated_keys_may_be_enrolled_and_hide_their_seed() -> None:
    key = SigningKey.generate("key_x")
    check_public_key(key.public)
    assert key.public != SigningKey.generate("key_x").public
    assert "seed" not in repr(key)
    assert key == SigningKey("key_x", key.seed)


def test_a_seed_of_another_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(nacl.exceptions.CryptoError):
        SigningKey("key_x", b"short")


def entry_with(length: int) -> dict[str, Any]:
    return {**PAYLOAD, "data": {"text": "x" * length}}


@pytest.mark.interop(2)
def test_the_greatest_entry_has_65535_bytes() -> None:
    overhead = len(sign_entry(entry_with(60_000), ENTRY_KEY, ledger=LEDGER)) - 60_000
    greatest = sign_entry(entry_with(ENTRY_BYTES_MAX - overhead), ENTRY_KEY, ledger=LEDGER)
    assert len(greatest) == ENTRY_BYTES_MAX == 65_535
    read_entry(greatest).verify(ENTRY_KEY.public)
    with refuses("entry_too_large"):
        sign_entry(entry_with(ENTRY_BYTES_MAX - overhead + 1), ENTRY_KEY, ledger=LEDGER)
    with refuses("entry_too_large"):
        read_entry(bytes(ENTRY_BYTES_MAX + 1))


def test_the_greatest_statement() -> None:
    data = {"text": "x" * STATEMENT_BYTES_MAX}
    with refuses("entry_too_large"):
        sign_statement({**STATEMENT, "data": data}, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    with refuses("entry_too_large"):
        read_statement(bytes(STATEMENT_BYTES_MAX + 1))


@pytest.mark.parametrize("name", sorted(STATEMENT))
def test_every_field_of_a_statement_is_due(name: str) -> None:
    payload = {key: value for key, value in STATEMENT.items() if key != name}
    with refuses("value_unknown", f"/{name}"):
        sign_statement(payload, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)


@pytest.mark.parametrize("name", sorted(STATEMENT))
def test_no_field_of_a_statement_takes_just_anything(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        sign_statement({**STATEMENT, name: [1]}, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    assert caught.value.pointer == f"/{name}"


@pytest.mark.parametrize("name", sorted(PAYLOAD))
def test_every_field_of_an_entry_is_due_and_has_its_form(name: str) -> None:
    payload = {key: value for key, value in PAYLOAD.items() if key != name}
    with refuses("value_unknown", f"/{name}"):
        sign_entry(payload, ENTRY_KEY, ledger=LEDGER)
    with pytest.raises(Malformed) as caught:
        sign_entry({**PAYLOAD, name: [1]}, ENTRY_KEY, ledger=LEDGER)
    assert caught.value.pointer == f"/{name}"


@pytest.mark.parametrize(
    "origin",
    [
        "https://ledger.example",
        "ledger.example/",
        "ledger example",
        "a+b",
        "",
        "a\nb",
        "é",
        "a" * 300,
    ],
)
def test_an_origin_that_no_checkpoint_can_carry(origin: str) -> None:
    with refuses("value_unknown", "/ledger"):
        sign_statement({**STATEMENT, "ledger": origin}, ACTOR_KEY, issuer=ACTOR, ledger=origin)


def attested(**changes: Any) -> bytes:
    payload = {**STATEMENT, "attested": {**ATTESTED, **changes}}
    return sign_statement(payload, INTAKE_KEY, issuer=LEDGER, ledger=LEDGER)


def test_attested() -> None:
    statement = read_statement(attested())
    assert statement.attested == ATTESTED
    assert (statement.issuer, statement.actor) == (LEDGER, ACTOR)
    with refuses("value_unknown", "/attested/more"):
        attested(more=1)
    with refuses("value_unknown", "/attested/roles"):
        attested(roles=["b", "a"])
    with refuses("value_unknown", "/attested/roles"):
        attested(roles=["a", "a"])
    with refuses("value_unknown", "/attested/roles"):
        attested(roles=[1])
    with refuses("value_unknown", "/attested/roles"):
        attested(roles="ab")
    with refuses("value_unknown", "/attested/method"):
        attested(method="")


def test_what_is_read_in_a_statement() -> None:
    raw = sign_statement(STATEMENT, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    statement = read_statement(raw)
    read = {
        "actor": statement.actor,
        "after": statement.after,
        "command": statement.command,
        "data": statement.data,
        "id": statement.id,
        "ledger": statement.ledger,
        "mandate": statement.mandate,
        "version": statement.version,
    }
    assert {**STATEMENT, **read} == STATEMENT
    assert statement.attested is None
    assert (statement.expires_at - statement.issued_at).total_seconds() == 600
    assert statement.kid == ACTOR_KEY.kid
    assert statement.subject == LEDGER


def test_what_is_read_in_an_entry() -> None:
    entry = read_entry(sign_entry(PAYLOAD, ENTRY_KEY, ledger=LEDGER))
    read = {
        "actor": entry.actor,
        "command": entry.command,
        "correlation": entry.correlation,
        "data": entry.data,
        "id": entry.id,
        "index": entry.index,
        "ledger": entry.ledger,
        "of": entry.of,
        "rules": entry.rules,
        "statement_sha256": entry.statement_sha256,
        "type": entry.type,
        "version": entry.version,
    }
    assert {**PAYLOAD, **read} == PAYLOAD
    assert entry.recorded_at.isoformat() == "2026-11-22T08:11:02.512345+00:00"


def test_too_many_events_of_one_command() -> None:
    with refuses("value_unknown", "/index"):
        sign_entry({**PAYLOAD, "of": EVENTS_MAX + 1}, ENTRY_KEY, ledger=LEDGER)


def test_the_content_digest_covers_command_actor_and_data() -> None:
    def digest(**changes: Any) -> str:
        payload = {**STATEMENT, **changes}
        raw = sign_statement(payload, ACTOR_KEY, issuer=payload["actor"], ledger=LEDGER)
        return read_statement(raw).content_digest

    same = digest()
    assert digest(after=None, issued_at="2026-11-22T08:12:02Z") == same
    others = {digest(command="Other"), digest(actor="pty_x"), digest(data={})}
    assert len({same, *others}) == 4


def test_verifying_a_detached_payload_needs_it_and_nothing_else() -> None:
    header = cose.protected_header(kid="k", issuer="i", subject="s")
    raw = cose.write(ENTRY_KEY, b"root", protected=header, detached=True)
    envelope = cose.read(raw)
    envelope.verify(ENTRY_KEY.public, payload=b"root")
    for wrong in (None, b"other"):
        with refuses("signature_invalid"):
            envelope.verify(ENTRY_KEY.public, payload=wrong)


def test_what_is_no_statement_has_headers_too() -> None:
    """Messages and receipts come through `cose.read`, which has no profile of its own."""
    extras: tuple[dict[int | str, Any], ...] = (
        {cose.CRIT: [99], 99: 1},
        {cose.CONTENT_TYPE: "text/plain"},
    )
    for extra in extras:
        header = cose.protected_header(kid="k", issuer="i", subject="s", extra=extra)
        with refuses("not_canonical"):
            cose.read(cose.write(ENTRY_KEY, b"{}", protected=header))
    header = cose.protected_header(kid="k", issuer="i", subject="s")
    with refuses("not_canonical"):
        cose.read(cose.write(ENTRY_KEY, b"{}", protected=header), content_type=None)


def test_headers_that_were_read_cannot_be_changed() -> None:
    protected: Any = cose.read(sign_entry(PAYLOAD, ENTRY_KEY, ledger=LEDGER)).protected
    with pytest.raises(TypeError):
        protected[99] = 1


@pytest.mark.parametrize("value", [1.5, {1.5: 1}, object(), {1, 2}, bytearray(b"x")], ids=repr)
def test_cbor_writes_nothing_else(value: Any) -> None:
    with pytest.raises(TypeError):
        cbor.encode(value)


@pytest.mark.parametrize("depth", [cbor.DEPTH_MAX - 1, cbor.DEPTH_MAX])
def test_cbor_depth(depth: int) -> None:
    raw = b"\x81" * depth + b"\x80"
    if depth < cbor.DEPTH_MAX:
        assert cbor.encode(cbor.decode(raw)) == raw
    else:
        with refuses("not_canonical"):
            cbor.decode(raw)


@pytest.mark.parametrize(
    ("number", "raw"),
    [
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65535, "19ffff"),
        (65536, "1a00010000"),
        (2**32, "1b0000000100000000"),
        (2**64 - 1, "1bffffffffffffffff"),
        (-1, "20"),
        (-24, "37"),
        (-25, "3818"),
        (-65601, "3a00010040"),
        (-(2**64), "3bffffffffffffffff"),
    ],
)
def test_cbor_integers_of_rfc_8949_appendix_a(number: int, raw: str) -> None:
    assert cbor.encode(number).hex() == raw
    assert cbor.decode(bytes.fromhex(raw)) == number


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        ("1800", "a byte more than needed"),
        ("190001", "likewise"),
        ("1a00000001", "likewise"),
        ("1b0000000000000001", "likewise"),
        ("5801" + "00", "a length of a byte more than needed"),
        ("9f01ff", "indefinite"),
        ("5f4100ff", "indefinite"),
        ("bf0102ff", "indefinite"),
        ("1c", "reserved"),
        ("f93c00", "half float"),
        ("fb3ff0000000000000", "double"),
        ("f7", "undefined"),
        ("f8ff", "simple value"),
        ("e0", "simple value"),
        ("a1f501", "true as a label"),
        ("a141" + "0001", "bytes as a label"),
        ("a201010102", "label 1 twice"),
        ("61ff", "text that is not UTF-8"),
        ("62c3", "text cut short"),
        ("9bffffffffffffffff00", "more items than bytes"),
        ("5bffffffffffffffff00", "more bytes than there are"),
        ("0000", "two values"),
    ],
)
def test_cbor_refused(raw: str, what: str) -> None:
    with refuses("not_canonical"):
        cbor.decode(bytes.fromhex(raw))
