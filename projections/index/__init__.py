"""The verifiable index as tables: what touched whom, and every node of every published root."""

from projections.index.projection import Index as Index
