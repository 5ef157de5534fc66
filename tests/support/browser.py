"""A real browser for tests: Debian's Chromium through playwright, and what it did to a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.patience import PATIENCE_S, until

CHROMIUM: Final = Path("/usr/bin/chromium")

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


WAIT_MS: Final = 20
"""How often a page is asked whether something has come true."""

PATIENCE_MS: Final = PATIENCE_S * 1000
"""How long the browser may take for one thing on a busy machine."""

JUDGED: Final = "document.body.dataset.state !== 'checking'"
"""Whether a page has judged itself."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it; without it tests fail, and say what installs it."""
    assert CHROMIUM.exists(), "there is no Chromium on this machine: make browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=list(FLAGS), timeout=PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page opened from disk, with everything that it asked for and complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Return what the page says of itself: verified, reserved, failed."""
        return str(self.page.evaluate("document.body.dataset.state"))

    @property
    def verdict(self) -> str:
        """Return its verdict in words."""
        return " ".join(self.page.inner_text("#verdict").split())

    def steps(self) -> list[tuple[str, str]]:
        """Return the outcome and the title of each step."""
        rows: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('#steps li')]"
            ".map(li => [li.className, li.querySelector('.what').textContent])"
        )
        return [(outcome, title) for outcome, title in rows]

    def wait(self, expression: str) -> None:
        """Wait until an expression is true. By asking: the page's policy forbids `eval`."""

        def is_true() -> bool:
            found = bool(self.page.evaluate(expression))
            if not found:
                self.page.wait_for_timeout(WAIT_MS)
            return found

        until(is_true, expression)

    def wait_for(self, state: str) -> None:
        """Wait until the page says this of itself."""
        self.wait(f"document.body.dataset.state === '{state}'")

    def failed(self) -> str:
        """Return the title of the step that failed; empty if none did."""
        return next((title for outcome, title in self.steps() if outcome == "failed"), "")

    def cells(self, selector: str) -> list[list[str]]:
        """Return the texts of a table's rows."""
        found: list[list[str]] = self.page.evaluate(
            "name => [...document.querySelectorAll(name)]"
            ".map(row => [...row.cells].map(cell => cell.innerText.trim()))",
            selector,
        )
        return found


@contextmanager
def offline(browser: Browser, **how: Any) -> Iterator[BrowserContext]:
    """Give a context of its own without a network; it is waited for on a busy machine too."""
    with browser.new_context(offline=True, **how) as made:
        made.set_default_timeout(PATIENCE_MS)
        yield made


@contextmanager
def opened(browser: Browser, path: Path, **how: Any) -> Iterator[Opened]:
    """Open a file of this disk, without a network, and wait until it has judged itself."""
    with offline(browser, **how) as context:
        page = context.new_page()
        found = Opened(page)
        page.on("request", lambda request: found.asked.append(request.url))
        page.on("console", lambda message: found.complaints.append(message.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.goto(path.as_uri())
        found.wait(JUDGED)
        yield found
