"""The committed vectors of assertion and manifest are what the code makes today."""

from typing import Any

import pytest

from schemas.manifest import read_assertion
from schemas.refusals import Malformed
from tests.vectors import make_manifest
from tests.vectors.making import FOLDER, as_text, load

VECTORS = load("manifest.json")


def test_file_is_what_the_code_makes() -> None:
    made = make_manifest.files()["manifest.json"]
    assert (FOLDER / "manifest.json").read_text(encoding="ascii") == as_text(made)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_refused_assertion(vector: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        read_assertion(make_manifest.changed(vector["at"], vector["value"]))
    assert (refused.value.code, refused.value.pointer) == (vector["code"], vector["pointer"])


def test_every_vector_says_what_it_catches() -> None:
    for vector in [*VECTORS["accepted"], *VECTORS["refused"]]:
        assert vector["name"]
        assert vector["catches"]
