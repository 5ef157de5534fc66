"""COSE, receipt and CBOR libraries that others wrote in JavaScript, over our golden vectors.

Fetched at the versions that `js/package.json` pins, without running their scripts; nothing of them
is shipped. What they said is in docs/guides/interoperability.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop.outside import run
from tests.vectors.making import FOLDER

EXPECTED = {
    ("@auth0/cose", "a statement with -8"): "taken",
    # RFC 9864 is younger than the library.
    ("@auth0/cose", "an entry with -19"): "refused: Unsupported algorithm -19",
    ("@auth0/cose", "an entry, told what -19 is"): "taken",
    ("@auth0/cose", "a statement, told what -19 is"): "taken",
    ("@auth0/cose", "an entry with one bit flipped"): "refused: signature verification failed",
    ("@transmute/cose", "a receipt"): "taken",
    ("@transmute/cose", "a receipt with another path"): "refused: signature verification failed",
    ("@transmute/cose", "a transparent statement"): "taken",
    ("@transmute/rfc9162", "inclusion proofs, accepted"): "44 of 44 lead to the root",
    # The one cuts leaf and sibling elsewhere: it does not measure hashes, and we do.
    ("@transmute/rfc9162", "inclusion proofs, refused"): "1 of 14 lead to the root",
    ("cborg", "every envelope, read strictly and written again"): "taken",
}


@pytest.fixture(scope="module")
def said(js: Path) -> dict[tuple[str, str], str]:
    lines = run(js, "node", "check.mjs", str(FOLDER)).splitlines()
    rows = [json.loads(line) for line in lines]
    return {(row["library"], row["did"]): row["result"] for row in rows}


@pytest.mark.parametrize("check", EXPECTED, ids=" ".join)
def test_library(said: dict[tuple[str, str], str], check: tuple[str, str]) -> None:
    assert said[check] == EXPECTED[check]


def test_nothing_else_was_tried(said: dict[tuple[str, str], str]) -> None:
    assert set(said) == set(EXPECTED)
