"""Makes the vectors of statements and entries."""

from typing import Any

from schemas import canonical, commitments
from schemas.envelope import cbor, cose
from schemas.envelope.entry import leaf_hash, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement, sign_statement
from tests.vectors.making import ACTOR, ACTOR_KEY, ENTRY_KEY, INTAKE_KEY, LEDGER, flip, row, write

COMMIT = commitments.commit("No longer in style", bytes(range(16)))
STATEMENT: dict[str, Any] = {
    "actor": ACTOR,
    "after": 1040,
    "command": "RevokeConsent",
    "data": {"consent": "cns_01h455vb4pex5vsknk084sn02q", "reason": COMMIT},
    "expires_at": "2026-11-22T08:21:02Z",
    "id": "cmd_01h455vb4pex5vsknk084sn02q",
    "issued_at": "2026-11-22T08:11:02Z",
    "ledger": LEDGER,
    "mandate": None,
    "version": 1,
}
ATTESTED = {"evidence": "token 7", "method": "token", "roles": ["creator", "holder"]}
ENTRY: dict[str, Any] = {
    "actor": ACTOR,
    "command": STATEMENT["id"],
    "correlation": "ses_01h455vb4pex5vsknk084sn02q",
    "data": {"consent": STATEMENT["data"]["consent"], "reason": COMMIT},
    "id": "evt_01h455vb4pex5vsknk084sn02q",
    "index": 0,
    "ledger": LEDGER,
    "of": 2,
    "recorded_at": "2026-11-22T08:11:02.512345Z",
    "rules": 1,
    "statement_sha256": "",
    "type": "ConsentRevoked",
    "version": 1,
}


def signed(payload: object, key: SigningKey, issuer: str, subject: str = LEDGER) -> bytes:
    """Sign whatever payload there is, as an outsider would who does not read our rules."""
    return cose.sign1(canonical.encode(payload), key, issuer=issuer, subject=subject)


