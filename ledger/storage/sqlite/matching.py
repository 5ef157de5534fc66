"""DCB queries from the index: which positions match, in order, without scanning the log.

An event matches an item if its type is one of the item's types (or none are given) and it carries
all of the item's tags; it matches a query if it matches any item, or there are none.
"""

import heapq
import json
from collections.abc import Callable, Iterator
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


def _item(fetch: Fetch, item: DCBQueryItem, after: int, page: int) -> Iterator[int]:
    if item.tags:
        first, *others = dict.fromkeys(item.tags)
        values: dict[str, object] = {
            "tag": first,
            "others": json.dumps(others),
            "types": json.dumps(item.types) if item.types else None,
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
