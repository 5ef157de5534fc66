"""A generation that lives to its end without a sound: verified, authorized, completed.

The commands are those of a file that says what was authorized, signed by the keys that sign them in
earnest; nothing is rendered.
"""

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
from tests.kit.instance import Place, signed
from tests.kit.words import audio


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
