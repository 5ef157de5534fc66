"""Every code that a verdict answers with, and its sentence. The keys are the closed lists.

A sentence says what was found and, where it helps, what to do. None says that something was made
without AI: that a file says nothing, or that the ledger knows nothing, is no evidence of it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INTACT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intact": "Every byte of the audio is as it was when the manifest was signed.",
        "audio_altered": "The audio is not the audio that was signed.",
        "audio_not_covered": "The signature leaves out parts of the file, which anyone can change.",
        "manifest_altered": "The manifest was changed after it was signed, or is not whole.",
        "ingredient_altered": "The manifest of an ingredient inside this one does not hold.",
        "no_manifest": "The file carries no manifest: never signed, or stripped, or re-encoded.",
        "manifest_elsewhere": "The file points to a manifest elsewhere; none was fetched.",
        "container_unsupported": "This kind of file ({container}) cannot carry a manifest.",
        "file_missing": "The file cannot be opened.",
        "file_empty": "The file is empty.",
        "file_unknown": "The file is not audio in any container that we know.",
        "file_malformed": "The file contradicts itself or is cut off; it cannot be read.",
        "file_too_large": "The file is larger than what is read.",
        "chunks_too_many": "The file has more chunks than any honest one; it was not opened.",
        "manifest_malformed": "A manifest is there, so damaged that it cannot be read.",
        "manifest_too_large": "The manifest is larger than what is taken in.",
        "timed_out": "Reading the file took longer than it may.",
        "reader_crashed": "Reading the file ended the guarded process that did it.",
    }
)
"""Question 1: is the file whole?"""

SIGNED_BY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "assigned_worker": "Signed by the worker that was assigned to this generation ({signer}).",
        "our_signer": "Signed under our anchors by {signer}.",
        "other_worker": "Signed under our anchors, but not by the assigned worker ({signer}).",
        "trusted_elsewhere": "Signed by {signer}, for whom another trust list vouches ({list}).",
        "untrusted_signer": "Signed by {signer}, for whom no trust list given here vouches.",
        "certificate_expired": "The certificate of {signer} has expired and no timestamp helps.",
        "certificate_revoked": "The certificate of {signer} was revoked.",
        "signature_invalid": "The signature does not fit what it signs.",
        "signer_unreadable": "Who signed it cannot be read.",
        "unsigned": "Nobody signed it.",
        "not_examined": "The file could not be read, so nobody can be named.",
    }
)
"""Question 2: signed by whom, and trusted by whom?"""

LEDGER_SAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "completed": "Authorized at position {authorized}, completed at {completed}.",
        "known_by_file": "These very bytes are the output completed at position {completed}.",
        "known_by_sound": "This sound is the output completed at position {completed}.",
        "other_file": "The authorization at {authorized} was completed as another file.",
        "rows_differ": "The file says other than what was authorized at {authorized}: {codes}.",
        "quarantined": "This file was refused and is kept in quarantine.",
        "not_completed": "Authorized at position {authorized} and never completed.",
        "failed": "Authorized at position {authorized}; the generation failed at {ended}.",
        "canceled": "Authorized at position {authorized} and canceled at {ended}.",
        "expired": "Authorized at position {authorized}; the authorization ran out at {ended}.",
        "authorized_by_proof": "Proven: authorized at position {authorized}{witnessed}. Whether it"
        " was completed as this file, only the ledger or a bundle of it can say.",
        "unknown": "The ledger knows no such output. That is no statement about how it was made.",
        "not_asked": "The ledger was not asked.",
    }
)
"""Question 3: what does the ledger say?"""

ALLOWED_HERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "allowed": "Licensed for {tier}, {channel}, {territory} at position {position}{revoked}.",
        "file_unusable": "Nothing is allowed on the word of a file that does not hold.",
        "signer_not_ours": "Only a file signed by the assigned worker carries our license.",
        "manifest_missing": "The file lost its manifest; the signed file must be used instead.",
        "ledger_unknown": "Without an output in the ledger there is no license of ours.",
        "ledger_not_asked": "Without the ledger's answer nothing is allowed.",
        "not_completed": "What was not completed was not licensed.",
        "consent_revoked": "A consent behind it was revoked and does not outlive that ({consent}).",
        "tier_not_permitted": "Licensed for {licensed}, not for {tier}.",
        "channel_not_permitted": "Licensed for {licensed}, not for {channel}.",
        "territory_not_cleared": "Not licensed for {tier}, {channel} in {territory}.",
    }
)
"""Question 4: allowed here, now, for this tier, channel and territory?"""

CONTAINS_AI: Final[Mapping[str, str]] = MappingProxyType(
    {
        "declared": "The signed manifest says how it was made ({source}).",
        "recorded": "The file lost its manifest; the ledger says how its output was made.",
        "undeclared": "Nothing that holds says how it was made, which does not mean: without AI.",
    }
)
"""Where the disclosure comes from."""
