"""Who does what: each sentence is one real command, decided by the real rules."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger.rights.decision import Repeated
from ledger.rights.generations_states import GENERATION
from ledger.rights.quotes import Quote, quote
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.consents import RevokeConsent
from schemas.commands.generations import (
    AuthorizeGeneration,
    CancelGeneration,
    FinishGeneration,
    ReportManifestRead,
    VerifyGeneration,
)
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import sign_statement
from schemas.events.base import Event
from schemas.events.generations import GenerationAuthorized
from schemas.manifest import references_sha256
from schemas.period import format_instant
from schemas.refusals import Malformed, Reason
from schemas.terms import Alternative, Request
from tests.kit.log import name_id
from tests.kit.words import audio, sha
from tests.kit.world import World
from tests.scenarios.form import Asking
from tests.scenarios.sentences import match, moment, places

ORIGIN = "ledger.example/2026"

ANSWERS = {
    "VerificationCleared": "cleared",
    "VerificationRefused": "refused",
    "GenerationRefused": "refused",
    "GenerationAuthorized": "authorized",
    "GenerationCompleted": "completed",
    "GenerationCanceled": "canceled",
    "GenerationFailed": "failed",
}


@dataclass
class Outcome:
    """What an act led to."""

    answer: str
    events: tuple[Event, ...] = ()
    code: str | None = None
    quote: Quote | None = None

    def find(self, topic: str) -> Any:
        """Return the event of a topic, or None."""
        return next((event for event in self.events if topic == event.TOPIC), None)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return next((e.reasons for e in self.events if hasattr(e, "reasons")), ())

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        return next((e.alternatives for e in self.events if hasattr(e, "alternatives")), ())


@dataclass
class Play:
    """One test: a world, what is asked in it, and what was done last."""

    world: World
    asking: Asking
    count: int = 0
    verification: str = ""
    generation: str = ""
    last: Outcome = field(default_factory=lambda: Outcome("done"))

    def run(self, sentences: tuple[str, ...]) -> Outcome:
        """Do everything; before the last act nothing may be refused or malformed."""
        self.world.log.at(moment(self.asking.on))
        for number, sentence in enumerate(sentences):
            assert self.last.answer not in {"refused", "malformed", "repeated"}, sentence
            if number:
                self.world.log.at(self.world.log.now + timedelta(seconds=1))
            self.last = self._act(sentence)
        return self.last

    def _act(self, sentence: str) -> Outcome:
        try:
            found: Outcome = match(
                sentence,
                {
                    r"C verifies": self.verifies,
                    r"C authorizes what was verified": self.authorizes_verified,
                    r"C authorizes": self.authorizes,
                    r"C upgrades it to (?P<tier>\w+)": self.upgrades,
                    r"C cancels": self.cancels,
                    r"the file comes back and names (?P<songs>.+)": self.comes_back,
                    r"(?P<who>\w+) revokes the consent for (?P<asset>.+)": self.revokes,
                    r"(?P<who>\w+) revokes everything": self.revokes_everything,
                    r"(?P<who>\w+) claims (?P<fraction>\S+) of (?P<asset>.+)": self.claims,
                    r"(?P<who>\w+) consents for (?P<asset>.+)": self.consents,
                    r"(?P<count>\d+) minutes pass": self.passes,
                },
            )
        except Malformed as malformed:
            return Outcome("malformed", code=malformed.code)
        return found

    def verifies(self) -> Outcome:
        request = self._request()
        self.verification = self._new("ver")
        view = View(self.world.log)
        quoted = quote(view, request, creator=self._id("pty", "C"), at=self.world.log.now)
        command = VerifyGeneration(verification=self.verification, request=request)
        found = self._say(command, "C")
        found.quote = quoted
        return found

    def authorizes_verified(self) -> Outcome:
        return self._say(AuthorizeGeneration(verification=self.verification), "C")

    def authorizes(self) -> Outcome:
        request = self._request()
        return self._say(AuthorizeGeneration(verification=self._new("ver"), request=request), "C")

    def upgrades(self, tier: str) -> Outcome:
        prior = self.generation
        request = self._request(tier=tier, upgrades=prior)
        return self._say(AuthorizeGeneration(verification=self._new("ver"), request=request), "C")

    def cancels(self) -> Outcome:
        return self._say(CancelGeneration(generation=self.generation), "C")

    def revokes(self, who: str, asset: str) -> Outcome:
        command = RevokeConsent(party=self._id("pty", who), asset=self._asset(asset))
        return self._say(command, who)

    def revokes_everything(self, who: str) -> Outcome:
        return self._say(RevokeConsent(party=self._id("pty", who), everything=True), who)

    def claims(self, who: str, fraction: str, asset: str) -> Outcome:
        log = self.world.log
        before = log.head()
        self.world.claim(_name(asset), who, fraction)
        return Outcome("done", tuple(row.event for row in log.recorded[before:]))

    def consents(self, who: str, asset: str) -> Outcome:
        self.world.consent(f"{who}'s own", who, [_name(asset)])
        return Outcome("done")

    def passes(self, count: str) -> Outcome:
        self.world.log.at(self.world.log.now + timedelta(minutes=int(count)))
        return Outcome("done")

    def comes_back(self, songs: str) -> Outcome:
        """The worker finishes, and the finisher reads a manifest that names these songs."""
        authorized = self.world.log.ask(GENERATION, self.generation).authorized
        assert authorized is not None
        named = [self._id("rec", song) for song in re.split(r", | and ", songs)]
        rows = tuple(
            row.model_copy(update={"recording": name})
            for row, name in zip(authorized.references, named, strict=True)
        )
        reading = {
            "urn": authorized.manifest_urn,
            "claim_signer_sha256": sha("certificate"),
            "references_sha256": references_sha256(rows),
            "ingredients": named,
            "audio": audio("output"),
            "failures": [],
        }
        command = ReportManifestRead.read(
            {
                "generation": self.generation,
                "output": self._new("out"),
                "finished": canonical.b64u(finished(authorized, self.world.log.now)),
                "reading": reading,
            }
        )
        return self._say(command, "process")

    def _say(self, command: Command, who: str) -> Outcome:
        said = self.world.log.say(command, by=self.world[who])
        if isinstance(said.decision, Repeated):
            return Outcome("repeated")
        answers = [ANSWERS[event.TOPIC] for event in said.events if event.TOPIC in ANSWERS]
        return Outcome(answers[-1] if answers else "done", said.events)

    def _request(self, **changed: Any) -> Request:
        asking = self.asking
        self.generation = self._new("gen")
        where = places(asking.where)
        data: dict[str, Any] = {
            "generation": self.generation,
            "references": [
                {
                    "recording": self._id("rec", row.song),
                    "use": row.level,
                    "parameters": list(row.parameters),
                    "role": row.role,
                    "weight": row.weight,
                    "stem": row.stem,
                    "by": row.by,
                }
                for row in asking.references
            ],
            "weights": asking.weights,
            "model": self._id("mod", asking.model),
            "tier": asking.tier,
            "purpose": asking.purpose,
            "channel": asking.channel,
            "territory": where[0] if len(where) == 1 else where,
            "seed": 7,
            "duration_ms": 30_000,
        }
        return Request.read(data | changed)

    def _new(self, prefix: str) -> str:
        self.count += 1
        return name_id(prefix, str(self.count))

    def _id(self, prefix: str, name: str) -> str:
        return self.world.id(prefix, name)

    def _asset(self, text: str) -> str:
        return self.world.asset(_name(text))


def finished(authorized: GenerationAuthorized, now: datetime, worker: str = "worker") -> bytes:
    """Return the worker's signed word that a generation is completed."""
    key = SigningKey(name_id("key", worker), hashlib.sha256(worker.encode()).digest())
    command = FinishGeneration.read(
        {
            "generation": authorized.generation,
            "outcome": "completed",
            "artifact_sha256": audio("output")["file_sha256"],
            "claim_signer_sha256": sha("certificate"),
        }
    )
    party = name_id("pty", "Operator")
    payload = {
        "actor": party,
        "after": None,
        "command": "FinishGeneration",
        "data": command.data(),
        "expires_at": format_instant(now + timedelta(minutes=10)),
        "id": name_id("cmd", f"finish {authorized.generation}"),
        "issued_at": format_instant(now),
        "ledger": ORIGIN,
        "mandate": None,
        "version": FinishGeneration.VERSION,
    }
    return sign_statement(payload, key, issuer=party, ledger=ORIGIN)


def _name(text: str) -> str:
    """Return `W1` for «the work of S1»."""
    work = text.removeprefix("the work of ")
    return work if work == text else "W" + work.removeprefix("S")
