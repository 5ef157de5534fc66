"""After an erasure no door serves what was erased, in the process that had it in its caches too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from ledger.audit import StoreLog
from ledger.audit.export import export
from schemas.commands.erasure import RequestErasure
from schemas.commands.generations import VerifyGeneration
from schemas.ids import new_id
from service.identity import Tokens
from service.inprocess import InProcess
from service.instance import Instance
from service.notes.pages import artifact_of, generation_page, statement_page
from service.speaking import Private
from tests.kit.earning import earn, earned
from tests.kit.instance import Place, make

NAME: Final = "Robin Vale"
PROMPT: Final = "a-prompt-that-nobody-else-would-write"
ENDLESS: Final = frozenset({"/v1/events/stream"})
"""What is served without end; `/v1/events` serves the same."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("served") / "place")
    with place.open() as instance:
        private = Private()
        prompt = private.commit("/request/prompt", PROMPT)
        command = VerifyGeneration(
            verification=new_id("ver"), request=place.request(instance, prompt=prompt.data())
        )
        instance.speaker(place.creator).say(command, openings=private.openings)
    earn(place)
    return place


class Reader:
    """Whoever has a token for everything, and asks for everything that there is."""

    def __init__(self, place: Place, instance: Instance) -> None:
        self.place = place
        self.instance = instance
        facts = instance.facts
        operator = ("operator", "auditor", "finance", "registrar", "streaming_service")
        tokens = Tokens(place.settings.tokens)
        self.whom = [
            tokens.issue(facts.operator_party, operator, "all"),
            tokens.issue(place.creator, ["creator"], "creator"),
            tokens.issue(place.pieces[0].holder, ["holder"], "holder"),
        ]
        self.http = httpx.Client(transport=InProcess(instance), base_url="http://here")

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Yield the body of every address of the documented API, as each of them is answered."""
        paths = self.http.get("/openapi.json").json()["paths"]
        given = self._given()
        for path, operations in paths.items():
            if "get" not in operations or path in ENDLESS:
                continue
            asked = operations["get"].get("parameters", [])
            within = [row["name"] for row in asked if row["in"] == "path"]
            query = {row["name"]: given[row["name"]][0] for row in asked if row.get("required")}
            query = {name: value for name, value in query.items() if name not in within}
            for values in product(*(given[name] for name in within)):
                address = path.format(**dict(zip(within, values, strict=True)))
                for token in self.whom:
                    headers = {"Authorization": f"Bearer {token}"}
                    yield address, self.http.get(address, params=query, headers=headers).content

    def _given(self) -> dict[str, list[Any]]:
        """Return what stands for each parameter: what the log knows of this creator and owner."""
        one, made = self.place.pieces[0], earned(self.place)
        positions = list(range(1, self.instance.feed.visible_head() + 1))
        size = positions[-1]
        sha256 = artifact_of(self.instance, made["generation"])
        tiles = [f"0/000.p/{size}", f"entries/000.p/{size}"]
        return {
            "generation": [made["generation"]],
            "sha256": [sha256],
            "output": ["out_01m8149t01e009901c3qje1b2z"],
            "consent": [one.master_consent],
            "share": ["shr_01m8149t01e009901c3qje1b2z"],
            "q": [NAME],
            "party": [self.place.creator, one.holder],
            "recording": [one.recording],
            "work": [one.work],
            "statement": [made["statement"]],
            "payout": ["pay_01m8149t01e009901c3qje1b2z"],
            "position": positions,
            "subject": [self.place.creator, one.recording],
            "older": [1],
            "path": tiles,
            "size": [size - 1],
            "kid": [self.instance.keys.checkpoint.kid],
            "slug": ["malformed"],
        }


def test_nothing_that_was_erased_is_served_any_more(place: Place, tmp_path: Path) -> None:
    with place.open() as instance:
        reader = Reader(place, instance)
        before = b"\0".join(body for _, body in reader.everything())
        for value in (NAME, PROMPT):
            assert value.encode() in before, f"{value} was served, or this proves nothing"
        creator = instance.speaker(place.creator)
        creator.say(RequestErasure(party=place.creator, basis="gdpr_article_17"))
        for address, body in reader.everything():
            for value in (NAME, PROMPT):
                assert value.encode() not in body, f"{value} is still served at {address}"
        made = earned(place)
        pages = (
            generation_page(instance, made["generation"], with_sound=False),
            statement_page(instance, made["statement"]),
        )
        log = StoreLog(instance.store, origin=instance.facts.origin)
        export(log, tmp_path / "export", vkey=instance.facts.checkpoint_vkey)
        files = [path for path in (tmp_path / "export").rglob("*") if path.is_file()]
        written = b"".join(path.read_bytes() for path in files)
        for value in (NAME, PROMPT):
            assert not any(value in page for page in pages)
            assert value.encode() not in written
