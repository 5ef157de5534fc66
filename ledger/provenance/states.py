"""How reading a file can end: a closed list. Imports none of ours, for the guarded process."""

from typing import Final, Literal, get_args

State = Literal[
    "trusted",  # whole, and signed by a certificate under our anchors
    "trusted_elsewhere",  # whole, and signed under anchors of another list that was given
    "untrusted",  # whole, and signed by somebody whom no given list knows
    "invalid",  # a manifest is there and something in it or in the audio does not hold
    "no_manifest",  # audio that we can read, and no manifest inside
    "manifest_elsewhere",  # the file names an address instead of a manifest; nothing was fetched
    "container_unsupported",  # audio in a container that cannot carry a manifest (RF64, Ogg, AIFF)
    "file_missing",  # there is no such file, or it may not be read
    "file_empty",  # zero bytes
    "file_unknown",  # not audio in any container that we know
    "file_malformed",  # a container that contradicts itself, or is cut off
    "file_too_large",  # beyond Limits.file_bytes_max
    "chunks_too_many",  # a WAV of more chunks than any honest one has
    "manifest_malformed",  # a manifest is there, so damaged that it cannot be read
    "manifest_too_large",  # a manifest beyond what we take in
    "timed_out",  # reading took longer than Limits.timeout_s
    "reader_crashed",  # reading ended the guarded process: out of memory, or worse
]
"""How reading ended. `trusted` is the only good end; each other one says what is missing."""

STATES: Final[tuple[State, ...]] = get_args(State)
"""Every state."""

UNREADABLE: Final[frozenset[State]] = frozenset(
    {
        "file_missing",
        "file_empty",
        "file_unknown",
        "file_malformed",
        "file_too_large",
        "chunks_too_many",
        "manifest_malformed",
        "manifest_too_large",
        "timed_out",
        "reader_crashed",
    }
)
"""The states of a file whose manifest, if there is one, says nothing that can be used."""

OUR_LIST: Final = "urn:linernotes:claim-signers"
"""The URI under which our anchors are given to the library; it names the list that vouched."""
