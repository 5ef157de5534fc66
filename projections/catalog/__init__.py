"""The catalog: who and what there is, what was claimed and confirmed, and how to find it."""

from projections.catalog.projection import Catalog as Catalog
