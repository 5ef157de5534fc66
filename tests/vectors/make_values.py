"""Makes the vectors of canonical JSON, base64url, commitments and public keys."""

import json
from typing import Any

from nacl import bindings

from schemas import canonical, commitments
from schemas.envelope.keys import SMALL_ORDER
from tests.vectors.making import ACTOR_KEY, flip, row, write

SALT = bytes(range(16))

# RFC 8785, section 3.2.3
SORTING = (
    r'{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",'
    r'"1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",'
    r'"\u00f6":"Latin Small Letter O With Diaeresis"}'
)

ACCEPTED: list[tuple[str, str, Any]] = [
    ("order of RFC 8785, 3.2.3", "keys by code point: emoji after U+FB33", json.loads(SORTING)),
    ("every escape", "uppercase or needless escapes", '\x00\b\t\n\f\r\x1f"\\/\x7f\u2028é'),
    ("greatest integers", "a limit at 2**31 or at 2**63", [-(2**53) + 1, 2**53 - 1]),
    ("true is not one", "bool treated as int", [True, False, None, 1, 0]),
    ("empty containers", "blanks inside", {"a": {}, "b": []}),
    ("not normalized", "Unicode normalization of what was signed", ["é", "e\u0301"]),
]

REFUSED: list[tuple[str, str, bytes]] = [
    ("a blank", "a lenient reader", b'{"a": 1}'),
    ("keys out of order", "order checked on writing only", b'{"b":1,"a":2}'),
    ("a duplicate key", "the last one wins, or the first", b'{"a":1,"a":1}'),
    ("a float", "money that is a float", b'{"a":1.5}'),
    ("a whole float", "1.0 read as 1", b'{"a":1.0}'),
    ("an exponent", "1e2 read as 100", b'{"a":1e2}'),
    ("NaN", "Python's own dialect", b'{"a":NaN}'),
    ("Infinity", "likewise", b'{"a":-Infinity}'),
    ("minus zero", "-0 read as 0", b'{"a":-0}'),
    ("a leading zero", "01 read as 1", b'{"a":01}'),
    ("2**53", "JavaScript cannot tell it from its successor", b"[9007199254740992]"),
    ("-2**53", "likewise", b"[-9007199254740992]"),
    ("a long integer", "quadratic time in int()", b"[" + b"9" * 5000 + b"]"),
    ("a needless escape", "two spellings of one text", b'["\\u0061"]'),
    ("an escaped slash", "likewise", b'["\\/"]'),
    ("an uppercase escape", "likewise", b'["\\u001F"]'),
    ("a lone surrogate, escaped", "text that no other reader takes", b'["\\ud800"]'),
    ("a lone surrogate, as bytes", "CESU-8 taken for UTF-8", b'["\xed\xa0\x80"]'),
    ("not UTF-8", "Latin-1 taken for UTF-8", b'["\xe9"]'),
    ("a byte order mark", "utf-8-sig", b"\xef\xbb\xbf[]"),
    ("UTF-16", "json.loads guesses the encoding of bytes", "[]".encode("utf-16")),
    ("text after the value", "a reader that stops early", b"[]x"),
    ("a line feed after the value", "likewise", b"[]\n"),
    ("nothing", "an empty payload", b""),
    ("nested 33 deep", "no limit, or one that counts from another place", b"[" * 33 + b"]" * 33),
    ("nested 2000 deep", "RecursionError instead of an answer", b"[" * 2000 + b"]" * 2000),
    ("digits of other scripts", "int() takes them", '["a",\u0661]'.encode()),
    ("an underscore in a number", "int() takes it", b"[1_0]"),
]

BASE64URL_REFUSED = [
    ("padded", "lenient decoding", "AA=="),
    ("the standard alphabet", "the other alphabet", "+/+/"),
    ("stray low bits", "two spellings of one byte", "AB"),
    ("one digit", "an impossible length", "A"),
    ("a blank", "Python skips foreign characters", "AA AA"),
    ("a line feed", "likewise", "AAAA\n"),
    ("another script", "likewise", "\u0410AAA"),
]

