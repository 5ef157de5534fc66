"""Makes the vectors of the references assertion and of the manifest around it."""

import copy
import datetime as dt
from typing import Any

from generation.manifest import Generator, ManifestContent, build_manifest
from schemas import canonical
from schemas.manifest import (
    generation_of,
    ingredient_set,
    manifest_urn,
    read_assertion,
    references_sha256,
)
from schemas.refusals import Malformed
from tests.vectors.making import row, write

GENERATION = "gen_01h455vb4pex5vsknk084sn02q"
FIRST = "rec_01h455vb4pex5vsknk084sn02a"
SECOND = "rec_01h455vb4pex5vsknk084sn02b"


def _row(number: int, **changes: Any) -> dict[str, Any]:
    fields = {
        "row": number,
        "recording": FIRST,
        "isrc": "DEA622600017",
        "title": "Größe",
        "works": ["wrk_01h455vb4pex5vsknk084sn02c"],
        "weight": "7/10",
        "use": "parameter",
        "parameters": ["guitar"],
        "role": "timbre",
        "source": {"from_ms": 0, "until_ms": 12000},
        "output": None,
        "stem": "guitar",
        "by": "person",
        "copied": True,
        "consents": [{"consent": "cns_01h455vb4pex5vsknk084sn02d", "position": 31}],
    }
    return {**fields, **changes}


ASSERTION: dict[str, Any] = {
    "authorization": {"position": 40, "entry": "0oRYHaQ", "proof": "c2sp.org/tlog-proof@v1\n"},
    "references": [
        _row(0),
        _row(
            1,
            recording=SECOND,
            isrc=None,
            title="Öl",
            weight="3/10",
            use="song",
            parameters=[],
            role="melody",
            source=None,
            output={"from_ms": 0, "until_ms": 30000},
            stem=None,
            by="procedure",
            copied=False,
        ),
    ],
    "rendered": [
        {
            "row": 0,
            "source": {"from_frame": 0, "until_frame": 24000},
            "output": {"from_frame": 48000, "until_frame": 72000},
        }
    ],
}


def changed(pointer: str, value: Any) -> dict[str, Any]:
    """Return the assertion with the value at a JSON pointer replaced."""
    data = copy.deepcopy(ASSERTION)
    *parents, last = [int(p) if p.isdigit() else p for p in pointer.strip("/").split("/")]
    at: Any = data
    for part in parents:
        at = at[part]
    at[last] = value
    return data


REFUSED = [
    ("a float", "weights that are floats", "/references/0/weight", 0.7),
    ("not in lowest terms", "two texts for one weight", "/references/0/weight", "14/20"),
    ("rows begin at one", "rows found by position, not by number", "/references/0/row", 1),
    ("no rows", "an authorization that permits nothing", "/references", []),
    ("an unknown use", "a list that is not closed", "/references/0/use", "sampling"),
    ("an unknown field", "unsigned meaning slipped in", "/references/0/note", "x"),
    (
        "frames as bytes",
        "arrays of numbers, which come back as base64",
        "/rendered/0/source",
        "AGQ=",
    ),
    ("an empty interval", "an end before its beginning", "/references/0/source/until_ms", 0),
    ("no frames", "likewise, in the evidence", "/rendered/0/output/until_frame", 48000),
    ("no proof", "an authorization without evidence", "/authorization/proof", ""),
    ("position zero", "positions that count from zero", "/authorization/position", 0),
]


def _refused(name: str, catches: str, pointer: str, value: Any) -> dict[str, Any]:
    try:
        read_assertion(changed(pointer, value))
    except Malformed as error:
        return row(name, catches, at=pointer, value=value, code=error.code, pointer=error.pointer)
    raise AssertionError(name)


def _definition() -> dict[str, Any]:
    return build_manifest(
        ManifestContent(
            generation=GENERATION,
            title="A new song",
            media_type="audio/wav",
            generator=Generator("Linernotes", "0.1.0", "mosaic"),
            source_type="composite",
            created_at=dt.datetime(2026, 11, 22, 8, 11, 2, tzinfo=dt.UTC),
            assertion=read_assertion(ASSERTION),
        )
    )


def files() -> dict[str, Any]:
    """Return the content of each file by name."""
    assertion = read_assertion(ASSERTION)
    urn = manifest_urn(GENERATION)
    accepted = row(
        "the assertion",
        "another field name, order of rows, or way to write a number",
        canonical=canonical.encode(assertion.data()).decode(),
        references_sha256=references_sha256(assertion.references),
        ingredients=ingredient_set(assertion.references),
    )
    named = row(
        "the URN of a generation",
        "version 7 in a manifest's name, which c2pa-rs refuses",
        generation=generation_of(urn),
        urn=urn,
    )
    definition = row(
        "the manifest's definition",
        "a loose ingredient, an action out of order, an assertion nobody answers for",
        definition=_definition(),
    )
    refused = [_refused(*one) for one in REFUSED]
    return {"manifest.json": {"accepted": [named, accepted, definition], "refused": refused}}


if __name__ == "__main__":
    write(files())
