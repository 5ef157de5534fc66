"""Shapes of what is asked about the catalog (see `service.api.shapes`)."""

from __future__ import annotations

from typing import Any, Literal

from service.api.shapes import Shape

Audio = dict[Literal["file_sha256", "frames_sha256", "decoder"], str]
"""The two hashes by which audio is known."""

Window = dict[Literal["since", "until"], str | None]
"""The law's window, half-open; null: since ever, without end."""


class _Held(Shape):
    as_of: int
    valid_at: str


class Found(Shape):
    """Something that a search found."""

    kind: str
    id: str
    label: str


class FoundList(_Held):
    """What a search found, the nearest first."""

    items: list[Found]


class Party(Shape):
    """A party; `name` is null where a natural person's was erased."""

    party: str
    kind: str
    name: str | None
    isni: str | None
    ipi_name: str | None
    ipi_base: str | None
    ipn: str | None
    residence: str | None
    deceased: bool
    time: str
    position: int


class PartyPage(_Held):
    """A page of parties."""

    items: list[Party]
    next: int | None


class Key(Shape):
    """A key: proposed, enrolled or revoked."""

    key: str
    party: str
    public_key: str
    roles: list[str]
    status: str
    reason: str | None
    compromised_since: str | None
    position: int


class Mandate(Shape):
    """A mandate: granted or revoked."""

    mandate: str
    grantor: str
    mandatee: str
    capacities: list[str]
    uses: list[str]
    territories: dict[str, list[str]]
    exclusive: bool
    may_revoke: bool
    window: Window
    status: str
    position: int


class PartyAnswer(Party, _Held):
    """A party with its keys, and the mandates that it gave and holds."""

    keys: list[Key]
    mandates: list[Mandate]


class Recording(Shape):
    """A recording, by the two hashes of its audio."""

    recording: str
    title: str
    artist: str
    isrc: str | None
    duration_ms: int
    sample_rate_hz: int
    audio: Audio
    registrant: str
    time: str
    position: int


class RecordingPage(_Held):
    """A page of recordings."""

    items: list[Recording]
    next: int | None


class Stem(Shape):
    """A stem of a recording."""

    recording: str
    stem: str
    audio: Audio
    position: int


class Link(Shape):
    """A link of a recording to a work: proposed or confirmed."""

    link: str
    recording: str
    work: str
    fraction: str | None
    status: str
    position: int


class Credit(Shape):
    """A credit: proposed or confirmed."""

    credit: str
    asset: str
    party: str
    role: str
    featured: bool
    vocal: bool
    stems: list[str]
    status: str
    position: int


class Vocals(Shape):
    """Who sings: proposed or confirmed."""

    credit: str
    recording: str
    vocals: str
    performers: list[dict[str, Any]]
    status: str
    position: int


class ShareClaim(Shape):
    """A share in the words of its claim."""

    share: str
    asset: str
    party: str
    fraction: str
    territories: dict[str, list[str]]
    window: Window
    status: str
    confirmer: str | None
    position: int


class ClaimList(_Held):
    """Shares in the words of their claims."""

    items: list[ShareClaim]


class Restriction(Shape):
    """Purposes that a performer or author vetoed."""

    asset: str
    party: str
    purposes: list[str]
    position: int


class Inference(Shape):
    """A recording in the inference set of a model version."""

    recording: str
    model: str
    position: int


class RecordingAnswer(Recording, _Held):
    """A recording with all that is known of it."""

    stems: list[Stem]
    links: list[Link]
    credits: list[Credit]
    vocals: list[Vocals]
    shares: list[ShareClaim]
    restrictions: list[Restriction]
    inference_sets: list[Inference]


class Work(Shape):
    """A work."""

    work: str
    title: str
    iswc: str | None
    registrant: str
    public_domain: bool
    time: str
    position: int


class WorkPage(_Held):
    """A page of works."""

    items: list[Work]
    next: int | None


class WorkAnswer(Work, _Held):
    """A work with all that is known of it."""

    links: list[Link]
    credits: list[Credit]
    shares: list[ShareClaim]
    restrictions: list[Restriction]


class Model(Shape):
    """A model version: registered or retired."""

    model: str
    name: str
    version: str
    provider: str
    weights_sha256: str | None
    training: str
    license: dict[str, Any]
    capabilities: dict[str, Any]
    status: str
    position: int


class ModelList(_Held):
    """Model versions."""

    items: list[Model]


class Tariff(Shape):
    """A tariff: published or withdrawn."""

    tariff: str
    name: str
    rows: list[dict[str, Any]]
    pool_rate: str
    credit_prior_fee: bool
    window: Window
    status: str
    position: int


class TariffList(_Held):
    """Tariffs."""

    items: list[Tariff]
