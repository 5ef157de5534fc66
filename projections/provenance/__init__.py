"""Provenance: where was my song used and what did it earn; what is this file; who was refused.

Who created something is private: it stands in one column, for the creator's own questions, and in
no digest.
"""

from projections.provenance.projection import Provenance as Provenance
