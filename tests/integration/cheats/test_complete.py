"""A saved document about a subject: proven offline, and every way to forge it refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.evidence.complete import prove_complete, read
from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.evidence.policy import Policy, parse_policy
from ledger.evidence.vkeys import NoteKey
from schemas.commands.consents import RevokeConsent
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.identity import Tokens
from service.inprocess import InProcess
from tests.kit.instance import ORIGIN, Place, make

Document = dict[str, Any]


class Town:
    """An instance with two roots of the index, asked by its holder over HTTP."""

    def __init__(self, place: Place) -> None:
        self.place = place
        with place.open() as instance:
            place.authorize(instance)
            assert instance.indexer.publish() is not None
            self.first = instance.feed.visible_head()
            one, other = place.pieces
            instance.speaker(one.holder).say(RevokeConsent(party=one.holder, everything=True))
            assert instance.indexer.publish() is not None
            self.policy = parse_policy(f"log {instance.facts.checkpoint_vkey}\nquorum none\n")
            token = Tokens(place.settings.tokens).issue(one.holder, ["holder"], "holder")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(
                transport=InProcess(instance), base_url="http://here", headers=headers
            ) as http:
                self.all = http.get(f"/v1/index/{one.recording}").json()
                self.party = http.get(f"/v1/index/{one.holder}?after={self.first}").json()
                self.other = http.get(f"/v1/index/{other.recording}?after={self.first}").json()
                answer = http.get(f"/v1/index/{new_id('rec')}")
                self.unknown, self.said_of_unknown = answer.json(), answer.headers["Ledger-Subject"]
                self.said_of_known = http.get(f"/v1/index/{one.recording}?until={self.first}")
                self.early = http.get(f"/v1/index/{one.recording}?until=3")
                self.reversed = http.get(f"/v1/index/{one.recording}?after=9&until=3")
                self.bad = http.get("/v1/index/nothing")
                self.diff = http.get("/v1/audit/diff?older=5")
            with httpx.Client(transport=InProcess(instance), base_url="http://here") as nobody:
                self.nobody = nobody.get(f"/v1/index/{one.recording}")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(make(tmp_path_factory.mktemp("complete") / "place"))


def proven(document: Document, policy: Policy) -> Any:
    return prove_complete(read(json.dumps(document).encode()), policy)


def test_everything_that_touched_a_recording_is_proven(town: Town) -> None:
    found = proven(town.all, town.policy)
    assert found.positions == tuple(town.all["positions"])
    assert found.total == len(found.positions) > 5
    assert (found.older, found.ledger) == (0, ORIGIN)


def test_between_two_roots_only_what_came_between_is_listed(town: Town) -> None:
    found = proven(town.party, town.policy)
    assert len(found.positions) == 1, "the revocation"
    assert found.older < town.first <= found.positions[0] <= found.newer


def test_whether_the_log_knows_a_subject_is_said_beside_the_proof(town: Town) -> None:
    assert town.said_of_unknown == "unknown"
    assert town.said_of_known.headers["Ledger-Subject"] == "known"
    assert "known" not in town.unknown, "it is no part of what is proven"


def test_non_use_between_two_roots_and_since_the_beginning(town: Town) -> None:
    assert proven(town.other, town.policy).positions == ()
    found = proven(town.unknown, town.policy)
    assert (found.positions, found.total) == ((), 0)


def test_what_cannot_be_asked(town: Town) -> None:
    assert (town.early.status_code, town.early.json()["code"]) == (410, "history_unavailable")
    assert town.reversed.status_code == 400
    assert town.bad.status_code == 400
    assert town.nobody.status_code == 401
    assert (town.diff.status_code, town.diff.json()["code"]) == (403, "role_missing")


def swap_positions(found: Document) -> None:
    found["positions"][0] += 1


def leave_one_out(found: Document) -> None:
    found["positions"].pop()


def add_one(found: Document) -> None:
    found["positions"] = sorted({*found["positions"], 1})


def another_subject(found: Document) -> None:
    found["subject"] = new_id("rec")


def cut_the_way(found: Document) -> None:
    found["after"]["siblings"] = found["after"]["siblings"][:-1]


def lengthen_the_way(found: Document) -> None:
    found["after"]["siblings"] = [*found["after"]["siblings"], "00" * 32]


def no_leaf(found: Document) -> None:
    found["after"]["leaf"] = None
    found["positions"] = []


def fewer_in_the_leaf(found: Document) -> None:
    raw = bytearray.fromhex(found["after"]["leaf"])
    raw[40] -= 1
    found["after"]["leaf"] = raw.hex()


def another_entry(found: Document) -> None:
    raw = bytearray(found["after"]["entry"].encode())
    raw[200] = ord("A") if raw[200] != ord("A") else ord("B")
    found["after"]["entry"] = raw.decode()


def another_place(found: Document) -> None:
    found["after"]["position"] -= 1


def another_ledger(found: Document) -> None:
    found["ledger"] = "other.example/1"


def a_member_more(found: Document) -> None:
    found["note"] = "believe me"


FORGERIES = [
    swap_positions,
    leave_one_out,
    add_one,
    another_subject,
    cut_the_way,
    lengthen_the_way,
    no_leaf,
    fewer_in_the_leaf,
    another_entry,
    another_place,
    another_ledger,
    a_member_more,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
def test_a_forged_document_is_refused(town: Town, forge: Callable[[Document], None]) -> None:
    forged = json.loads(json.dumps(town.all))
    forge(forged)
    with pytest.raises(EvidenceError):
        proven(forged, town.policy)


def test_an_older_root_dropped_does_not_make_a_short_list_whole(town: Town) -> None:
    forged = {**town.party, "before": None}
    with pytest.raises(EvidenceError, match="not what the index counted"):
        proven(forged, town.policy)


def test_roots_in_the_wrong_order_prove_nothing(town: Town) -> None:
    forged = {**town.party, "before": town.party["after"], "after": town.party["before"]}
    with pytest.raises(EvidenceError):
        proven(forged, town.policy)
    with pytest.raises(EvidenceError):
        proven({**forged, "positions": []}, town.policy)


def test_two_roots_under_two_checkpoints_are_refused(town: Town) -> None:
    older = json.loads(json.dumps(town.party))
    older["before"]["proof"] = older["before"]["proof"].replace(
        "— ", "— other.example/x AAAAAAAA\n— ", 1
    )
    with pytest.raises(EvidenceError):
        proven(older, town.policy)


def test_another_log_and_missing_witnesses_are_told_apart(town: Town) -> None:
    stranger = NoteKey(ORIGIN, SigningKey.generate(new_id("key"))).vkey
    with pytest.raises(EvidenceError):
        proven(town.all, parse_policy(f"log {stranger}\nquorum none\n"))
    log = town.policy.logs[0].text if hasattr(town.policy.logs[0], "text") else town.policy.logs[0]
    witness = "w.example/py+fddc097a+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
    with pytest.raises(NotWitnessedError):
        proven(town.all, parse_policy(f"log {log}\nwitness w {witness}\nquorum w\n"))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b'{"format":"linernotes-complete/1"}'])
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    with pytest.raises(EvidenceError):
        read(raw)


def test_a_copy_restores_the_same_document(town: Town, tmp_path: Path) -> None:
    """Any enrolled party recomputes it: another reader of the log gets the same list and root."""
    copy = town.place.copy(tmp_path / "copy")
    one = copy.pieces[0]
    with copy.open() as instance:
        token = Tokens(copy.settings.tokens).issue(copy.creator, ["creator"], "creator")
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(
            transport=InProcess(instance), base_url="http://here", headers=headers
        ) as http:
            assert http.get(f"/v1/index/{one.recording}").json() == town.all
