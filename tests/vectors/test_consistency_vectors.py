"""Golden vectors of COSE receipts of consistency."""

from typing import Any

import pytest

from ledger.evidence.consistency import ConsistencyReceipt, Sizes, verify_consistency_receipt
from ledger.evidence.errors import EvidenceError
from ledger.evidence.receipt import read_receipt
from tests.vectors.make_consistency import right
from tests.vectors.making import LEDGER, load

VECTORS = load("consistency_receipts.json")


def each(vectors: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def verify(vector: Any) -> ConsistencyReceipt:
    raw, root, public = (
        bytes.fromhex(one) for one in (vector["receipt"], vector["root"], VECTORS["public"])
    )
    return verify_consistency_receipt(raw, root, public, issuer=LEDGER)


@pytest.mark.interop(38)
@each(VECTORS["accepted"])
def test_consistency_receipt(vector: Any) -> None:
    sizes = Sizes(vector["older"], vector["newer"])
    assert verify(vector).sizes == sizes
    assert right(sizes.older, sizes.newer).hex() == vector["receipt"]
    with pytest.raises(EvidenceError, match="no inclusion proof"):
        read_receipt(bytes.fromhex(vector["receipt"]))


@each(VECTORS["without_sizes"])
def test_what_signs_no_sizes_gives_none(vector: Any) -> None:
    with pytest.raises(EvidenceError, match="take none from it"):
        _ = verify(vector).sizes


@each(VECTORS["refused"])
def test_consistency_receipt_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        verify(vector)
