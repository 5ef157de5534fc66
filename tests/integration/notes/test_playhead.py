"""The playhead: what is shown at a moment is what the file's manifest says of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ledger.provenance.reading import read_manifest
from schemas.manifest import Rendered
from tests.integration.notes.conftest import Made
from tests.kit.earning import earned
from tests.kit.instance import Place
from tests.support.browser import Opened, opened

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def intervals(noted: Place, tmp_path_factory: pytest.TempPathFactory) -> list[Rendered]:
    """Return what the file says, as read by the library that reads manifests."""
    with noted.open() as instance:
        facts = earned(noted)
        found = next(
            path
            for path in (noted.settings.artifacts).rglob("*")
            if path.is_file() and facts["generation"].encode() in path.read_bytes()
        )
        anchors = instance.credentials().anchors.read_text(encoding="ascii")
    reading = read_manifest(found, anchors_pem=anchors)
    assert reading.assertion is not None
    rendered = reading.assertion.rendered
    assert isinstance(rendered, tuple)
    assert len(rendered) > 5
    return list(rendered)


@pytest.fixture
def page(output: Made, browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    with opened(browser, output.write(tmp_path)) as found:
        yield found


def seek(found: Opened, seconds: float) -> None:
    found.page.evaluate(
        "at => { const range = document.getElementById('playhead'); range.value = at;"
        " range.dispatchEvent(new Event('input', {bubbles: true})); }",
        seconds,
    )


def shown(found: Opened) -> dict[int, str]:
    """Return the rows that sound, and the second of its song that each shows."""
    rows: list[Any] = found.page.evaluate(
        "[...document.querySelectorAll('#now tr')]"
        ".map(row => [row.dataset.row, row.cells[1]?.textContent])"
    )
    return {int(row): second for row, second in rows if row is not None}


def expected(intervals: list[Rendered], frame: int) -> dict[int, str]:
    """Say the same from the manifest: of each row the interval that began last."""
    found: dict[int, Rendered] = {}
    for one in intervals:
        if one.output.from_frame <= frame < one.output.until_frame:
            known = found.get(one.row)
            if known is None or known.output.from_frame <= one.output.from_frame:
                found[one.row] = one
    return {row: clock(one, frame) for row, one in found.items()}


def clock(one: Rendered, frame: int) -> str:
    out, source = one.output, one.source
    done = (frame - out.from_frame) * (source.until_frame - source.from_frame)
    at = source.from_frame + done // (out.until_frame - out.from_frame)
    tenths = at * 10 // RATE_HZ
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def test_every_tenth_of_a_second(page: Opened, intervals: list[Rendered]) -> None:
    for tenth in range(20):
        seek(page, tenth / 10)
        assert shown(page) == expected(intervals, tenth * RATE_HZ // 10), tenth
        assert page.page.inner_text("#clock") == f"0:{tenth // 10:02}.{tenth % 10}"


def play_slowly(found: Opened) -> None:
    """Let two seconds last twenty: whoever looks late must not find that it has ended."""
    found.page.evaluate("document.getElementById('audio').playbackRate = 0.1")


def test_it_plays_and_follows(page: Opened) -> None:
    seek(page, 0.0)
    play_slowly(page)
    page.page.click("#play")
    page.wait("document.getElementById('play').getAttribute('aria-label') === 'Pause'")
    page.wait("document.getElementById('audio').currentTime > 0.3")
    page.page.click("#play")
    page.wait("document.getElementById('audio').paused")
    at = page.page.evaluate("document.getElementById('audio').currentTime")
    shows = f"0:{int(at):02}.{int(at * 10) % 10}"
    page.wait(f"document.getElementById('clock').textContent === '{shows}'")


def test_it_moves_by_keyboard(page: Opened) -> None:
    page.page.focus("#playhead")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        page.page.keyboard.press(key)
    assert page.page.inner_text("#clock") == "0:00.3"
    page.page.keyboard.press("End")
    assert page.page.inner_text("#clock") == "0:02.0"
    page.page.keyboard.press("Home")
    assert page.page.inner_text("#clock") == "0:00.0"
    said = page.page.get_attribute("#playhead", "aria-valuetext")
    assert said is not None
    assert "Song 17194" in said
    play_slowly(page)
    page.page.keyboard.press(" ")
    page.wait("!document.getElementById('audio').paused")


def test_the_lanes_that_sound_are_marked_by_more_than_color(page: Opened) -> None:
    seek(page, 1.0)
    on = page.page.evaluate(
        "[...document.querySelectorAll('.lane')].map(lane => lane.classList.contains('on'))"
    )
    assert [place for place, is_on in enumerate(on) if is_on] == sorted(shown(page))
    names = page.page.evaluate(
        "[...document.querySelectorAll('.lane .name')].map(name => name.textContent)"
    )
    assert names == ["Song 17194: timbre", "Song 17189: melody (melody)"]
