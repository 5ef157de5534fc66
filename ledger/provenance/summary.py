"""What the library says about a manifest, brought down to what a verdict needs. Pure.

The library's own summary, a state, is never enough: *Valid* means untrusted, *Trusted* hides damage
inside ingredients, and any anchor of any kind makes it *Trusted*. So the state here is decided on
the codes, and good is only what is proven good: codes that must be there, and none that must not.

Source: C2PA 2.4, section 15.2 (validation status codes); the JSON of c2pa-rs 0.91.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ledger.provenance.states import State

PROVEN: Final = frozenset({"claimSignature.validated", "assertion.dataHash.match"})
"""Success codes without which a manifest is not whole: its signature, and the audio's hash."""

TRUSTED: Final = "signingCredential.trusted"
UNTRUSTED: Final = "signingCredential.untrusted"
TIMESTAMPED: Final = "timeStamp.trusted"
"""Codes of C2PA 2.4, section 15.2, that are looked for by name."""

HOLES: Final = frozenset({"assertion.dataHash.additionalExclusionsPresent"})
"""Informational for the library, a failure for us: bytes that the hash of the audio leaves out."""

INGREDIENTS_MAX: Final = 65  # one more than a generation may have: one too many must be seen
FAILURES_MAX: Final = 64
ACTIONS_MAX: Final = 64
TEXT_MAX: Final = 200

_ACTIONS: Final = ("c2pa.actions.v2", "c2pa.actions")


def summarize(store: Mapping[str, Any], *, label: str, our_list: str) -> dict[str, Any]:
    """Return the fields of `model.ManifestReading` that the library's JSON answers.

    `label` is that of our assertion, whose data are returned unread as `assertion_data`;
    `our_list` is the URI under which our anchors were given.
    """
    urn = store["active_manifest"]
    manifest = store["manifests"].get(urn) or {}  # missing if it could not be decoded
    results = store.get("validation_results") or {}
    active = results.get("activeManifest") or {}
    failures = [*_own_failures(active), *_ingredient_failures(store)]
    successes = set(_codes(active, "success"))
    trust_list = results.get("trustListUri") if TRUSTED in successes else None
    ingredients = (manifest.get("ingredients") or [])[:INGREDIENTS_MAX]
    return {
        "state": _state(store, failures, successes, trust_list, our_list),
        "urn": text(urn),
        "failures": failures[:FAILURES_MAX],
        "ingredients": [_ingredient(ingredient) for ingredient in ingredients],
        "signer": _signer(manifest, successes, trust_list),
        "generator": _generator(manifest),
        **_actions(manifest, ingredients),
        **_assertion(manifest, label),
    }


def text(value: Any) -> str:
    """Return text that is safe to print: bounded, and nothing in it that steers a terminal."""
    raw = value if isinstance(value, str) else ""
    return "".join(char if char.isprintable() else "\ufffd" for char in raw[:TEXT_MAX])


def _state(
    store: Mapping[str, Any],
    failures: Iterable[Mapping[str, str]],
    successes: set[str],
    trust_list: str | None,
    our_list: str,
) -> State:
    codes = {(failure["where"], failure["code"]) for failure in failures}
    # An ingredient of a stranger, as good as it came, is no damage of this file.
    codes.discard(("ingredient", UNTRUSTED))
    whole = successes >= PROVEN and codes <= {("manifest", UNTRUSTED)}
    if not whole or store.get("validation_state") not in {"Trusted", "Valid"}:
        return "invalid"
    if codes or trust_list is None or store["validation_state"] != "Trusted":
        return "untrusted"
    return "trusted" if trust_list == our_list else "trusted_elsewhere"


def _codes(results: Mapping[str, Any], kind: str) -> Iterator[str]:
    for status in results.get(kind) or ():
        yield text(status.get("code"))


def _own_failures(active: Mapping[str, Any]) -> list[dict[str, str]]:
    holes = [code for code in _codes(active, "informational") if code in HOLES]
    found = dict.fromkeys([*_codes(active, "failure"), *holes])
    return [{"code": code, "where": "manifest"} for code in found]


def _ingredient_failures(store: Mapping[str, Any]) -> list[dict[str, str]]:
    """Collect failures inside ingredients of every manifest, and those found only while reading."""
    results: list[Mapping[str, Any]] = [store.get("validation_results") or {}]
    found: dict[str, None] = {}
    for manifest in store["manifests"].values():
        for ingredient in manifest.get("ingredients") or ():
            inner = ingredient.get("validation_results") or {}
            results.append(inner)
            found.update(dict.fromkeys(_codes(inner.get("activeManifest") or {}, "failure")))
    for result in results:
        for delta in result.get("ingredientDeltas") or ():
            found.update(dict.fromkeys(_codes(delta.get("validationDeltas") or {}, "failure")))
    return [{"code": code, "where": "ingredient"} for code in found]


def _ingredient(ingredient: Mapping[str, Any]) -> dict[str, Any]:
    instance = ingredient.get("instance_id")
    return {
        "instance_id": None if instance is None else text(instance),
        "title": text(ingredient.get("title")),
        "relationship": text(ingredient.get("relationship")),
    }


def _signer(
    manifest: Mapping[str, Any], successes: set[str], trust_list: str | None
) -> dict[str, Any]:
    """Describe the signature; the guarded process adds what only the certificate tells."""
    info = manifest.get("signature_info") or {}
    return {
        "algorithm": text(info.get("alg")),
        "serial": text(info.get("cert_serial_number")),
        "trust_list": trust_list,
        "timestamped_at": text(info.get("time")) if TIMESTAMPED in successes else None,
    }


def _generator(manifest: Mapping[str, Any]) -> str | None:
    info = (manifest.get("claim_generator_info") or [{}])[0]
    return " ".join(filter(None, (text(info.get("name")), text(info.get("version"))))) or None


def _actions(manifest: Mapping[str, Any], ingredients: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Read the actions; hashed URIs of ingredients become the ingredients' instance ids."""
    instances = {text(i.get("label")): text(i.get("instance_id")) for i in ingredients}
    found = (a["data"] for a in _assertions(manifest) if a["label"] in _ACTIONS)
    data: Mapping[str, Any] = next(found, {})
    actions = [_action(action, instances) for action in (data.get("actions") or ())[:ACTIONS_MAX]]
    return {
        "actions": actions,
        "source_type": actions[0]["source_type"] if actions else None,
        "all_actions_included": data.get("allActionsIncluded") is True,
    }


def _action(action: Mapping[str, Any], instances: Mapping[str, str]) -> dict[str, Any]:
    named = (action.get("parameters") or {}).get("ingredients") or ()
    labels = [text(uri.get("url")).rpartition("/")[2] for uri in named[:INGREDIENTS_MAX]]
    source_type = action.get("digitalSourceType")
    return {
        "action": text(action.get("action")),
        "ingredients": [instances.get(label, label) for label in labels],
        "source_type": None if source_type is None else text(source_type),
    }


def _assertion(manifest: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Find our assertion: exactly one, and one that the signer answers for (`created`)."""
    found = [a for a in _assertions(manifest) if a["label"].partition("__")[0] == label]
    problem = None
    if len(found) > 1:
        problem = "assertion_repeated"
    elif found and found[0].get("created") is not True:
        problem = "assertion_not_created"
    if not found or problem:
        return {"assertion_data": None, "assertion_problem": problem}
    return {"assertion_data": found[0]["data"], "assertion_problem": None}


def _assertions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or ():
        if isinstance(assertion.get("label"), str) and isinstance(assertion.get("data"), dict):
            yield assertion
