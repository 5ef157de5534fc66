"""Who speaks in the append benchmarks: a town of holders and creators, founded by real statements.

Everything is said through the one door, so it is signed, decided and appended like what is then
measured. What the clients say later is signed before the clock starts: a client costs nothing.

One client's round is eight statements, one entry each: three consents granted and two of them
revoked again, two shares claimed, one verification of a request for two recordings.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ledger.evidence.vkeys import NoteKey
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.catalog import (
    ConfirmLink,
    ConfirmVocals,
    DeclareVocals,
    EnterInferenceSet,
    LinkRecordingToWork,
    RegisterRecording,
    RegisterWork,
)
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import VerifyGeneration
from schemas.commands.log import OpenLog
from schemas.commands.parties import ConfirmKey, EnrollKey, RegisterParty
from schemas.commands.shares import ClaimShare, ConfirmShare
from schemas.commands.terms import PublishTariff, RegisterModel
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.terms import Consent, Request
from service.speaking import say
from tests.kit.words import WORLD, audio, consent, model, tariff

ORIGIN = "ledger.example/2026"
LOG_KEY = NoteKey(ORIGIN, SigningKey("key_log", b"\x01" * 32))
"""The same in every process of a benchmark."""
OFFICES = ("finance", "operator", "platform", "registrar")
RECORDINGS_EACH = 4
"""Recordings of one holder."""

ROUND = 8
"""Statements of one client's round."""

Hand = Callable[[Sequence[bytes]], None]
"""Hands in statements that do not depend on each other, and returns when all are in the log."""


@dataclass(frozen=True, slots=True)
class Person:
    """A party with a key of its own."""

    party: str
    key: SigningKey

    def sign(self, command: Command) -> bytes:
        """Return the signed statement of a command."""
        now = datetime.now(UTC)
        return say(command, actor=self.party, key=self.key, ledger=ORIGIN, now=now).raw


@dataclass(frozen=True, slots=True)
class Song:
    """A recording, its work, and who controls both."""

    holder: Person
    recording: str
    work: str


def person() -> Person:
    """Return somebody new."""
    return Person(new_id("pty"), SigningKey.generate(new_id("key")))


@dataclass(slots=True)
class Town:
    """Everybody, and everything that they own."""

    ledger: Person = field(default_factory=person)
    operator: Person = field(default_factory=person)
    holders: list[Person] = field(default_factory=list)
    creators: list[Person] = field(default_factory=list)
    songs: list[Song] = field(default_factory=list)
    model: str = field(default_factory=lambda: new_id("mod"))
    entry_key: SigningKey = field(default_factory=lambda: SigningKey.generate(new_id("key")))

    def open(self, hand: Hand) -> None:
        """Open the log."""
        hand([self.ledger.sign(self._opening())])

    def found(self, hand: Hand, size: int) -> None:
        """Bring `size` holders, their songs and as many creators into an open log."""
        self.holders = [person() for _ in range(size)]
        self.creators = [person() for _ in range(size)]
        everybody = [(one, "holder") for one in self.holders]
        everybody += [(one, "creator") for one in self.creators]
        for wave in self._enrolled(everybody):
            hand(wave)
        hand([self.operator.sign(PublishTariff.read(tariff(new_id("tar"), "v1")))])
        hand([self.operator.sign(RegisterModel.read(model(self.model, "Benchmark")))])
        self.songs = [
            Song(holder, new_id("rec"), new_id("wrk"))
            for holder in self.holders
            for _ in range(RECORDINGS_EACH)
        ]
        for wave in self._registered():
            hand(wave)

    def _opening(self) -> OpenLog:
        rows = [
            (self.operator, self.operator.key, OFFICES),
            (self.ledger, self.entry_key, ["entry"]),
        ]
        return OpenLog.read(
            {
                "origin": ORIGIN,
                "ledger_party": self.ledger.party,
                "operator_party": self.operator.party,
                "operator_name": "Operator",
                "root_public_key": canonical.b64u(self.ledger.key.public),
                "checkpoint_vkey": LOG_KEY.vkey,
                "keys": [
                    {
                        "key": key.kid,
                        "public_key": canonical.b64u(key.public),
                        "roles": list(roles),
                        "party": who.party,
                    }
                    for who, key, roles in rows
                ],
                "policy": {},
                "trust_anchors_sha256": [],
                "witnesses": [],
            }
        )

    def _enrolled(self, people: Sequence[tuple[Person, str]]) -> Iterator[list[bytes]]:
        officer = self.operator
        yield [
            officer.sign(RegisterParty(party=one.party, kind="organization", name=one.party))
            for one, _ in people
        ]
        yield [
            one.sign(
                EnrollKey.read(
                    {
                        "key": one.key.kid,
                        "party": one.party,
                        "public_key": canonical.b64u(one.key.public),
                        "roles": [role],
                    }
                )
            )
            for one, role in people
        ]
        yield [officer.sign(ConfirmKey(key=one.key.kid)) for one, _ in people]

    def _registered(self) -> Iterator[list[bytes]]:
        """Yield what brings every song into the log, one step of all songs after the other."""
        officer = self.operator
        steps = [self._song(song) for song in self.songs]
        for wave in zip(*steps, strict=True):
            yield [by.sign(command) for by, command in wave]
        model_name = self.model
        yield [
            officer.sign(EnterInferenceSet(recording=song.recording, model=model_name))
            for song in self.songs
        ]

    def _song(self, song: Song) -> list[tuple[Person, Command]]:
        holder, officer = song.holder, self.operator
        recording, work = song.recording, song.work
        link, vocals = new_id("lnk"), new_id("crd")
        registered = {
            "recording": recording,
            "title": f"Song {recording[-4:]}",
            "artist": "Somebody",
            "duration_ms": 180_000,
            "sample_rate_hz": 44_100,
            "audio": audio(recording),
        }
        linked = {"link": link, "recording": recording, "work": work, "fraction": None}
        sung = {"credit": vocals, "recording": recording, "vocals": "synthetic", "performers": []}
        said: list[tuple[Person, Command]] = [
            (holder, RegisterRecording.read(registered)),
            (holder, RegisterWork.read({"work": work, "title": f"Work {work[-4:]}"})),
            (holder, LinkRecordingToWork.read(linked)),
            (officer, ConfirmLink(link=link)),
            (holder, DeclareVocals.read(sung)),
            (officer, ConfirmVocals(credit=vocals)),
        ]
        for asset in (recording, work):
            share = new_id("shr")
            said += [
                (holder, claim(holder, asset, share)),
                (officer, ConfirmShare(share=share)),
            ]
        return [*said, *((holder, grant(song, side)) for side in ("owner", "publisher"))]


