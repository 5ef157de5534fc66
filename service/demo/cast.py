"""Who is in the story, and how they come into the log: parties, keys, rights, consents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from ledger.answer import Answer
from ledger.keys import write_key
from schemas import canonical
from schemas.commands.catalog import (
    ConfirmLink,
    ConfirmVocals,
    DeclareVocals,
    EnterInferenceSet,
    LinkRecordingToWork,
    RegisterRecording,
    RegisterStem,
    RegisterWork,
)
from schemas.commands.consents import GrantConsent
from schemas.commands.parties import ConfirmKey, EnrollKey, RegisterParty
from schemas.commands.shares import ClaimShare, ConfirmShare
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.lists import KeyRole
from schemas.terms import AppliesTo, Consent, ConsentText
from schemas.territory import Territories
from service.demo.songs import Song
from service.ingest import ingest
from service.instance import Instance, Speaker
from service.speaking import Private

CONSENT_TEXT: Final = "I permit the uses ticked above, and nothing else."
"""What a rights holder sees when consenting; the log keeps its hash, language and version."""

HOLDERS: Final = {
    17189: "Halyard Records",
    17193: "Gare Centrale Musique",
    17194: "Juniper & Daughters",
    17196: "Nattljus Förlag",
}
"""One owner of both sides for each song (contracts, section 6)."""

USES: Final = {
    17189: ("song", "parameter", "audio"),
    17193: ("song",),
    17194: ("song", "parameter"),
    17196: (),
}
"""Table 1 of the paper: at which levels a song may be referred to. Training: none of them."""

TIERS: Final = {
    17189: ("private", "non_commercial", "commercial"),
    17193: (),
    17194: ("private", "non_commercial"),
    17196: ("private",),
}
"""Table 2 of the paper: how an output may be distributed."""

EXPLICIT: Final = frozenset({17189, 17193, 17194})
"""Songs whose owners also grant preview and reproduction, explicitly (contracts, section 6)."""


@dataclass(slots=True)
class Registered:
    """A song as the ledger knows it."""

    song: Song
    holder: Speaker
    holder_name: str
    recording: str
    work: str
    file_sha256: str
    consents: list[str] = field(default_factory=list)


def enroll(
    instance: Instance, name: str, *, kind: str = "organization", roles: tuple[KeyRole, ...]
) -> tuple[Speaker, list[Answer]]:
    """Register a party and enroll its own key: it proves possession, the registrar confirms."""
    operator = instance.operator()
    party, private = new_id("pty"), Private()
    public_name = name if kind == "organization" else private.commit("/name", name)
    registered = operator.say(
        RegisterParty.read(
            {
                "party": party,
                "kind": kind,
                "name": public_name if isinstance(public_name, str) else public_name.data(),
            }
        ),
        openings=private.openings,
    )
    key = SigningKey.generate(new_id("key"))
    write_key(instance.settings.keyring / f"{party}.key", key)
    speaker = instance.speaker(party)
    proposed = speaker.say(
        EnrollKey(key=key.kid, party=party, public_key=canonical.b64u(key.public), roles=roles)
    )
    confirmed = operator.say(ConfirmKey(key=key.kid))
    return speaker, [registered, proposed, confirmed]


def register_song(
    instance: Instance, song: Song, holder: Speaker
) -> tuple[Registered, list[Answer]]:
    """Register a song from its real audio: recording, stems, work, link and vocals."""
    operator, answers = instance.operator(), []
    taken = ingest(song.mix, instance.artifacts)
    recording, work = new_id("rec"), new_id("wrk")
    answers.append(
        holder.say(
            RegisterRecording(
                recording=recording,
                title=song.title,
                artist=song.artist,
                duration_ms=taken.duration_ms,
                sample_rate_hz=taken.sample_rate_hz,
                audio=taken.audio,
            )
        )
    )
    for stem, path in song.stems.items():
        audio = ingest(path, instance.artifacts).audio
        command = RegisterStem.read({"recording": recording, "stem": stem, "audio": audio.data()})
        answers.append(holder.say(command))
    link, vocals = new_id("lnk"), new_id("crd")
    answers += [
        holder.say(RegisterWork(work=work, title=song.title)),
        holder.say(LinkRecordingToWork(link=link, recording=recording, work=work)),
        operator.say(ConfirmLink(link=link)),
        holder.say(DeclareVocals(credit=vocals, recording=recording, vocals="synthetic")),
        operator.say(ConfirmVocals(credit=vocals)),
    ]
    name, sha256 = HOLDERS[song.number], taken.audio.file_sha256
    return Registered(song, holder, name, recording, work, sha256), answers


def confirm_shares(instance: Instance, one: Registered) -> list[Answer]:
    """Claim and confirm the whole of both sides for the song's one owner."""
    answers = []
    for asset in (one.recording, one.work):
        share = new_id("shr")
        claim = ClaimShare(
            share=share,
            asset=asset,
            party=one.holder.party,
            fraction="1",
            territories=Territories.world(),
        )
        answers += [one.holder.say(claim), instance.operator().say(ConfirmShare(share=share))]
    return answers


def consent_to(one: Registered) -> list[Answer]:
    """Grant exactly what the paper's tables say for this song: master and publishing."""
    answers = []
    for capacity, applies_to in (
        ("owner", AppliesTo(recordings=(one.recording,))),
        ("publisher", AppliesTo(works=(one.work,))),
    ):
        consent = _consent(one, capacity, applies_to)
        one.consents.append(consent.consent)
        answers.append(one.holder.say(GrantConsent(consent=consent)))
    return answers


def _consent(one: Registered, capacity: str, applies_to: AppliesTo) -> Consent:
    number = one.song.number
    explicit = number in EXPLICIT
    tiers = (("preview",) if explicit else ()) + TIERS[number]
    return Consent.read(
        {
            "consent": new_id("cns"),
            "grantor": one.holder.party,
            "capacity": capacity,
            "applies_to": applies_to.data(),
            "uses": list(USES[number]),
            "parameters": "all",
            "reproduction": explicit,
            "tiers": list(tiers),
            "purposes": "all",
            "channels": "all",
            "models": "all",
            "modules": ["generator"],
            "territories": Territories.world().model_dump(mode="json"),
            "effective_from": None,
            "effective_until": None,
            "floors": {},
            "minimum_weight": None,
            "revocation": {"notice_days": 0, "in_flight": "complete", "survives": True},
            "text": ConsentText(
                sha256=hashlib.sha256(CONSENT_TEXT.encode()).hexdigest(),
                language="en",
                version="2026-11",
                shown=True,
            ).data(),
        }
    )


def enter_inference_set(instance: Instance, one: Registered) -> Answer:
    """Enter a song into the inference set of the embedded model."""
    command = EnterInferenceSet(recording=one.recording, model=instance.facts.mosaic_model)
    return instance.operator().say(command)
