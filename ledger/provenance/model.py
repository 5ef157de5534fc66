"""What a file says, as read: the reading with its parts."""

from __future__ import annotations

from typing import Literal

from ledger.provenance.states import State
from schemas.containers import Container
from schemas.manifest import ReferencesAssertion
from schemas.model import Count, Sha256Hex, Wire
from schemas.terms import AudioIdentity


class Failure(Wire):
    """A failure code of C2PA 2.4, section 15.2, and where: in the manifest or in an ingredient."""

    code: str
    where: Literal["manifest", "ingredient"]

    def __str__(self) -> str:
        """Write the code, with `ingredient:` before one of an ingredient."""
        return self.code if self.where == "manifest" else f"ingredient:{self.code}"


class ClaimSigner(Wire):
    """Who signed the claim, by the certificate; what it says counts only if the state is good.

    `trust_list` is the URI of the list whose anchor vouches, or None. `timestamped_at` is given
    only where a trusted authority vouches for the time.
    """

    certificate_sha256: Sha256Hex
    serial: str
    subject: str
    issuer: str
    algorithm: str
    trust_list: str | None
    timestamped_at: str | None


class Ingredient(Wire):
    """One ingredient; `instance_id` is a recording's id in manifests of ours."""

    instance_id: str | None
    title: str
    relationship: str


class Action(Wire):
    """One action, with the instance ids of the ingredients that it names."""

    action: str
    ingredients: tuple[str, ...]
    source_type: str | None


class Frames(Wire):
    """Hash of the decoded frames and how they were decoded (contracts, section 3)."""

    sha256: Sha256Hex
    dtype: Literal["int16", "int32", "float32"]
    frames: Count
    channels: Count
    rate_hz: Count
    decoder: str


class ManifestReading(Wire):
    """Everything that was read in one file. What could not be read is None.

    `notes` are things worth saying that decide nothing alone, such as `riff_size_mismatch`;
    `assertion_problem` says why our assertion, though there, could not be read;
    `frames_problem` why there is no hash of frames.
    """

    state: State
    detail: str = ""
    container: Container | None = None
    file_bytes: Count | None = None
    file_sha256: Sha256Hex | None = None
    frames: Frames | None = None
    frames_problem: str | None = None
    notes: tuple[str, ...] = ()
    urn: str | None = None
    claim_sha256: Sha256Hex | None = None
    signer: ClaimSigner | None = None
    generator: str | None = None
    source_type: str | None = None
    actions: tuple[Action, ...] = ()
    all_actions_included: bool = False
    ingredients: tuple[Ingredient, ...] = ()
    assertion: ReferencesAssertion | None = None
    assertion_problem: str | None = None
    failures: tuple[Failure, ...] = ()

    def audio(self) -> AudioIdentity | None:
        """Return the two hashes by which the ledger knows audio, if both could be taken."""
        if self.file_sha256 is None or self.frames is None:
            return None
        return AudioIdentity(
            file_sha256=self.file_sha256,
            frames_sha256=self.frames.sha256,
            decoder=self.frames.decoder,
        )

    def failure_codes(self) -> tuple[str, ...]:
        """Return what speaks against the file, each once, for the log and for people.

        Empty for a trusted file alone: where the library names no failure, the state stands.
        """
        codes = tuple(dict.fromkeys(str(failure) for failure in self.failures))
        return codes or (() if self.state == "trusted" else (self.state,))
