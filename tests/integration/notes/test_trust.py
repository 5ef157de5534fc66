"""Whom the reader trusts, and files that the reader brings."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from ledger.evidence.note import COSIGNER, NoteKey, cosign
from ledger.evidence.vkeys import VerifierKey
from schemas.envelope.keys import SigningKey
from service.notes import generation_page
from service.notes.sound import fill_sound
from tests.integration.notes.conftest import Made
from tests.kit.earning import earned
from tests.kit.instance import Place
from tests.support.browser import JUDGED, Opened, opened

WITNESS = NoteKey("witness.example/1", SigningKey("w", b"\x07" * 32), COSIGNER)


def check_again(found: Opened, policy: str) -> None:
    found.page.fill("#policy", policy)
    found.page.click("#trust button[type=submit]")
    found.wait(JUDGED)


def test_the_reader_trusts_another_log(output: Made, browser: Browser, tmp_path: Path) -> None:
    other = VerifierKey("ledger.example/2026", SigningKey("k", b"\x06" * 32).public)
    with opened(browser, output.write(tmp_path)) as found:
        assert found.state == "verified"
        check_again(found, f"log {other}\nquorum none\n")
        assert found.state == "failed"
        assert found.failed() == "Verify the log's signature on its state"
        assert not found.page.is_visible(".needs-checking")
        assert "Song" not in found.page.inner_text("main"), "nothing stays of what was shown before"
        found.page.click("#own-policy")
        found.wait_for("verified")


def test_the_reader_asks_for_a_witness_that_has_not_signed(
    output: Made, browser: Browser, tmp_path: Path
) -> None:
    policy = output.evidence["policy"].replace("quorum none", f"witness w {WITNESS.vkey}\nquorum w")
    with opened(browser, output.write(tmp_path)) as found:
        check_again(found, policy)
        assert found.state == "reserved"
        assert "not witnessed" in found.verdict
        assert ("skipped", "Count the witnesses") in found.steps()


def test_a_witness_has_signed(output: Made, browser: Browser, tmp_path: Path) -> None:
    evidence = output.evidence
    line = cosign(evidence["checkpoint"], WITNESS, time_s=1_790_000_000)
    evidence["checkpoint"] += f"{line}\n"
    evidence["policy"] = evidence["policy"].replace(
        "quorum none", f"witness w {WITNESS.vkey}\nquorum w"
    )
    with opened(browser, output.with_evidence(evidence).write(tmp_path)) as found:
        assert found.state == "verified"
        assert "w at 2026-09-21T14:13:20Z" in found.page.inner_text("#steps")


def test_a_pasted_policy_need_not_end_its_last_line(
    output: Made, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, output.write(tmp_path)) as found:
        check_again(found, output.evidence["policy"].strip())
        assert found.state == "verified"


def test_a_policy_that_is_none(output: Made, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, output.write(tmp_path)) as found:
        check_again(found, "trust everybody")
        assert found.failed() == "Read whom you trust"


def test_without_its_sound_the_page_asks_for_the_file(
    noted: Place, output: Made, browser: Browser, tmp_path: Path
) -> None:
    with noted.open() as instance:
        text = generation_page(instance, earned(noted)["generation"], with_sound=False)
    sound, other = tmp_path / "output.wav", tmp_path / "other.wav"
    sound.write_bytes(output.sound)
    other.write_bytes(output.sound[:-1])
    with opened(browser, Made(text).write(tmp_path)) as found:
        assert found.state == "verified"
        assert ("skipped", "Compare the sound with the log") in found.steps()
        assert found.page.is_disabled("#play")
        found.page.set_input_files("#file", other)
        found.wait_for("failed")
        assert found.failed() == "Compare the sound with the log"
    with opened(browser, Made(text).write(tmp_path)) as found:
        found.page.set_input_files("#file", sound)
        found.wait("!document.getElementById('play').disabled")
        assert found.state == "verified"
        assert ("passed", "Compare the sound with the log") in found.steps()
    assert fill_sound(text, sound) == output.text
