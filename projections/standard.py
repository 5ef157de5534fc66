"""The projections that every instance runs."""

from __future__ import annotations

from projections.base import Projection
from projections.catalog import Catalog
from projections.feed import Feed
from projections.index import Index
from projections.permissions import Permissions
from projections.provenance import Provenance
from projections.royalties import Royalties


def standard(feed: Feed) -> tuple[Projection, ...]:
    """Return a fresh instance of every projection: for a runner, or one of them for a rebuild."""
    return (Permissions(feed), Royalties(), Provenance(), Catalog(), Index())
