"""Golden vectors of the verifiable index."""

from typing import Any

import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import Lookup, Touches, verify_between, verify_lookup
from tests.vectors.making import load

INDEX = load("index.json")


def each(vectors: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def look(vector: Any) -> Touches:
    leaf = vector["leaf"]
    siblings = tuple(bytes.fromhex(one) for one in vector["siblings"])
    lookup = Lookup(siblings, None if leaf is None else bytes.fromhex(leaf))
    return verify_lookup(bytes.fromhex(vector["root"]), vector["subject"], lookup)


@each(INDEX["accepted"])
def test_lookup(vector: Any) -> None:
    assert look(vector) == Touches(vector["count"], bytes.fromhex(vector["chain"]))


@each(INDEX["refused"])
def test_lookup_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        look(vector)


def list_between(vector: Any) -> None:
    before, after = (
        Touches(vector[f"{which}_count"], bytes.fromhex(vector[f"{which}_chain"]))
        for which in ("before", "after")
    )
    verify_between(before, after, vector["positions"], older=vector["older"], newer=vector["newer"])


@each(INDEX["between"])
def test_between(vector: Any) -> None:
    list_between(vector)


@each(INDEX["between_refused"])
def test_between_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        list_between(vector)
