"""One instance on which something was earned and paid, its two pages, and one browser."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from service.notes import generation_page, statement_page
from tests.kit.earning import earn, earned
from tests.kit.instance import Place, make
from tests.support.browser import chromium

EVIDENCE = re.compile(
    r'(<script type="application/json" id="evidence">)(.*?)(</script>)', re.DOTALL
)
SOUND = re.compile(r'(<script [^>]* id="sound">)([A-Za-z0-9+/=]*)(</script>)')


@dataclass(frozen=True)
class Made:
    """A page as it was made, and ways to spoil it."""

    text: str

    @property
    def evidence(self) -> dict[str, Any]:
        found = EVIDENCE.search(self.text)
        assert found is not None
        evidence: dict[str, Any] = json.loads(found[2])
        return evidence

    @property
    def sound(self) -> bytes:
        found = SOUND.search(self.text)
        assert found is not None
        return base64.b64decode(found[2])

    def with_evidence(self, evidence: dict[str, Any]) -> Made:
        text = json.dumps(evidence).replace("<", "\\u003c")
        return Made(EVIDENCE.sub(lambda found: found[1] + text + found[3], self.text))

    def with_sound(self, sound: bytes) -> Made:
        text = base64.b64encode(sound).decode()
        return Made(SOUND.sub(lambda found: found[1] + text + found[3], self.text))

    def row(self, evidence: dict[str, Any], name: str) -> dict[str, Any]:
        """Return the row of the entry at the place that the evidence calls `name`."""
        position = evidence["places"][name]
        return next(row for row in evidence["entries"] if row["position"] == position)

    def write(self, folder: Path) -> Path:
        path = folder / "page.html"
        path.write_text(self.text, encoding="utf-8")
        return path


@pytest.fixture(scope="session")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("noted") / "place")
    earn(place)
    with place.open() as instance:
        assert instance.indexer.publish() is not None
    return place


@pytest.fixture(scope="session")
def output(noted: Place) -> Made:
    with noted.open() as instance:
        return Made(generation_page(instance, earned(noted)["generation"]))


@pytest.fixture(scope="session")
def statement(noted: Place) -> Made:
    with noted.open() as instance:
        return Made(statement_page(instance, earned(noted)["statement"]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the session: while it runs, no other test of this thread can have an event loop.
    with chromium() as found:
        yield found
