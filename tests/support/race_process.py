"""A process that takes part in a race over consents, on a log that several processes write to.

python -m tests.support.race_process PLAN ROLE   roles: creator, holder, manager

The plan is a file (see `Plan`). A process says `ready`, begins when its standard input has a line,
and ends with its part; creators go on until the input ends.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.application import Application
from ledger.evidence.vkeys import NoteKey
from ledger.keys import read_instance_keys, read_key
from ledger.signing import LogSigning
from ledger.storage.contract import Reader
from ledger.storage.instants import utc_now
from ledger.storage.opening import Storage
from ledger.storage.records import Prepared
from ledger.storage.registers import open_register
from ledger.storage.vault import read_master_key
from ledger.storage.writer import Writer
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.commands.parties import GrantMandate, RevokeMandate
from schemas.events.base import Event
from schemas.events.consents import ConsentGranted
from schemas.events.generations import GenerationAuthorized
from schemas.events.verifications import GenerationRefused
from schemas.ids import new_id
from schemas.refusals import Conflict, Malformed
from schemas.terms import Consent
from service.facts import InstanceFacts
from service.speaker import Speaker
from tests.kit.instance import Piece, Place
from tests.kit.words import WORLD, consent
from tests.support.patience import PATIENCE_S

PAUSE_S = 0.03
LOOK_S = 0.002
CREATORS = 2  # threads in each creators' process


@dataclasses.dataclass(frozen=True)
class Plan:
    """Where the log lies, one mandate for each round, and whether what was read is guarded."""

    folder: str
    url: str
    mandates: list[str]
    guarded: bool

    def write(self, path: Path) -> None:
        """Write it down for the processes."""
        path.write_text(json.dumps(dataclasses.asdict(self)))


class Unguarded:
    """A writer that takes every decision for granted, whatever it had read."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def submit(self, work: Prepared) -> Any:
        return self._writer.submit(dataclasses.replace(work, guard={}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class Racer:
    """An open log, and who speaks to it from this process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.place = Place(Path(plan.folder))
        settings = self.place.settings
        self.facts = InstanceFacts.load(settings.instance)
        keys = read_instance_keys(settings.keys)
        log_key = NoteKey(self.facts.origin, keys.checkpoint)
        self.log = Storage(
            plan.url,
            register=open_register(settings.register, (log_key.verifier,)),
            log_key=log_key,
            master_key=read_master_key(settings.master_key),
        )
        writer: Any = self.log.writer if plan.guarded else Unguarded(self.log.writer)
        self.application = Application(
            self.log.store,
            writer,
            origin=self.facts.origin,
            signing=LogSigning.of(self.facts.origin, keys),
        )

    def speaker(self, party: str) -> Speaker:
        key = read_key(self.place.settings.keyring / f"{party}.key")
        return Speaker(self.application, party, key, utc_now)

    def head(self) -> int:
        """Return what this process knows of the visible head."""
        return self.log.visible.position

    def say(self, party: str, command: Any, **more: Any) -> bool:
        """Say it until it is heard; False if it may not be said."""
        speaker = self.speaker(party)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                speaker.say(command, **more)
            except Conflict:
                continue
            except Malformed:
                return False
            return True
        raise AssertionError("never heard")


def create(racer: Racer, stop: threading.Event) -> None:
    """Ask for one generation after the other, out of both songs."""
    world: Any = SimpleNamespace(facts=racer.facts)
    while not stop.is_set():
        request = racer.place.request(world)
        command = AuthorizeGeneration(verification=new_id("ver"), request=request)
        racer.say(racer.place.creator, command)


def hold(racer: Racer) -> None:
    """Round after round: let a mandate be used and consents be cited, then revoke.

    However slow the others are, everybody has a part in it: something is authorized and something
    granted under the first mandate before it ends, and something refused after that.
    """
    first, second = racer.place.pieces
    for number, mandate in enumerate(racer.plan.mandates):
        piece = (first, second)[number % 2]
        racer.say(first.holder, mandate_to(racer, first, mandate))
        names = [grant(racer, one) for one in (first, second)][number % 2]
        if number == 0:
            since = racer.head()
            _wait_for_one(racer, GenerationAuthorized, since)
            _wait_for_one(racer, ConsentGranted, since)  # the manager's
        time.sleep(PAUSE_S * (1 + number % 4))
        targets: tuple[dict[str, Any], ...] = (
            {"consent": names[0]},
            {"everything": True},
            {"asset": piece.recording},
            {"consent": names[1]},
            {"asset": piece.work},
        )
        target = targets[number % len(targets)]
        racer.say(piece.holder, RevokeConsent(party=piece.holder, **target))
        if number == 0:
            _wait_for_one(racer, GenerationRefused, 0)  # of the same again there is no entry
        racer.say(first.holder, RevokeMandate(mandate=mandate, reason="The round is over."))


def manage(racer: Racer) -> None:
    """Grant consents under each mandate from when it is there until it is refused."""
    piece, _ = racer.place.pieces
    for mandate in racer.plan.mandates:
        _wait_for(racer, f"mandate:{mandate}")
        said = True
        while said:
            words = consent(
                new_id("cns"), piece.holder, {"works": [piece.work]}, capacity="publisher"
            )
            command = GrantConsent(consent=Consent.read(words))
            said = racer.say(manager_of(racer.place), command, mandate=mandate)


def manager_of(place: Place) -> str:
    """Return who acts for the first song's holder: the second's."""
    return place.pieces[1].holder


def mandate_to(racer: Racer, piece: Piece, mandate: str) -> GrantMandate:
    """Return the command that lets the manager grant publishing consents."""
    return GrantMandate.read(
        {
            "mandate": mandate,
            "grantor": piece.holder,
            "mandatee": manager_of(racer.place),
            "capacities": ["publisher"],
            "uses": ["song", "parameter", "audio", "temporal"],
            "territories": WORLD,
        }
    )


def grant(racer: Racer, piece: Piece) -> tuple[str, str]:
    """Revoke whatever there is, and grant a consent for each side of a song anew."""
    racer.say(piece.holder, RevokeConsent(party=piece.holder, everything=True))
    names = new_id("cns"), new_id("cns")
    sides = (("owner", {"recordings": [piece.recording]}), ("publisher", {"works": [piece.work]}))
    for name, (capacity, applies_to) in zip(names, sides, strict=True):
        words = consent(name, piece.holder, applies_to, capacity=capacity)
        racer.say(piece.holder, GrantConsent(consent=Consent.read(words)))
    return names


def _wait_for(racer: Racer, tag: str) -> None:
    _look_until(racer, lambda reader: reader.last_position(tag) > 0, tag)


def _wait_for_one(racer: Racer, kind: type[Event], since: int) -> None:
    """Wait until an event of a kind is visible behind a position."""
    query = DCBQuery(items=[DCBQueryItem(types=[kind.TOPIC])])
    _look_until(racer, lambda reader: reader.matches(query, after=since), kind.TOPIC)


def _look_until(racer: Racer, is_so: Callable[[Reader], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with suppress(Conflict), racer.log.snapshot() as reader:
            if is_so(reader):
                return
        time.sleep(LOOK_S)
    raise AssertionError(f"{what} never came")


def main(plan: Path, role: str) -> None:
    """Take part."""
    racer = Racer(Plan(**json.loads(plan.read_text())))
    with racer.log:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        if role == "creator":
            stop = threading.Event()
            threads = [threading.Thread(target=create, args=(racer, stop)) for _ in range(CREATORS)]
            for thread in threads:
                thread.start()
            sys.stdin.read()
            stop.set()
            for thread in threads:
                thread.join()
        else:
            {"holder": hold, "manager": manage}[role](racer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
