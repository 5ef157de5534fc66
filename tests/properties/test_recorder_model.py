"""Our recorder against the library's in-memory one: any sequence of reads and appends agrees."""

import tempfile
from pathlib import Path

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.persistence import IntegrityError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import open_checkpoint
from ledger.evidence.tree import Tree, grow
from ledger.storage import matching
from tests.support.postgres_server import drop_database, fresh_database
from tests.support.storage_world import LOG_KEY, LogWorld

TYPES = st.sampled_from(["ConsentGranted", "ConsentRevoked", "naïve ☃", ""])
TAGS = st.sampled_from(["rights:a", "rights:b", "about:a", "about:b", "key:'; --", '"[]"', ""])
EVENTS = st.lists(
    st.builds(DCBEvent, TYPES, st.binary(max_size=20), st.lists(TAGS, max_size=5)),
    min_size=1,
    max_size=6,
)
QUERIES = st.builds(
    DCBQuery,
    st.lists(
        st.builds(DCBQueryItem, st.lists(TYPES, max_size=3), st.lists(TAGS, max_size=3)),
        max_size=3,
    ),
)
SOMEWHERE = st.none() | st.integers(0, 40)
LIMITS = st.none() | st.integers(0, 10)


class RecorderAgrees(RuleBasedStateMachine):
    """Does everything twice, and compares; the tree is checked against one grown here."""

    def make_database(self) -> str | None:
        """Return the URL of an empty log's database; None for a file."""
        return None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = LogWorld(Path(self.folder.name), self.make_database())
        self.log = self.world.create()
        self.model = InMemoryDCBRecorder()
        self.tree = Tree()
        self.page = matching.PAGE

    @initialize(page=st.sampled_from([1, 2, 3, 256]))
    def small_pages(self, page: int) -> None:
        # Pages of one or two positions, so that short logs cross their borders too.
        matching.PAGE = page  # type: ignore[misc]  # a constant, for everybody but this test

    @rule(events=EVENTS)
    def append(self, events: list[DCBEvent]) -> None:
        assert self.log.recorder.append(events) == self.model.append(events)
        self.grow(events)

    @rule(events=EVENTS, query=QUERIES, after=SOMEWHERE)
    def append_unless(self, events: list[DCBEvent], query: DCBQuery, after: int | None) -> None:
        condition = DCBAppendCondition(query, after)
        try:
            expected = self.model.append(events, condition)
        except IntegrityError:
            expected = None
        try:
            found = self.log.recorder.append(events, condition)
        except IntegrityError:
            found = None
        assert found == expected
        if expected is not None:
            self.grow(events)

    @rule(query=QUERIES, after=SOMEWHERE, limit=LIMITS)
    def read(self, query: DCBQuery, after: int | None, limit: int | None) -> None:
        found = self.log.recorder.read(query, after=after, limit=limit)
        expected = self.model.read(query, after=after, limit=limit)
        assert list(found) == list(expected)
        assert found.head == expected.head

    @rule(query=QUERIES, after=st.integers(0, 40))
    def match_by_scopes_and_by_index(self, query: DCBQuery, after: int) -> None:
        with self.log.snapshot() as reader:
            by_index = any(True for _ in reader.positions(query, after=after, limit=1))
            assert reader.matches(query, after=after) is by_index

    @rule(tag=TAGS)
    def last_position_of_a_tag(self, tag: str) -> None:
        query = DCBQuery([DCBQueryItem(tags=[tag])])
        expected = [event.position for event in self.model.read(query)]
        with self.log.snapshot() as reader:
            assert reader.last_position(tag) == (expected[-1] if expected else 0)
            assert [entry.position for entry in reader.events(tag)] == expected

    @rule()
    def close_and_open_again(self) -> None:
        self.log.close()
        self.log = self.world.open()

    @invariant()
    def the_checkpoint_signs_these_leaves(self) -> None:
        with self.log.snapshot() as reader:
            last = reader.last_checkpoint()
        if self.tree.size:
            assert last is not None
            assert last.note is not None
            checkpoint = open_checkpoint(last.note, LOG_KEY.verifier)
            assert (checkpoint.size, checkpoint.root) == (self.tree.size, self.tree.root)

    def grow(self, events: list[DCBEvent]) -> None:
        self.tree = grow(self.tree, [leaf_hash(event.data) for event in events]).tree

    def teardown(self) -> None:
        matching.PAGE = self.page  # type: ignore[misc]  # likewise
        self.log.close()
        self.folder.cleanup()


TestRecorderAgrees = RecorderAgrees.TestCase
TestRecorderAgrees.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_the_recorder_on_postgres_agrees(log_template: str) -> None:
    class OnPostgres(RecorderAgrees):
        def make_database(self) -> str:
            self.url = fresh_database(log_template)
            return self.url

        def teardown(self) -> None:
            super().teardown()
            drop_database(self.url)

    few = settings(max_examples=5, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(OnPostgres, settings=few)