def without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the payload without one member."""
    return {key: value for key, value in payload.items() if key != name}


def statements() -> object:
    """Return statements with what is read in them, and statements that are refused."""
    own = sign_statement(STATEMENT, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    attested = sign_statement(
        {**STATEMENT, "attested": ATTESTED}, INTAKE_KEY, issuer=LEDGER, ledger=LEDGER
    )
    foreign = foreign_form(own)
    accepted = [
        ("signed by the actor", "another header, order, alg or payload", own, ACTOR_KEY),
        ("attested by the intake", "iss of the actor without its key", attested, INTAKE_KEY),
        ("alg -8, another map order", "validity decided on how others write", foreign, ACTOR_KEY),
    ]
    return {
        "accepted": [
            row(name, catches, raw=raw.hex(), seed=key.seed.hex(), public=key.public.hex(),
                payload=read_statement(raw).payload, sha256=read_statement(raw).sha256,
                content_digest=read_statement(raw).content_digest)
            for name, catches, raw, key in accepted
        ],
        "refused": [*refused_envelopes(own), *refused_statements()],
        "signature_refused": [
            row("one bit of the payload", "no signature check", raw=flip_text(own).hex(),
                public=ACTOR_KEY.public.hex()),
            row("one bit of the signature", "likewise", raw=flip(own, -1).hex(),
                public=ACTOR_KEY.public.hex()),
            row("another key", "any enrolled key will do", raw=own.hex(),
                public=INTAKE_KEY.public.hex()),
            row("another issuer under the same signature", "headers left unsigned",
                raw=own.replace(b"RevokeConsent", b"RevokeConsenT").hex(),
                public=ACTOR_KEY.public.hex()),
        ],
    }  # fmt: skip


def foreign_form(own: bytes) -> bytes:
    """Return the statement as a foreign library might write it: labels falling, alg -8."""
    kid, content = ACTOR_KEY.kid.encode(), canonical.encode(STATEMENT)
    claims = b"\x0f\xa2" + b"".join(map(cbor.encode, (2, LEDGER, 1, ACTOR)))
    protected = b"\xa4" + claims + b"".join(map(cbor.encode, (4, kid, 3, cose.JSON, 1, -8)))
    raw = cose.write(ACTOR_KEY, content, protected=protected)
    assert raw != own
    return raw


def flip_text(raw: bytes) -> bytes:
    """Return the bytes with another digit in `after`: still canonical, another payload."""
    return raw.replace(b'"after":1040', b'"after":1041')


def refused_envelopes(own: bytes) -> list[dict[str, Any]]:
    """Return damaged COSE and CBOR; every signature here would verify."""
    envelope = cose.read(own)
    protected, content = envelope.protected_raw, canonical.encode(STATEMENT)

    def again(header: bytes, **more: Any) -> str:
        return cose.write(ACTOR_KEY, content, protected=header, **more).hex()

    extra = cose.protected_header(
        kid=ACTOR_KEY.kid, issuer=ACTOR, subject=LEDGER, extra={cose.CRIT: [1]}
    )
    unknown = cose.protected_header(
        kid=ACTOR_KEY.kid, issuer=ACTOR, subject=LEDGER, extra={99: "who knows"}
    )
    text = cose.protected_header(
        kid=ACTOR_KEY.kid, issuer=ACTOR, subject=LEDGER, content_type="text/plain"
    )
    claims = {cose.ISS: ACTOR, cose.SUB: LEDGER}
    dated = cose.protected_header(
        kid=ACTOR_KEY.kid, issuer=ACTOR, subject=LEDGER, extra={cose.CWT_CLAIMS: {**claims, 6: 1}}
    )
    spki = b"\xa5" + protected[1:] + cbor.encode(4) + cbor.encode(b"key_other")
    long_int = protected.replace(b"\x04\x58\x1e", b"\x18\x04\x58\x1e")
    assert long_int != protected
    code = "not_canonical"
    return [
        row("no tag 18", "untagged COSE", raw=own[1:].hex(), code=code),
        row("tag 17", "COSE_Mac0 taken for COSE_Sign1", raw=(b"\xd1" + own[1:]).hex(), code=code),
        row("five parts", "parts beyond the fourth", raw=(b"\xd2\x85" + own[2:] + b"\xf6").hex(),
            code=code),
        row("indefinite array", "indefinite lengths", raw=(b"\xd2\x9f" + own[2:] + b"\xff").hex(),
            code=code),
        row("a byte more", "a reader that stops early", raw=(own + b"\x00").hex(), code=code),
        row("one byte short", "a reader past the end", raw=own[:-1].hex(), code=code),
        row("nothing", "an index error", raw="", code=code),
        row("long label", "a label of two bytes where one does", raw=again(long_int), code=code),
        row("label 4 twice", "the last kid wins, or the first", raw=again(spki), code=code),
        row("crit", "critical headers ignored", raw=again(extra), code=code),
        row("an unknown label", "headers beyond the profile", raw=again(unknown), code=code),
        row("text/plain", "a content type not compared", raw=again(text), code=code),
        row("a third claim", "claims beyond the profile", raw=again(dated), code=code),
        row("an unprotected header", "headers that nobody signs",
            raw=again(protected, unprotected={4: b"x"}), code=code),
        row("no headers", "a missing kid", raw=again(b"\xa0"), code=code),
        row("empty protected", "a zero-length header", raw=again(b""), code=code),
        row("detached", "nil taken for empty", raw=again(protected, detached=True), code=code),
        row("alg ES256", "an algorithm not checked",
            raw=again(protected.replace(b"\x01\x32", b"\x01\x26")), code=code),
        row("kid as text", "text where bytes are due",
            raw=again(protected.replace(b"\x04\x58\x1e", b"\x04\x78\x1e")), code=code),
    ]  # fmt: skip


def refused_statements() -> list[dict[str, Any]]:
    """Return statements whose payload is refused; every signature verifies."""

    def made(name: str, catches: str, payload: object, code: str, **where: str) -> dict[str, Any]:
        issuer = where.get("issuer", ACTOR)
        subject = where.get("subject", LEDGER)
        return row(name, catches, raw=signed(payload, ACTOR_KEY, issuer, subject).hex(), code=code)

    blank = cose.sign1(
        canonical.encode(STATEMENT).replace(b",", b", ", 1), ACTOR_KEY, issuer=ACTOR, subject=LEDGER
    )
    twice = cose.sign1(
        b'{"actor":"x",' + canonical.encode(STATEMENT)[1:], ACTOR_KEY, issuer=ACTOR, subject=LEDGER
    )
    year = {**STATEMENT, "issued_at": "2026-02-30T08:11:02Z"}
    return [
        row("a blank in the payload", "JSON not canonical", raw=blank.hex(), code="not_canonical"),
        row("actor twice", "duplicate keys", raw=twice.hex(), code="not_canonical"),
        made("an unknown field", "extras passed on", {**STATEMENT, "x": 1}, "value_unknown"),
        made("no after", "a default for what was not said", without(STATEMENT, "after"),
             "value_unknown"),
        made("after 0", "positions from 0", {**STATEMENT, "after": 0}, "value_unknown"),
        made("after true", "bool taken for int", {**STATEMENT, "after": True}, "value_unknown"),
        made("iss is not the actor", "one party speaks for another", STATEMENT, "value_unknown",
             issuer="pty_01h455vb4pex5vsknk084sn02r"),
        made("sub is another ledger", "a statement replayed elsewhere", STATEMENT, "wrong_ledger",
             subject="other.example/2026"),
        made("attested by the actor", "attesting for oneself",
             {**STATEMENT, "attested": ATTESTED}, "value_unknown"),
        made("iss is the ledger, not attested", "the ledger's word passed for the actor's",
             STATEMENT, "value_unknown", issuer=LEDGER),
        made("roles out of order", "two forms of one set",
             {**STATEMENT, "attested": {**ATTESTED, "roles": ["holder", "creator"]}},
             "value_unknown", issuer=LEDGER),
        made("no id", "a command without id", {**STATEMENT, "id": "cmd_1"}, "identifier_invalid"),
        made("an event's id", "prefixes not checked",
             {**STATEMENT, "id": ENTRY["id"]}, "identifier_invalid"),
        made("a local time", "time without a zone",
             {**STATEMENT, "issued_at": "2026-11-22T08:11:02"}, "timezone_required"),
        made("an offset", "two spellings of one instant",
             {**STATEMENT, "issued_at": "2026-11-22T08:11:02+00:00"}, "timezone_required"),
        made("30 February", "a day that is none", year, "value_unknown"),
        made("expires first", "a life of no length",
             {**STATEMENT, "expires_at": STATEMENT["issued_at"]}, "value_unknown"),
        made("a list", "a payload that is no object", [], "value_unknown"),
    ]  # fmt: skip


def entries() -> object:
    """Return entries with their leaf hashes, and entries that are refused."""
    statement = sign_statement(STATEMENT, ACTOR_KEY, issuer=ACTOR, ledger=LEDGER)
    payload = {**ENTRY, "statement_sha256": read_statement(statement).sha256}
    private = {**payload, "actor": COMMIT, "correlation": None, "index": 1}
    accepted = [
        ("the actor in the clear", "another header, order or payload", payload),
        ("the actor committed", "a private actor refused", private),
    ]
    refused = [
        ("a position", "a position inside that nothing binds", {**payload, "position": 1041},
         "value_unknown"),
        ("index 2 of 2", "counting from 1", {**payload, "index": 2}, "value_unknown"),
        ("seconds alone", "two forms of recorded_at",
         {**payload, "recorded_at": "2026-11-22T08:11:02Z"}, "value_unknown"),
        ("an uppercase hash", "two forms of one hash",
         {**payload, "statement_sha256": "A" * 64}, "value_unknown"),
        ("rules 0", "rules that do not exist", {**payload, "rules": 0}, "value_unknown"),
        ("the ledger of another", "an entry of another log",
         {**payload, "ledger": "other.example/2026"}, "wrong_ledger"),
    ]  # fmt: skip
    raws = [(*one, sign_entry(one[2], ENTRY_KEY, ledger=LEDGER)) for one in accepted]
    return {
        "accepted": [
            row(name, catches, payload=value, raw=raw.hex(), leaf_hash=leaf_hash(raw).hex(),
                seed=ENTRY_KEY.seed.hex(), public=ENTRY_KEY.public.hex())
            for name, catches, value, raw in raws
        ],
        "refused": [
            *(row(name, catches, raw=signed(value, ENTRY_KEY, LEDGER).hex(), code=code)
              for name, catches, value, code in refused),
            row("iss is not sub", "somebody else's word in the log", code="value_unknown",
                raw=signed(payload, ENTRY_KEY, ACTOR).hex()),
        ],
    }  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"statements.json": statements(), "entries.json": entries()}


if __name__ == "__main__":
    write(files())
