"""Erasure over the whole thread: what is gone, what stays, and what the law keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import StoreLog, audit
from ledger.evidence.policy import parse_policy
from ledger.evidence.prove import prove
from projections.digest import digest
from projections.rebuild import rebuild
from projections.royalties.queries import trial_balance
from projections.sql import statements
from projections.standard import standard
from projections.tables import Tables
from schemas.commands.erasure import RequestErasure
from schemas.commands.generations import VerifyGeneration
from schemas.ids import new_id
from schemas.refusals import Malformed
from service.instance import Instance
from service.speaking import Private
from tests.kit.earning import ACCOUNT, earn
from tests.kit.instance import Place, make

NAME = "Robin Vale"
PROMPT = "a-prompt-that-nobody-else-would-write"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("template") / "place")
    with place.open() as instance:
        private = Private()
        prompt = private.commit("/request/prompt", PROMPT)
        request = place.request(instance, prompt=prompt.data())
        instance.speaker(place.creator).say(
            VerifyGeneration(verification=new_id("ver"), request=request),
            openings=private.openings,
        )
        place.authorize(instance)
    earn(place)
    return place


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


def everything_stored(place: Place) -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the instance and its register, keys of the parties' own left out."""
    for path in place.folder.rglob("*"):
        if path.is_file() and path.name != "cast.json":
            yield path, path.read_bytes()


def digests(instance: Instance) -> dict[str, str]:
    instance.runner.catch_up()
    with instance.database.read() as connection:
        return {
            one.NAME: digest(Tables(connection, statements(one.NAME)))
            for one in standard(instance.feed)
        }


def erase(place: Place, instance: Instance) -> list[str]:
    creator = instance.speaker(place.creator)
    answer = creator.say(RequestErasure(party=place.creator, basis="gdpr_article_17"))
    return [entry.type for entry in answer.entries]


def test_erasing_leaves_every_leaf_proof_balance_and_digest_as_it_was(place: Place) -> None:
    with place.open() as instance:
        before, owed = digests(instance), trial_balance(instance.readings).rows
        with instance.store.snapshot() as reader:
            leaves = [row.data for row in reader.read_after(0, 10_000)]
        size = len(leaves)
        assert erase(place, instance) == ["ErasureRequested", "OpeningsErased"]
        with instance.store.snapshot() as reader:
            assert [row.data for row in reader.read_after(0, 10_000)][:size] == leaves
        assert trial_balance(instance.readings).rows == owed
        after = digests(instance)
        moved = {name for name in before if before[name] != after[name]}
        assert moved <= {"index"}, "only the index saw the entries of the erasure itself"


def test_a_rebuild_after_an_erasure_gives_the_same_digests(place: Place) -> None:
    with place.open() as instance:
        erase(place, instance)
        live = digests(instance)
        for projection in standard(instance.feed):
            rebuilt = rebuild(instance.database, instance.feed, projection)
            assert rebuilt.equal, projection.NAME
        assert digests(instance) == live


def test_what_was_erased_is_nowhere(place: Place) -> None:
    with place.open() as instance:
        with instance.store.snapshot() as reader:
            openings = [
                opening.value
                for row in reader.read_after(0, 10_000)
                for opening in reader.openings(row.event_id or "")
            ]
        assert NAME in openings
        assert PROMPT in openings
        erase(place, instance)
        with instance.store.snapshot() as reader:
            left = [
                opening.value
                for row in reader.read_after(0, 10_000)
                for opening in reader.openings(row.event_id or "")
            ]
        assert NAME not in left
        assert PROMPT not in left
        assert place.creator not in left
    for path, raw in everything_stored(place):
        for value in (NAME, PROMPT):
            assert value.encode() not in raw, f"{value} is still in {path}"


def test_the_reading_models_forget_too(place: Place) -> None:
    with place.open() as instance:
        erase(place, instance)
        before = digests(instance)
        assert creators_in_tables(place) != 0
        assert instance.forgetting.forget()
        assert not instance.forgetting.forget(), "once is enough"
        assert creators_in_tables(place) == 0
        assert digests(instance) == before
    with place.open(work=True) as again:
        again.scheduler.turn()
        assert creators_in_tables(place) == 0


def creators_in_tables(place: Place) -> int:
    """Count the rows that say what the creator made or owes.

    That there is such a party is public (catalog, index): a pseudonym without a name.
    """
    found = 0
    with closing(sqlite3.connect(place.settings.database)) as database:
        names = ("royalties_%", "provenance_%")
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not any(table.startswith(name[:-1]) for name in names):
                continue
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - our own names
                found += any(place.creator in str(value) for value in row)
    return found


def test_the_audit_counts_what_is_not_open_any_more(place: Place) -> None:
    with place.open() as instance:
        erase(place, instance)
        report = audit(
            StoreLog(instance.store, origin=instance.facts.origin), instance.facts.checkpoint_vkey
        )
    assert (report.findings, report.differ) == ([], 0)
    # A verification, two authorizations, and the completions of both generations.
    assert report.not_open == 5


def test_the_ledger_goes_on_after_an_erasure(place: Place) -> None:
    with place.open(work=True) as instance:
        erase(place, instance)
        generation = place.authorize(instance)
        assert generation
    with place.open() as again:
        assert again.feed.visible_head() > 0


def test_records_of_payments_are_kept_while_something_is_unpaid(place: Place) -> None:
    with place.open() as instance:
        holder = instance.speaker(place.pieces[0].holder)
        answer = holder.say(RequestErasure(party=holder.party, basis="own_request"))
        topics = ["ErasureRequested", "OpeningsErased", "ErasureRefused"]
        assert [row.type for row in answer.entries] == topics
        assert answer.entries[1].data["subjects"] == [holder.party]
        assert "unpaid" in answer.entries[2].data["reason"]
        with instance.store.snapshot() as reader:
            (row,) = [
                row
                for row in reader.events(f"money:{holder.party}")
                if row.type == "PayeeDetailsReplaced"
            ]
            (kept,) = reader.openings(row.event_id or "")
        assert kept.value == ACCOUNT


def test_an_erasure_leaves_a_receipt(place: Place) -> None:
    with place.open() as instance:
        creator = instance.speaker(place.creator)
        answer = creator.say(RequestErasure(party=place.creator, basis="gdpr_article_17"))
        policy = parse_policy(f"log {instance.facts.checkpoint_vkey}\nquorum none\n")
        for entry in answer.entries:
            assert prove(entry.entry, entry.proof, policy).position == entry.position


def test_nobody_erases_another(place: Place) -> None:
    with place.open() as instance:
        holder = instance.speaker(place.pieces[0].holder)
        with pytest.raises(Malformed, match="not_controller"):
            holder.say(RequestErasure(party=place.creator, basis="own_request"))