def claim(holder: Person, asset: str, share: str, fraction: str = "1") -> ClaimShare:
    """Return a claim of a share, everywhere and for ever."""
    said = {"share": share, "asset": asset, "party": holder.party, "fraction": fraction}
    return ClaimShare.read({**said, "territories": WORLD})


def grant(song: Song, capacity: str, name: str = "") -> GrantConsent:
    """Return a consent to everything but training, for one side of a song."""
    side = {"recordings": [song.recording]} if capacity == "owner" else {"works": [song.work]}
    words = consent(name or new_id("cns"), song.holder.party, side, capacity=capacity)
    return GrantConsent(consent=Consent.read(words))


def request(songs: Iterable[Song], model_name: str) -> Request:
    """Return a request for half a minute out of some songs, in equal parts."""
    rows: list[dict[str, Any]] = [
        {"recording": song.recording, "use": "song", "role": "melody", "weight": "1"}
        for song in songs
    ]
    return Request.read(
        {
            "generation": new_id("gen"),
            "references": rows,
            "weights": "relative",
            "model": model_name,
            "tier": "private",
            "purpose": "personal",
            "channel": "download",
            "territory": "DE",
            "seed": 7,
            "duration_ms": 30_000,
        }
    )


def round_of(town: Town, creator: Person, song: Song, other: Song) -> Iterator[bytes]:
    """Yield the eight statements of one client's round, to be said one after the other."""
    holder = song.holder
    first = new_id("cns")
    yield holder.sign(grant(song, "owner", first))
    yield holder.sign(claim(holder, song.work, new_id("shr"), "1/2"))
    yield holder.sign(RevokeConsent(party=holder.party, consent=first))
    wanted = request((song, other), town.model)
    yield creator.sign(VerifyGeneration(verification=new_id("ver"), request=wanted))
    second = new_id("cns")
    yield holder.sign(grant(song, "publisher", second))
    yield holder.sign(claim(holder, song.recording, new_id("shr"), "1/3"))
    yield holder.sign(RevokeConsent(party=holder.party, consent=second))
    yield holder.sign(grant(song, "owner"))


def scripts(town: Town, clients: int, rounds: int, *, hot: Song | None = None) -> list[list[bytes]]:
    """Return what each client says, one after the other. `hot`: all about this one song.

    Signed in the order in which it is said: ids begin with the time, and clients make them when
    they speak.
    """
    songs = town.songs
    found: list[list[bytes]] = [[] for _ in range(clients)]
    for turn in range(rounds):
        speaking = []
        for number in range(clients):
            at = (number + turn * clients) % len(songs)
            other = (at + len(songs) // 2 + 1) % len(songs)
            creator = town.creators[number % len(town.creators)]
            speaking.append(round_of(town, creator, hot or songs[at], songs[other]))
        for said in zip(*speaking, strict=True):
            for one, raw in zip(found, said, strict=True):
                one.append(raw)
    return found
