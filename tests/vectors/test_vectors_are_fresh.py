"""The committed vectors are exactly what the code makes today; each says what it would catch."""

import pytest

from tests.vectors import (
    make_consistency,
    make_envelopes,
    make_index,
    make_notes,
    make_proofs,
    make_receipts,
    make_trees,
    make_values,
)
from tests.vectors.making import FOLDER, as_text, load

MADE = {
    name: vectors
    for module in (
        make_consistency,
        make_envelopes,
        make_index,
        make_notes,
        make_proofs,
        make_receipts,
        make_trees,
        make_values,
    )
    for name, vectors in module.files().items()
}


@pytest.mark.parametrize("name", MADE)
def test_file_is_what_the_code_makes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="ascii") == as_text(MADE[name])


@pytest.mark.parametrize("name", MADE)
def test_every_vector_says_what_it_catches(name: str) -> None:
    records = [one for part in load(name).values() if isinstance(part, list) for one in part]
    assert records
    for one in records:
        assert one["name"]
        assert one["catches"]
