"""Permissions: who said yes to what, for which asset, in force when, known since which position.

The rows follow from the same states that decisions read, so the table is their fold; but nothing
is decided from it: a quote or a verification reads the log.
"""

from projections.permissions.projection import Permissions as Permissions
