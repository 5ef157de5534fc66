"""Closed, versioned lists (contracts section 3). A new value needs a new `LISTS_VERSION`.

Each is a `Literal` type for schemas and a tuple in the order in which people read it. The source
stands beside each value; *the paper* is "Attribution-by-Design" (its sections are named).
"""

from typing import Annotated, Final, Literal, get_args

from schemas.values import otherwise

LISTS_VERSION: Final = "2026-11"
"""The month in which these lists were settled."""

Use = Literal[
    "song",  # the paper, 4.1.1: the song as reference
    "parameter",  # the paper, 4.1.1: single parameters of it
    "audio",  # the paper, 4.1.1: parameters of it, applied to audio that the creator brings
    "temporal",  # the paper, 4.1.1: a segment of it for a segment of the creator's audio
    "training",  # CAWG Training and Data Mining: `cawg.ai_generative_training`; never implied
]
USES: Final[tuple[Use, ...]] = get_args(Use)

Parameter = Literal[
    "melody",  # the paper, 6: "melody from A"
    "harmony",  # the paper, 6
    "rhythm",  # the paper, 4.1.1
    "timbre",  # the paper, 6
    "structure",  # the paper, 4.1.1: compositional elements
    "lyrics",  # the paper, 4.1.1: semantic elements
    "voice",  # the paper, figure 3; asks the performer (SAG-AFTRA Sound Recordings Code 2024)
    "guitar",  # the paper, figure 3
    "bass",  # a stem of MUSDB18, as separators deliver them
    "drums",  # likewise
    "keys",  # stems of MoisesDB, taxonomy of 11
    "strings",  # likewise, bowed strings
    "winds",  # likewise, wind
    "production",  # the paper, 4.1.1: amp matching
    "mood",  # the paper, figure 7
    "genre",  # the paper, figure 7
]
PARAMETERS: Final[tuple[Parameter, ...]] = get_args(Parameter)

Role = Literal[
    # The paper, 6: the function of a reference in the output; the values are contracts section 3.
    "melody",
    "harmony",
    "rhythm",
    "timbre",
    "structure",
    "lyrics",
    "lead",
    "accompaniment",
    "bass",
    "drums",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Purpose = Literal[
    "personal",  # contracts section 3
    "educational",  # likewise
    "entertainment",  # likewise
    "advertising",  # a use that authors may object to (Berne Convention, article 6bis; rules 2.2)
    "political",  # likewise
    "religious",  # likewise
    "explicit",  # likewise
]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

Channel = Literal[
    "session",  # heard where it was made
    "download",  # DDEX AVS, UseType: PermanentDownload
    "streaming",  # DDEX AVS, UseType: Stream
    "video_platform",  # DDEX AVS, UseType: UserMakeAvailableUserProvided
    "broadcast",  # DDEX AVS, UseType: Broadcast
    "sync",  # synchronization with moving pictures
    "physical",  # DDEX AVS, UseType: PurchaseAsPhysicalProduct
]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

TierName = Literal[
    "audition",  # hearing a candidate; comes with selection (contracts section 6)
    "preview",  # rendered, heard in the session, not saved (the paper, 5.2: "preview uses")
    "private",  # the paper, 5.2, table 2
    "non_commercial",  # likewise
    "commercial",  # likewise
]
TIERS: Final[tuple[TierName, ...]] = get_args(TierName)

Tier = Annotated[TierName, otherwise("tier_unknown")]
"""For schemas: what is no tier has its own code (clearance, "Malformed")."""

Capacity = Literal[
    "owner",  # speaks for masters (clearance 9)
    "publisher",  # speaks for works
    "writer",  # speaks for works
    "performer",  # speaks for performances
    "representative",  # speaks for its grantor, through a mandate
]
CAPACITIES: Final[tuple[Capacity, ...]] = get_args(Capacity)

Side = Literal[
    "master",  # the recording's right (WPPT article 11)
    "publishing",  # the work's right (WCT article 8)
]
SIDES: Final[tuple[Side, ...]] = get_args(Side)

Module = Literal[
    "generator",  # rules section 6, ModuleRegistered
    "codec",  # the paper, 7: audio encoder and decoder
    "text_encoder",  # the paper, 7: cross-modal alignment models
    "retrieval",  # the paper, 4.2.1
    "tokenizer",  # the paper, 7: text tokenizers
    "separator",  # what makes stems of a mix
]
MODULES: Final[tuple[Module, ...]] = get_args(Module)

Vocals = Literal[
    "none",  # nobody sings (clearance 10)
    "synthetic",  # a machine sings
    "performers",  # the credited performers sing
]
VOCALS: Final[tuple[Vocals, ...]] = get_args(Vocals)

PartyKind = Literal[
    "person",  # a natural person: the name is a commitment (contracts section 1)
    "organization",  # a legal person: the name is in the clear
]
PARTY_KINDS: Final[tuple[PartyKind, ...]] = get_args(PartyKind)

KeyRole = Literal[
    "registrar",  # confirms what others claim (contracts section 6)
    "platform",  # registers models, tariffs, inference sets
    "finance",  # closes and pays, four eyes
    "worker",  # generates (contracts section 8)
    "process",  # the ledger's own processes: finisher, scheduler (contracts section 1)
    "intake",  # signs what came by token (contracts section 1)
    "entry",  # signs entries (contracts section 9)
    "checkpoint",  # signs checkpoints (contracts section 9)
    "auditor",  # contracts section 10
    "holder",  # contracts section 10
    "creator",  # contracts section 10
    "streaming_service",  # contracts section 10
    "operator",  # contracts section 10
]
KEY_ROLES: Final[tuple[KeyRole, ...]] = get_args(KeyRole)
