"""The story of the examples: two songs, their owners, a creator, a file, and what it earns.

Everything is said and asked over HTTP with tokens, one after the other, so that the log is the same
in every run. What is recorded on the way are the examples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from service.examples.recorder import Person
from service.examples.stage import Stage

TITLES: Final = ("Slow Harbor", "Glass Orchard")
ARTISTS: Final = ("Anna Berg", "Bo Ek")
WORLD: Final = {"include": ["2136"], "exclude": []}
TEXT: Final = "I permit the uses ticked above, and nothing else."
DURATION_MS: Final = 4000
"""What the examples are made of: two songs, the whole world, a consent's text, four seconds."""


@dataclass
class Song:
    """A song as the ledger knows it, and who controls both its sides."""

    holder: Person
    recording: str = ""
    work: str = ""
    shares: list[str] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)


@dataclass
class Cast:
    """Who is in the story, and what they hand on to each other."""

    stage: Stage
    officer: Person
    songs: list[Song] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    dana: str = ""
    generation: str = ""
    output: dict[str, Any] = field(default_factory=dict)
    file: bytes = b""


def entry_of(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return what the entry of a type in an answer says."""
    found: dict[str, Any] = next(row["data"] for row in answer["entries"] if row["type"] == kind)
    return found


def arrive(cast: Cast) -> None:
    """Register who is in the story; each gets a token."""
    for name, roles in (
        (ARTISTS[0], ["holder"]),
        (ARTISTS[1], ["holder"]),
        ("Cara Studio", ["creator"]),
        ("Audit Office", ["auditor"]),
        ("Stream House", ["streaming_service"]),
    ):
        body = {"kind": "organization", "name": name}
        party = entry_of(cast.officer.say("RegisterParty", "organization", body), "PartyRegistered")
        issued = cast.officer.post(
            "issue_token",
            roles[0],
            "/v1/tokens",
            {"party": party["party"], "roles": roles, "name": name},
            expect=201,
        )
        cast.people[name] = cast.stage.person(issued["token"], party["party"])
    person = {"kind": "person", "name": {"private": "Dana Example"}, "residence": "DE"}
    answer = cast.officer.say("RegisterParty", "person, whose name is private", person)
    cast.dana = entry_of(answer, "PartyRegistered")["party"]
    cast.songs = [Song(cast.people[artist]) for artist in ARTISTS]


def register(cast: Cast, number: int) -> None:
    """Bring the audio of a song, register it, and have links, vocals and shares confirmed."""
    song, officer = cast.songs[number], cast.officer
    holder, path = song.holder, cast.stage.song(number)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    uploaded = holder.http.put(f"/v1/artifacts/{sha256}", content=path.read_bytes())
    holder.recorder.keep("upload_artifact", "audio that is new", uploaded, None)
    known = uploaded.json()
    body = {
        "title": TITLES[number],
        "artist": ARTISTS[number],
        "duration_ms": known["duration_ms"],
        "sample_rate_hz": known["sample_rate_hz"],
        "audio": known["audio"],
    }
    answer = holder.say("RegisterRecording", "from uploaded audio", body)
    song.recording = entry_of(answer, "RecordingRegistered")["recording"]
    answer = holder.say("RegisterWork", "by its title", {"title": TITLES[number]})
    song.work = entry_of(answer, "WorkRegistered")["work"]
    link = holder.say(
        "LinkRecordingToWork", "proposed", {"recording": song.recording, "work": song.work}
    )
    officer.say(
        "ConfirmLink", "confirmed", {"link": entry_of(link, "RecordingLinkProposed")["link"]}
    )
    vocals = holder.say(
        "DeclareVocals", "a machine sings", {"recording": song.recording, "vocals": "synthetic"}
    )
    officer.say(
        "ConfirmVocals", "confirmed", {"credit": entry_of(vocals, "VocalsProposed")["credit"]}
    )
    for asset in (song.recording, song.work):
        _claim(cast, song, asset)


def _claim(cast: Cast, song: Song, asset: str) -> None:
    """Claim the whole of a side; a registrar reads the claim and confirms what it read."""
    body = {"asset": asset, "party": song.holder.party, "fraction": "1", "territories": WORLD}
    answer = song.holder.say("ClaimShare", "the whole of one side", body)
    share = entry_of(answer, "ShareClaimed")["share"]
    song.shares.append(share)
    response = cast.officer.http.get(f"/v1/shares/{share}")
    cast.officer.recorder.keep("get_share", "claimed", response, None)
    cast.officer.say(
        "ConfirmShare",
        "confirmed as it was read",
        {"share": share},
        headers={"If-Match": response.headers["etag"]},
    )


def consent(cast: Cast, number: int) -> None:
    """Grant song level in two tiers, for master and publishing; then the model may be fed."""
    song = cast.songs[number]
    for capacity, applies_to in (
        ("owner", {"recordings": [song.recording]}),
        ("publisher", {"works": [song.work]}),
    ):
        words = words_of(song, capacity, applies_to)
        answer = song.holder.say("GrantConsent", f"as {capacity}", {"consent": words})
        song.consents.append(entry_of(answer, "ConsentGranted")["consent"]["consent"])
    model = cast.stage.instance.facts.mosaic_model
    body = {"recording": song.recording, "model": model}
    cast.officer.say("EnterInferenceSet", "entered", body)


def words_of(song: Song, capacity: str, applies_to: dict[str, Any]) -> dict[str, Any]:
    """Return the words of a consent without its id."""
    return {
        "grantor": song.holder.party,
        "capacity": capacity,
        "applies_to": applies_to,
        "uses": ["song"],
        "parameters": "all",
        "reproduction": True,
        "tiers": ["preview", "private"],
        "purposes": "all",
        "channels": "all",
        "models": "all",
        "modules": ["generator"],
        "territories": WORLD,
        "floors": {},
        "text": {
            "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
            "language": "en",
            "version": "2026-11",
            "shown": True,
        },
    }


def publish(cast: Cast) -> None:
    """Publish what generations cost."""
    prices = {"preview": "0.02", "private": "0.40", "commercial": "2.00"}
    rows = [
        {
            "tier": tier,
            "channels": "all",
            "territories": WORLD,
            "price": {"amount": amount, "currency": "EUR"},
        }
        for tier, amount in prices.items()
    ]
    body = {"name": "Standard", "rows": rows, "pool_rate": "1/2"}
    cast.officer.say("PublishTariff", "three tiers", body)


def request_of(cast: Cast, tier: str) -> dict[str, Any]:
    """Return a request that refers to both songs."""
    first, second = cast.songs
    return {
        "references": [
            {"recording": first.recording, "use": "song", "role": "melody", "weight": "3"},
            {"recording": second.recording, "use": "song", "role": "timbre", "weight": "1"},
        ],
        "weights": "relative",
        "model": cast.stage.instance.facts.mosaic_model,
        "tier": tier,
        "purpose": "personal",
        "channel": "download",
        "territory": "DE",
        "seed": 7,
        "duration_ms": DURATION_MS,
        "prompt": {"private": "calm, by the water"},
    }
