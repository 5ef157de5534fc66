"""The assertion's own rules, beyond the vectors."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import id_of, new_id
from schemas.manifest import (
    ASSERTION_BYTES_MAX,
    RENDERED_MAX,
    FrameSpan,
    Rendered,
    RenderedDigest,
    bounded,
    generation_of,
    ingredient_set,
    manifest_urn,
    read_assertion,
    references_sha256,
)
from schemas.refusals import Malformed
from tests.support.signed_files import assertion, reference, two_references


def unit(at: int) -> Rendered:
    span = FrameSpan(from_frame=at, until_frame=at + 1)
    return Rendered(row=0, source=span, output=span)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**12 - 1), st.integers(0, 2**62 - 1))
def test_every_generation_has_one_urn_and_back(time_ms: int, a: int, b: int) -> None:
    bits = time_ms << 80 | 7 << 76 | a << 64 | 0b10 << 62 | b
    generation = id_of("gen", uuid.UUID(int=bits))
    urn = manifest_urn(generation)
    assert uuid.UUID(urn.removeprefix("urn:c2pa:")).version == 4
    assert generation_of(urn) == generation


@pytest.mark.parametrize(
    "urn",
    [
        "",
        "urn:c2pa:",
        "urn:uuid:01890a5d-ac96-474b-bcce-b302099a8057",
        "URN:C2PA:01890a5d-ac96-474b-bcce-b302099a8057",
        "urn:c2pa:01890A5D-AC96-474B-BCCE-B302099A8057",
        "urn:c2pa:01890a5dac96474bbcceb302099a8057",
        "urn:c2pa:{01890a5d-ac96-474b-bcce-b302099a8057}",
        "urn:c2pa:01890a5d-ac96-474b-bcce-b302099a8057:acme",
        "urn:c2pa:01890a5d-ac96-774b-bcce-b302099a8057",
        "urn:c2pa:01890a5d-ac96-474b-ccce-b302099a8057",
    ],
)
def test_other_names_are_not_urns_of_ours(urn: str) -> None:
    with pytest.raises(Malformed, match="identifier_invalid"):
        generation_of(urn)


def test_two_rows_of_a_recording_are_one_ingredient_that_is_copied_if_either_is() -> None:
    first, second = new_id("rec"), new_id("rec")
    rows = (
        reference(0, first),
        reference(1, second, copied=True),
        reference(2, first, copied=True),
        reference(3, second),
    )
    assert ingredient_set(rows) == {first: "componentOf", second: "componentOf"}
    assert list(ingredient_set(rows)) == [first, second]
    assert ingredient_set(rows[:1]) == {first: "inputTo"}


def test_evidence_beyond_the_limit_becomes_its_number_and_hash() -> None:
    kept = bounded(unit(at) for at in range(RENDERED_MAX))
    assert isinstance(kept, tuple)
    assert len(kept) == RENDERED_MAX
    digest = bounded(unit(at) for at in range(RENDERED_MAX + 1))
    assert isinstance(digest, RenderedDigest)
    assert digest.count == RENDERED_MAX + 1
    assert digest != bounded(unit(at + 1) for at in range(RENDERED_MAX + 1))


def test_sixty_four_references_with_full_evidence_fit() -> None:
    rows = tuple(reference(row, new_id("rec")) for row in range(64))
    whole = assertion(rows, tuple(unit(at) for at in range(RENDERED_MAX)))
    assert read_assertion(whole.data()) == whole


def test_sixty_five_references_do_not() -> None:
    data = assertion(two_references()).data()
    data["references"] = [reference(row, new_id("rec")).data() for row in range(64)]
    data["references"].append({**data["references"][0], "row": 64})
    with pytest.raises(Malformed):
        read_assertion(data)


def test_an_assertion_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="entry_too_large"):
        read_assertion({"note": "x" * ASSERTION_BYTES_MAX})


def test_the_hash_of_rows_moves_with_their_order_and_every_field() -> None:
    rows = two_references()
    hashes = {
        references_sha256(rows),
        references_sha256(rows[::-1]),
        references_sha256(rows[:1]),
        references_sha256((rows[0].model_copy(update={"weight": "1/3"}), rows[1])),
    }
    assert len(hashes) == 4
