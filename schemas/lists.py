"""Closed, versioned lists (contracts section 3). A new value needs a new `LISTS_VERSION`.

Each list is a tuple in the order in which people read it, and a `Literal` type for schemas; a test
keeps the two the same. Sources stand beside each value.
"""

from typing import Final, Literal, get_args

LISTS_VERSION: Final = "2026-11"
"""The month in which these lists were settled."""

Use = Literal[
    "song",  # the paper's table 1: the whole song as reference
    "parameter",  # table 1: single parameters of a song
    "audio",  # table 1: a stretch of audio
    "temporal",  # table 1: use over time, another source for another passage
    "training",  # CAWG TDM assertion 1.1, `cawg.ai_generative_training`: never implied
]
USES: Final[tuple[Use, ...]] = get_args(Use)

Parameter = Literal[
    "melody",  # the paper: musical parameters
    "harmony",  # the paper
    "rhythm",  # the paper
    "timbre",  # the paper
    "structure",  # the paper
    "lyrics",  # the paper
    "voice",  # SAG-AFTRA Sound Recordings Code 2024, digital voice replica: asks the performer
    "guitar",  # stem names usual in source separation
    "bass",  # likewise
    "drums",  # likewise
    "keys",  # likewise
    "strings",  # likewise
    "winds",  # likewise
    "production",  # the paper: mix and effects
    "mood",  # the paper: descriptive tags
    "genre",  # the paper: descriptive tags
]
PARAMETERS: Final[tuple[Parameter, ...]] = get_args(Parameter)

Role = Literal[
    "melody",  # contracts section 3: what the reference does in the output
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
    "advertising",  # Berne Convention article 6bis: uses that authors object to most often
    "political",  # likewise
    "religious",  # likewise
    "explicit",  # likewise
]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

Channel = Literal[
    "session",  # heard where it was made
    "download",  # DDEX AVS UseType PermanentDownload
    "streaming",  # DDEX AVS UseType Stream
    "video_platform",  # DDEX AVS UseType UserMakeAvailableUserProvided
    "broadcast",  # DDEX AVS UseType Broadcast
    "sync",  # synchronization with moving pictures
    "physical",  # DDEX AVS UseType PurchaseAsPhysicalProduct
]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

Tier = Literal[
    "audition",  # hearing a candidate; comes with selection (contracts section 6)
    "preview",  # rendered, heard in the session, not saved
    "private",  # the paper's table 1
    "non_commercial",  # the paper's table 1
    "commercial",  # the paper's table 1
]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)

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
    "codec",
    "text_encoder",
    "retrieval",
    "tokenizer",
    "separator",
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