COMMITTED: list[tuple[str, str, Any]] = [
    ("text", "hashing the text without its quotes", "Anna Beispiel"),
    ("an object", "hashing JSON that is not canonical", {"b": "2", "a": [1, None, True]}),
    ("null", "no value taken for no commitment", None),
    ("not ASCII", "hashing escapes instead of UTF-8", "Zoë"),
]

# RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def canonical_json() -> object:
    """Return values with their canonical bytes, and bytes that are refused."""
    return {
        "accepted": [
            row(name, catches, value=value, canonical=canonical.encode(value).decode())
            for name, catches, value in ACCEPTED
        ],
        "refused": [row(name, catches, raw_hex=raw.hex()) for name, catches, raw in REFUSED],
        "base64url_refused": [row(*one[:2], text=one[2]) for one in BASE64URL_REFUSED],
    }


def commitment_vectors() -> object:
    """Return openings that open, and openings that do not."""
    salt = canonical.b64u(SALT)
    right = [
        row(name, catches, value=value, salt=salt, commit=commitments.commit(value, SALT)["commit"])
        for name, catches, value in COMMITTED
    ]
    value, commit = right[0]["value"], right[0]["commit"]
    other, short = canonical.b64u(flip(SALT, 0)), canonical.b64u(SALT[:15])
    flipped = canonical.b64u(flip(canonical.unb64u(commit), 31))
    return {
        "accepted": right,
        "refused": [
            row("another salt", "salt not hashed", value=value, salt=other, commit=commit),
            row("another value", "only the form checked", value="A", salt=salt, commit=commit),
            row("a short salt", "salt and value run on", value=value, salt=short, commit=commit),
            row("a flipped commitment", "no comparison", value=value, salt=salt, commit=flipped),
            row("padded", "lenient base64", value=value, salt=salt, commit=commit + "="),
        ],
    }  # fmt: skip


def key_vectors() -> object:
    """Return signatures that verify, keys that are refused, signatures that are refused."""
    right = RFC_8032[1]
    message, signature = bytes.fromhex(right[2]), bytes.fromhex(right[3])
    order = 2**252 + 27742317777372353535851937790883648493
    s_plus_order = int.from_bytes(signature[32:], "little") + order
    malleable = signature[:32] + s_plus_order.to_bytes(32, "little")
    identity = (b"\x01" + bytes(31)).hex()
    # Under the identity as public key, R = B and s = 1 satisfy the equation for every message.
    base = bindings.crypto_scalarmult_ed25519_base_noclamp((1).to_bytes(32, "little"))
    any_message = (base + (1).to_bytes(32, "little")).hex()
    torsion = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    mixed = bindings.crypto_core_ed25519_add(ACTOR_KEY.public, torsion).hex()
    weak = "one signature verifies any message"
    return {
        "signatures": [
            row(f"RFC 8032, 7.1, test {n}", "another curve, hash or prefix", seed=s, public=p,
                message=m, signature=sig)
            for n, (s, p, m, sig) in enumerate(RFC_8032, start=1)
        ],
        "weak_keys": [
            *(row(f"small order {one.hex()}", weak, public=one.hex())
              for one in sorted(SMALL_ORDER)),
            row("mixed order", "two verifiers that disagree about cofactors", public=mixed),
            row("not on the curve", "a key nobody can have", public="02" + "00" * 31),
            row("31 bytes", "a length not checked", public="11" * 31),
            row("33 bytes", "likewise", public="11" * 33),
        ],
        "signatures_refused": [
            row("s plus the group order", "malleable signatures: two for one message",
                public=right[1], message=right[2], signature=malleable.hex()),
            row("another message", "no check at all", public=right[1], message="73",
                signature=right[3]),
            row("the identity as key", weak, public=identity, message=message.hex(),
                signature=any_message),
            row("the identity as key, again", weak, public=identity, message="00",
                signature=any_message),
            row("63 bytes", "a length not checked", public=right[1], message=right[2],
                signature=right[3][:-2]),
        ],
    }  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {
        "canonical.json": canonical_json(),
        "commitments.json": commitment_vectors(),
        "keys.json": key_vectors(),
    }


if __name__ == "__main__":
    write(files())
