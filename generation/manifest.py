"""The C2PA manifest of a generation, as a definition for the signing library. Pure.

The library checks neither digital source types nor training-mining values nor loose ingredients
(one outside verifier does), so everything is checked here, before signing.

Source: C2PA 2.4, sections 18.14 (actions) and 18.15 (ingredients); CAWG metadata 1.1; CAWG
training and data mining 1.1.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from schemas import canonical
from schemas.ids import GenerationId
from schemas.manifest import (
    ASSERTION_LABEL,
    ReferencesAssertion,
    Relationship,
    ingredient_set,
    manifest_urn,
)
from schemas.terms import AuthorizedReference

SPEC_VERSION: Final = "2.4.0"
"""The version of the C2PA specification that the manifest is written to."""

MANIFEST_BYTES_MAX: Final = 1_048_576
"""c2pa-rs takes no longer definition."""

SourceType = Literal[
    "composite",  # put together from parts of recordings; no trained model (the mosaic)
    "algorithmicMedia",  # computed by an algorithm that was not trained
    "trainedAlgorithmicMedia",  # made by a trained model
    "compositeWithTrainedAlgorithmicMedia",  # parts of recordings and of a trained model's output
]
"""What made the sound. Source: IPTC, NewsCodes Digital Source Type; write what is true."""

SOURCE_TYPE_PREFIX: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""The vocabulary's address, to which the name is appended."""

MiningUse = Literal["allowed", "notAllowed"]
"""CAWG training and data mining 1.1; `constrained` would need constraint text that we lack."""

MINING_ENTRIES: Final = (
    "cawg.ai_generative_training",
    "cawg.ai_inference",
    "cawg.ai_training",
    "cawg.data_mining",
)
"""Every kind of use that the CAWG assertion names."""

NOTHING_ALLOWED: Final[Mapping[str, MiningUse]] = MappingProxyType(
    dict.fromkeys(MINING_ENTRIES, "notAllowed")
)
"""Default is no: who may train on the output is its owners' word, not the generator's."""


class ManifestError(ValueError):
    """The definition would not be a valid manifest; the text names the value at fault. Fatal."""


@dataclass(frozen=True)
class Generator:
    """Who made the claim: the product's name and version, and the model's id."""

    name: str
    version: str
    model: str


@dataclass(frozen=True)
class ManifestContent:
    """What a manifest says about one generation.

    `created_at` is the worker's clock (UTC) and evidence alone; `media_type` is that of the file
    which will carry the manifest; `label` is that of our assertion (a setting).
    """

    generation: GenerationId
    title: str
    media_type: str
    generator: Generator
    source_type: SourceType
    created_at: dt.datetime
    assertion: ReferencesAssertion
    label: str = ASSERTION_LABEL
    mining: Mapping[str, MiningUse] = field(default_factory=lambda: NOTHING_ALLOWED)


def build_manifest(content: ManifestContent) -> dict[str, Any]:
    """Return the manifest definition (JSON values) for `generation.embedding.embed`.

    Raises `ManifestError` if a value is outside its closed list or the whole is too long.
    """
    _check(content)
    ingredients = ingredient_set(content.assertion.references)
    # Read backwards, so that of several rows of a recording the first one gives its title.
    first = {reference.recording: reference for reference in content.assertion.references[::-1]}
    manifest = {
        "label": manifest_urn(content.generation),
        "title": content.title,
        "format": content.media_type,
        "claim_generator_info": [
            {
                "name": content.generator.name,
                "version": content.generator.version,
                "specVersion": SPEC_VERSION,
            }
        ],
        "ingredients": [
            _ingredient(first[recording], relationship)
            for recording, relationship in ingredients.items()
        ],
        "assertions": [
            _assertion("c2pa.actions.v2", _actions(content, ingredients)),
            _assertion("cawg.metadata", _metadata(content), kind="Json"),
            _assertion("cawg.training-mining", _mining(content.mining)),
            _assertion(content.label, content.assertion.data(), kind="Json"),
        ],
    }
    size = len(canonical.encode(manifest))
    if size > MANIFEST_BYTES_MAX:
        raise ManifestError(f"longer than {MANIFEST_BYTES_MAX} bytes [{size}]")
    return manifest


def _check(content: ManifestContent) -> None:
    if content.source_type not in get_args(SourceType):
        raise ManifestError(f"not a digital source type that we write [{content.source_type}]")
    if set(content.mining) != set(MINING_ENTRIES):
        raise ManifestError(f"every kind of mining is answered once {sorted(content.mining)}")
    if unknown := set(content.mining.values()) - set(get_args(MiningUse)):
        raise ManifestError(f"not an answer about mining {sorted(unknown)}")
    if content.created_at.utcoffset() != dt.timedelta(0):
        raise ManifestError(f"an instant is UTC [{content.created_at}]")


def _assertion(label: str, data: Mapping[str, Any], *, kind: str | None = None) -> dict[str, Any]:
    """Make an assertion of ours: `created`, so that the signer answers for it (C2PA 2.4, 10.3.2).

    As `kind: Json` text stays as it was written; outside verifiers refuse `cawg.metadata` in CBOR.
    """
    assertion: dict[str, Any] = {"label": label, "created": True, "data": dict(data)}
    return assertion if kind is None else {**assertion, "kind": kind}


def _ingredient(reference: AuthorizedReference, relationship: Relationship) -> dict[str, Any]:
    """Name a recording without its audio. `document_id` and `hash` would be dropped silently.

    `label` is what actions refer to and is replaced on signing; `instance_id` stays.
    """
    ingredient = {
        "label": reference.recording,
        "instance_id": reference.recording,
        "title": reference.title,
        "relationship": relationship,
    }
    if reference.isrc is not None:
        ingredient["description"] = f"ISRC {reference.isrc}"
    return ingredient


def _actions(content: ManifestContent, ingredients: Mapping[str, Relationship]) -> dict[str, Any]:
    """Say that it was created, from all ingredients, and which of them sound in it.

    `created` names every ingredient: one that no action names hangs loose in the manifest.
    """
    when = content.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    actions: list[dict[str, Any]] = [
        {
            "action": "c2pa.created",
            "when": when,
            "softwareAgent": {
                "name": content.generator.model,
                "version": content.generator.version,
            },
            "digitalSourceType": SOURCE_TYPE_PREFIX + content.source_type,
            "parameters": {"ingredientIds": list(ingredients)},
        }
    ]
    placed = [name for name, how in ingredients.items() if how == "componentOf"]
    if placed:
        actions.append(
            {"action": "c2pa.placed", "when": when, "parameters": {"ingredientIds": placed}}
        )
    return {"actions": actions, "allActionsIncluded": True}


def _metadata(content: ManifestContent) -> dict[str, Any]:
    return {
        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
        "dc:title": content.title,
        "dc:identifier": content.generation,
        "dc:format": content.media_type,
    }


def _mining(answers: Mapping[str, MiningUse]) -> dict[str, Any]:
    return {"entries": {name: {"use": answers[name]} for name in MINING_ENTRIES}}
