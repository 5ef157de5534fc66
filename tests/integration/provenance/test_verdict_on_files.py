"""From real files to verdicts, and the worker that lies: nothing here is read from a fixture."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from generation.embedding import embed
from ledger.provenance.match import MismatchError, require_match
from ledger.provenance.record import LedgerRecord, License, Question, look_up
from ledger.provenance.verdict import Verdict, give_verdict
from schemas.ids import new_id
from schemas.terms import AuthorizedReference
from service.authority import issue_worker
from tests.support.forgery import resign
from tests.support.signed_files import (
    POSITION,
    Studio,
    expired_signer,
    now,
    two_references,
    write_sound,
)

QUESTION = Question("private", "download", "DE", now())


@dataclass
class Ledger:
    """What a ledger knows of one generation, finished as contracts.md section 8 says."""

    studio: Studio
    generation: str = field(default_factory=lambda: new_id("gen"))
    rows: tuple[AuthorizedReference, ...] = field(default_factory=two_references)
    known: LedgerRecord | None = None

    def authorize(self) -> None:
        self.known = LedgerRecord(
            generation=self.generation,
            status="authorized",
            authorized=self.studio.authorized(self.generation, self.rows),
            head=POSITION,
            found_by="urn",
            licenses=(License("private", "download", frozenset({"DE"}), POSITION),),
        )

    def finish(self, path: Path) -> None:
        """Read the file as the finisher does; raise unless it is what was authorized."""
        assert self.known is not None
        reading = self.studio.read(path)
        require_match(self.known.authorized, reading)
        assert reading.frames is not None
        self.known = replace(
            self.known,
            status="completed",
            head=16,
            completed_at=14,
            embedded_at=15,
            accrued_at=16,
            output=new_id("out"),
            claim_sha256=reading.claim_sha256,
            file_sha256=reading.file_sha256,
            frames_sha256=reading.frames.sha256,
            decoder=reading.frames.decoder,
        )

    def by_urn(self, urn: str) -> LedgerRecord | None:
        return self._found("urn", self.known is not None and urn == self.known.authorized.urn)

    def by_file(self, file_sha256: str) -> LedgerRecord | None:
        return self._found("file", self.known is not None and file_sha256 == self.known.file_sha256)

    def by_frames(self, frames_sha256: str, decoder: str) -> LedgerRecord | None:
        frames = (frames_sha256, decoder)
        same = self.known is not None and frames == (self.known.frames_sha256, self.known.decoder)
        return self._found("frames", same)

    def _found(self, how: Any, same: bool) -> LedgerRecord | None:  # noqa: FBT001  # a helper
        return replace(self.known, found_by=how) if self.known is not None and same else None

    def inspect(self, path: Path) -> Verdict:
        reading = self.studio.read(path)
        return give_verdict(reading, look_up(reading, self), QUESTION)


@pytest.fixture
def ledger(studio: Studio) -> Ledger:
    made = Ledger(studio)
    made.authorize()
    return made


@pytest.fixture
def output(ledger: Ledger, studio: Studio) -> Path:
    path = studio.sign(ledger.generation, ledger.rows).path
    ledger.finish(path)
    return path


def told(verdict: Verdict) -> tuple[str, int]:
    return verdict.code, verdict.exit_code


def test_untouched(ledger: Ledger, output: Path) -> None:
    verdict = ledger.inspect(output)
    assert told(verdict) == ("allowed", 0)
    assert verdict.contains_ai.contains_ai == "Partly"
    assert verdict.as_of == 16


def test_tampered(ledger: Ledger, output: Path) -> None:
    raw = bytearray(output.read_bytes())
    raw[5000] ^= 1
    output.write_bytes(raw)
    assert told(ledger.inspect(output)) == ("audio_altered", 3)


def test_bytes_appended(ledger: Ledger, output: Path) -> None:
    output.write_bytes(output.read_bytes() + b"more")
    assert told(ledger.inspect(output)) == ("audio_altered", 3)


def test_weights_edited_in_the_assertion(ledger: Ledger, output: Path) -> None:
    raw = output.read_bytes()
    edited = raw.replace(b'"weight":"1/2"', b'"weight":"1/9"')
    assert edited != raw
    output.write_bytes(edited)
    assert told(ledger.inspect(output)) == ("manifest_altered", 3)


def test_other_audio_under_the_same_manifest(ledger: Ledger, output: Path) -> None:
    raw = output.read_bytes()
    start = raw.index(b"data") + 8
    output.write_bytes(raw[:start] + raw[start : start + 40_000][::-1] + raw[start + 40_000 :])
    assert told(ledger.inspect(output)) == ("audio_altered", 3)


def test_re_encoded(ledger: Ledger, output: Path, studio: Studio) -> None:
    frames, rate = soundfile.read(output)
    soundfile.write(studio.folder / "again.mp3", frames, rate)
    verdict = ledger.inspect(studio.folder / "again.mp3")
    assert told(verdict) == ("no_manifest", 2)
    assert verdict.ledger_says.code == "unknown"
    assert verdict.contains_ai.contains_ai is None


def test_stripped_without_loss(ledger: Ledger, output: Path, studio: Studio) -> None:
    frames, rate = soundfile.read(output, dtype="int16")
    soundfile.write(studio.folder / "stripped.wav", frames, rate)
    verdict = ledger.inspect(studio.folder / "stripped.wav")
    assert told(verdict) == ("manifest_missing", 2)
    assert verdict.ledger_says.code == "known_by_sound"
    assert verdict.contains_ai.code == "recorded"


def test_never_signed(ledger: Ledger, output: Path, studio: Studio) -> None:
    other = studio.folder / "other.wav"
    soundfile.write(other, np.zeros((480, 1), np.int16), 48_000)
    assert told(ledger.inspect(other)) == ("no_manifest", 2)


def test_a_strangers_file(ledger: Ledger, stranger: Studio) -> None:
    path = stranger.sign(new_id("gen"), two_references()).path
    assert told(ledger.inspect(path)) == ("untrusted_signer", 2)


def test_a_stranger_under_our_name(ledger: Ledger, output: Path, stranger: Studio) -> None:
    """Same URN, same rows, even the same organization in the certificate; another root."""
    path = stranger.sign(ledger.generation, ledger.rows).path
    assert told(ledger.inspect(path)) == ("other_file", 3)


def test_ours_and_never_completed(ledger: Ledger, studio: Studio) -> None:
    path = studio.sign(ledger.generation, ledger.rows).path
    assert told(ledger.inspect(path)) == ("not_completed", 2)


def test_ours_and_never_authorized(ledger: Ledger, studio: Studio) -> None:
    path = studio.sign(new_id("gen"), ledger.rows).path
    assert told(ledger.inspect(path)) == ("ledger_unknown", 2)


def test_an_expired_certificate(ledger: Ledger, output: Path, studio: Studio) -> None:
    expired = expired_signer(studio.credentials)
    output.write_bytes(resign(output.read_bytes(), expired.chain_pem, expired.key_pem))
    assert told(ledger.inspect(output)) == ("certificate_expired", 3)


def test_a_worker_that_embeds_one_reference_too_few(ledger: Ledger, studio: Studio) -> None:
    path = studio.sign(ledger.generation, ledger.rows[:1]).path
    with pytest.raises(MismatchError) as refused:
        ledger.finish(path)
    codes = {difference.code for difference in refused.value.differences}
    assert codes == {"row_missing", "ingredient_missing", "actions_differ"}
    assert told(ledger.inspect(path)) == ("not_completed", 2)


def test_a_worker_that_calls_copying_conditioning(ledger: Ledger, studio: Studio) -> None:
    hidden = ledger.rows[0].model_copy(update={"copied": False})
    path = studio.sign(ledger.generation, (hidden, ledger.rows[1])).path
    with pytest.raises(MismatchError) as refused:
        ledger.finish(path)
    codes = {difference.code for difference in refused.value.differences}
    assert codes == {"row_differs", "relationship_differs", "actions_differ"}


def test_a_worker_that_uses_an_authorization_twice(
    ledger: Ledger, output: Path, studio: Studio
) -> None:
    """Same URN, same rows, valid signature, other sound."""
    source = studio.folder / "second.wav"
    soundfile.write(source, np.zeros((4800, 1), np.int16), 48_000)
    manifest = studio.manifest(ledger.generation, ledger.rows)
    second = studio.folder / "second-signed.wav"
    embed(source, second, manifest, signer=studio.signer)
    assert told(ledger.inspect(second)) == ("other_file", 3)
    assert told(ledger.inspect(output)) == ("allowed", 0)


def test_a_worker_that_was_not_assigned(ledger: Ledger, output: Path, studio: Studio) -> None:
    other = issue_worker(
        studio.credentials.anchors.parent, worker=f"w{new_id('key')[-6:]}", at=now()
    )
    intruder = Studio(studio.folder, other)
    path = intruder.sign(ledger.generation, ledger.rows, name="intruder.wav").path
    with pytest.raises(MismatchError, match="signer_differs"):
        require_match(studio.authorized(ledger.generation, ledger.rows), studio.read(path))
    assert told(ledger.inspect(path)) == ("other_worker", 3)


def test_a_worker_that_invents_the_authorization(ledger: Ledger, studio: Studio) -> None:
    manifest = studio.manifest(ledger.generation, ledger.rows)
    manifest["assertions"][-1]["data"]["authorization"]["entry"] = "AAAA"
    path = studio.folder / "invented.wav"
    embed(write_sound(studio.folder / "m.wav"), path, manifest, signer=studio.signer)
    with pytest.raises(MismatchError, match="authorization_differs"):
        ledger.finish(path)
