"""A log as the ledger writes it all day, without a sound: what the audit's benchmarks read.

A real instance is founded, two songs are registered with everyone's consent, and then generations
live through their three commands, from many clients at once: verified, authorized by citing that,
completed by the worker's word and what the finisher read. Nothing is rendered: the commands are
those of a file that says what was authorized, signed by the keys that sign them in earnest.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.audit import StoreLog
from ledger.audit.export import ExportLog, export
from ledger.keys import read_key
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.generations import (
    AuthorizeGeneration,
    FinishGeneration,
    ReportManifestRead,
    VerifyGeneration,
)
from schemas.events.generations import GenerationAuthorized
from schemas.ids import new_id
from service.instance import Instance, Speaker
from tests.kit.demand import CERTIFICATE, reading
from tests.kit.instance import Place, make, signed
from tests.kit.words import audio

GENERATIONS = 600
"""Six entries and three statements each."""

CLIENTS = 16


@contextmanager
def exported() -> Iterator[ExportLog]:
    """Give an export of a fresh log with every statement and opening; gone afterwards."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        place = make(folder / "place")
        with place.open() as instance:
            with ThreadPoolExecutor(CLIENTS) as clients:
                list(clients.map(lambda _: live(instance, place), range(GENERATIONS)))
            log = StoreLog(instance.store, origin=instance.facts.origin)
            export(log, folder / "export", vkey=instance.facts.checkpoint_vkey)
        yield ExportLog(folder / "export")


def live(instance: Instance, place: Place) -> None:
    """Have one generation verified, authorized and completed."""
    creator, verification = instance.speaker(place.creator), new_id("ver")
    request = place.request(instance)
    creator.say(VerifyGeneration(verification=verification, request=request))
    answer = creator.say(AuthorizeGeneration(verification=verification))
    event = GenerationAuthorized.read(answer.entries[0].data, recorded=True)
    finished = {
        "generation": event.generation,
        "outcome": "completed",
        "artifact_sha256": audio("output")["file_sha256"],
        "claim_signer_sha256": CERTIFICATE,
    }
    report = {
        "generation": event.generation,
        "output": new_id("out"),
        "finished": canonical.b64u(workers_word(instance, FinishGeneration.read(finished))),
        "reading": reading(event),
    }
    instance.say_by_process(ReportManifestRead.read(report), new_id("cmd"), ())


def workers_word(instance: Instance, command: Command) -> bytes:
    """Return a statement that the instance's worker has signed."""
    party = instance.facts.worker_party
    key = read_key(instance.settings.keyring / f"{party}.key")
    return signed(Speaker(instance.application, party, key, instance.clock), command).raw
