"""The pages as they are made, opened from disk in a real browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.integration.notes.conftest import Made
from tests.kit.earning import earned
from tests.kit.instance import Place
from tests.support.browser import Opened, offline, opened

LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    {"color_scheme": "dark", "viewport": {"width": 1200, "height": 900}},
    {"color_scheme": "light", "viewport": {"width": 390, "height": 800}, "has_touch": True},
]


@pytest.fixture(params=["output", "statement"])
def either(request: pytest.FixtureRequest) -> Made:
    made: Made = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "narrow"])
def test_it_verifies_itself_and_asks_nobody(
    either: Made, browser: Browser, tmp_path: Path, look: dict[str, Any]
) -> None:
    path = either.write(tmp_path)
    with opened(browser, path, **look) as found:
        assert found.state == "verified", found.verdict
        assert {outcome for outcome, _ in found.steps()} <= {"passed", "skipped"}
        assert [url for url in found.asked if not url.startswith("blob:")] == [path.as_uri()]
        assert found.complaints == []
        width = found.page.evaluate("document.documentElement.scrollWidth")
        assert width == look["viewport"]["width"], "nothing sticks out"
        assert found.page.screenshot(full_page=True)


def test_without_scripts_it_says_that_it_shows_nothing(
    output: Made, browser: Browser, tmp_path: Path
) -> None:
    with offline(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(output.write(tmp_path).as_uri())
        assert "Without it there is nothing to see" in page.inner_text("noscript")
        assert not page.is_visible("#references-part")


def test_on_a_page_without_webcrypto_it_verifies_by_its_own_arithmetic(
    statement: Made, browser: Browser, tmp_path: Path
) -> None:
    with offline(browser) as context:
        context.add_init_script("Object.defineProperty(globalThis, 'crypto', {value: {}})")
        page = context.new_page()
        page.goto(statement.write(tmp_path).as_uri())
        Opened(page).wait_for("verified")


def test_it_shows_whose_music_is_in_it_and_who_said_yes(
    output: Made, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, output.write(tmp_path)) as found:
        rows = found.cells("#references tr")
        assert [row[0].split("\n")[0] for row in rows] == ["Song 17194", "Song 17189"]
        assert [row[3] for row in rows] == ["50 %\n1/2", "50 %\n1/2"]
        assert "Juniper & Daughters, as owner" in rows[0][4]
        assert "Halyard Records, as publisher" in rows[1][4]
        assert found.page.inner_text("h1") == "Made from “Song 17194” and “Song 17189”"


def test_it_shows_every_part_of_the_fee(output: Made, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, output.write(tmp_path)) as found:
        parts = [float(row[-1]) for row in found.cells("#money tr")]
        sums = {row[0]: row[-1] for row in found.cells("#money-sums tr")}
        assert len(parts) == 4
        assert f"{sum(parts):.6f}" == sums["To the owners"]
        assert set(sums) == {"To the owners", "Commission", "Fee that the creator owes"}


def test_a_statement_leads_every_cent_to_its_entry(
    statement: Made, browser: Browser, tmp_path: Path, noted: Place
) -> None:
    facts = earned(noted)
    with opened(browser, statement.write(tmp_path)) as found:
        lines = found.cells("#lines tr")
        position = statement.evidence["accruals"][0]["position"]
        assert {row[0] for row in lines} == {str(position)}
        assert {row[3] for row in lines} == {facts["generation"]}
        (total,) = found.cells("#lines-sum tr")
        assert f"{sum(float(row[-1]) for row in lines):.6f}" == total[-1]
        sums = {row[0]: row[1] for row in found.cells("#sums tr")}
        assert sums["Payable"] == f"{facts['payable']} EUR"


def test_no_page_says_who_the_creator_is(output: Made, statement: Made, noted: Place) -> None:
    for made in (output, statement):
        assert noted.creator not in made.text
        assert "Robin Vale" not in made.text


def test_a_receipt_saved_from_the_page_is_proven_by_the_command_line(
    output: Made, browser: Browser, tmp_path: Path, noted: Place
) -> None:
    with opened(browser, output.write(tmp_path)) as found:
        with found.page.expect_download() as waiting:
            found.page.click("#receipts button:has-text('GenerationAuthorized')")
        receipt = tmp_path / "receipt.json"
        waiting.value.save_as(receipt)
    policy = tmp_path / "policy.txt"
    policy.write_text(output.evidence["policy"])
    command = [sys.executable, "-c", "from service.cli import main; main()", "prove", str(receipt)]
    done = subprocess.run([*command, "--policy", str(policy)], capture_output=True, check=False)  # noqa: S603 - our own program
    assert done.returncode == 0, done.stderr
    assert b"GenerationAuthorized is at position" in done.stdout
