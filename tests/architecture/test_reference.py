"""REFERENCE: the generated documentation is what the code says today."""

import json

import pytest

from schemas.refusals import CONFLICTS, MALFORMED, REFUSALS
from service.reference.files import render
from tests.architecture.tree import ROOT

WRITTEN = render()


@pytest.mark.parametrize("name", WRITTEN)
def test_committed_file_is_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == WRITTEN[name], "run `make reference`"


def test_nothing_else_lies_among_the_generated_files() -> None:
    folders = {(ROOT / name).parent for name in WRITTEN}
    found = {str(path.relative_to(ROOT)) for folder in folders for path in folder.iterdir()}
    assert found == set(WRITTEN)


def test_every_code_has_its_sentence_on_the_page() -> None:
    page = WRITTEN["docs/reference/refusals.md"]
    assert not [code for code in (*REFUSALS, *MALFORMED, *CONFLICTS) if f"`{code}`" not in page]


def test_every_reference_inside_a_schema_leads_somewhere() -> None:
    for name, text in WRITTEN.items():
        if name.endswith(".json"):
            document = json.loads(text)
            wanted = set(_references(document))
            assert wanted <= {f"#/$defs/{each}" for each in document["$defs"]}, name


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in _references(each)]
    if isinstance(value, list):
        return [found for each in value for found in _references(each)]
    return []
