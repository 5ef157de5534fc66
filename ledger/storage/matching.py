"""DCB queries from the index: which positions match, in order, without scanning the log.

An event matches an item if its type is one of the item's types (or none are given) and it carries
all of the item's tags; it matches a query if it matches any item, or there are none.
"""

import heapq
from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

PAGE: Final = 256
"""Positions fetched at a time: no statement stays open between two of them."""

Fetch = Callable[[str, dict[str, object]], list[int]]
"""Runs one named statement with `after`, `until` and `limit` set; returns positions in order."""


def match(fetch: Fetch, query: DCBQuery, *, after: int, limit: int | None) -> Iterator[int]:
    """Yield the matching positions after `after`, each once, in order, at most `limit`."""
    if limit == 0:
        return
    page = PAGE if limit is None else min(limit, PAGE)
    items = query.items or [DCBQueryItem()]
    merged = heapq.merge(*(_item(fetch, item, after, page) for item in items))
    for number, (position, _) in enumerate(groupby(merged), start=1):
        yield position
        if number == limit:
            return


def is_match(query: DCBQuery, kind: str, tags: Collection[str]) -> bool:
    """Tell whether an event of type `kind` with `tags` matches, by the rule above."""
    return not query.items or any(
        (not item.types or kind in item.types) and set(item.tags) <= set(tags)
        for item in query.items
    )


def _item(fetch: Fetch, item: DCBQueryItem, after: int, page: int) -> Iterator[int]:
    if item.tags:
        first, *others = dict.fromkeys(item.tags)
        values: dict[str, object] = {
            "tag": first,
            "others": others,
            "types": list(item.types) or None,
        }
        return _pages(fetch, "match_tagged", values, after, page)
    if item.types:
        each = (
            _pages(fetch, "match_typed", {"type": one}, after, page)
            for one in dict.fromkeys(item.types)
        )
        return heapq.merge(*each)
    return _pages(fetch, "match_all", {}, after, page)


def _pages(
    fetch: Fetch, name: str, values: dict[str, object], after: int, page: int
) -> Iterator[int]:
    while True:
        found = fetch(name, {**values, "after": after, "limit": page})
        yield from found
        if len(found) < page:
            return
        after = found[-1]
