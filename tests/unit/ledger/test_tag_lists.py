"""Tags as they are stored: written in one go what `json.dumps` writes."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ledger.storage.postgres.batches import _tag_lists

TAGS = st.text() | st.sampled_from(
    ["rights:rec_1", "about:pty_1", '"', "\\", "é", "\x7f", "\n", " "]
)


@given(st.lists(st.lists(TAGS, max_size=4), max_size=4))
def test_tags_are_written_as_the_library_writes_them(lists: list[list[str]]) -> None:
    assert _tag_lists([tuple(tags) for tags in lists]) == [json.dumps(tags) for tags in lists]


@given(st.lists(st.lists(st.sampled_from(["rights:rec_1", "about:a"]), min_size=1), min_size=1))
def test_plain_tags_too(lists: list[list[str]]) -> None:
    assert _tag_lists([tuple(tags) for tags in lists]) == [json.dumps(tags) for tags in lists]
