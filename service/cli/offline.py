"""Checking without the ledger: keys and policies from the command line, and bundles of trust.

A bundle is one JSON document, `{"format", "origin", "policy", "anchors_pem", "entry_keys"}`: what
whoever holds a file must trust in order to check it offline. It says nothing about any file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.policy import Policy, parse_policy
from ledger.evidence.prove import prove
from schemas import canonical
from schemas.refusals import Malformed
from service.cli.ends import EndError, ExitCode, usage
from service.cli.when import pair, read_bytes, read_json

if TYPE_CHECKING:
    # Reading manifests brings c2pa, which proving a receipt does not need.
    from ledger.provenance.model import ManifestReading
    from ledger.provenance.record import AuthorizedByProof
    from service.cli.run import Run

FORMAT: Final = "linernotes-bundle/1"
BUNDLE_FIELDS: Final = frozenset({"format", "origin", "policy", "anchors_pem", "entry_keys"})
"""What a bundle is called, and all of its members."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds, read and checked in form."""

    origin: str
    policy: Policy
    anchors_pem: str
    entry_keys: dict[str, bytes]


def policy_text(vkey: str) -> str:
    """Return the policy that trusts one log and asks for no witness (C2SP tlog-policy)."""
    return f"log {vkey.strip()}\nquorum none\n"


def trust(
    run: Run, *, policy: str | None, vkey: str | None, bundle: str | None
) -> tuple[Policy, dict[str, bytes]]:
    """Return the policy to check by, and the entry keys that came with it.

    A policy file, one verifier key, a bundle, or what this folder says of its own log.
    """
    if [policy, vkey, bundle].count(None) < 2:  # noqa: PLR2004 - at most one of three
        raise usage("give one of --policy, --vkey, --bundle")
    if bundle is not None:
        found = read_bundle(bundle)
        return found.policy, found.entry_keys
    if policy is None and vkey is None:
        if not run.settings.instance.exists():
            raise usage("whom do you trust? give --vkey KEY, --policy FILE, or --bundle FILE")
        own = run.settings.policy
        policy = str(own) if own.exists() else None
    given = read_bytes(policy) if policy is not None else None
    try:
        if given is None:  # what is empty trusts nobody, and is not left out
            given = policy_text(run.facts.checkpoint_vkey if vkey is None else vkey).encode()
        return parse_policy(given), {}
    except EvidenceError as error:
        # Not the evidence is at fault, but what it should be checked by.
        raise EndError("policy_invalid", str(error)) from error


def keys_of(rows: Sequence[str] | None) -> dict[str, bytes]:
    """Read public keys given as `key_…=BASE64URL`."""
    return {kid: canonical.unb64u(text) for kid, text in map(pair, rows or ())}


def read_bundle(name: str) -> Bundle:
    """Read a bundle file; whatever is wrong with it is one sentence."""
    found: dict[str, Any] = read_json(name)
    if set(found) != BUNDLE_FIELDS or found["format"] != FORMAT:
        text = f"{name} is no bundle of this kind [{FORMAT}]: `liner checkpoint --bundle` makes one"
        raise EndError("bundle_invalid", text)
    try:
        return Bundle(
            origin=str(found["origin"]),
            policy=parse_policy(found["policy"]),
            anchors_pem=str(found["anchors_pem"]),
            entry_keys={kid: canonical.unb64u(key) for kid, key in found["entry_keys"].items()},
        )
    except (AttributeError, TypeError, Malformed) as error:
        raise EndError("bundle_invalid", f"{name} is damaged") from error


def authorized_by(reading: ManifestReading, bundle: Bundle) -> AuthorizedByProof | None:
    """Return what the file alone proves: that its generation was authorized in the bundle's log.

    None where it carries no authorization. Raises `EndError("evidence_invalid")` where it carries
    one that proves nothing: somebody made it up, or it is of a log that the bundle does not trust.
    """
    from ledger.provenance.match import Authorized  # noqa: PLC0415 - see TYPE_CHECKING above
    from ledger.provenance.record import AuthorizedByProof  # noqa: PLC0415 - likewise
    from schemas.events.generations import GenerationAuthorized  # noqa: PLC0415 - likewise
    from schemas.registry import read_event  # noqa: PLC0415 - likewise

    if reading.assertion is None:
        return None
    carried = reading.assertion.authorization
    try:
        raw = canonical.unb64u(carried.entry)
        report = prove(raw, carried.proof, bundle.policy, require_witnesses=False)
        entry = report.entry
        entry.verify(_entry_key(bundle, entry.kid))
        event = read_event(entry.type, entry.version, entry.data, recorded=True)
    except (EvidenceError, Malformed) as error:
        raise _proves_nothing(str(error)) from error
    if not isinstance(event, GenerationAuthorized) or report.position != carried.position:
        raise _proves_nothing("it carries another entry than its authorization")
    authorized = Authorized(
        urn=event.manifest_urn,
        signers=frozenset(),
        references=event.references,
        position=report.position,
        entry=raw,
    )
    return AuthorizedByProof(authorized, witnessed=report.is_witnessed)


def _entry_key(bundle: Bundle, kid: str) -> bytes:
    public = bundle.entry_keys.get(kid)
    if public is None:
        raise EvidenceError(f"the bundle trusts no entry key {kid}")
    return public


def _proves_nothing(why: str) -> EndError:
    text = f"the file's proof of authorization does not hold: {why}"
    return EndError("evidence_invalid", text, ExitCode.INVALID)
