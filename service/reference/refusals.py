"""The page of refusals: the three kinds of no, and every code with its sentence."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.refusals import CONFLICTS, EXPLAIN, MALFORMED, REFUSALS

# What the page and its chapters begin with.
THREE_KINDS = """\
Three kinds, never mixed. *Refused*: the rights do not allow it; it is an event, since the owner
must see the demand that was turned down. *Malformed*: what came is not acceptable as it stands;
answered, counted, never logged. *Conflict*: somebody else was first; read again and try again.
"""
REFUSED_IS = """\
All reasons are collected and sorted in this order; the first is the code. A creator is told side,
clause and what would be permitted instead; owners see their own part.
"""
MALFORMED_IS = """\
The answer names the place in the input by a JSON pointer (RFC 6901).
"""


def page() -> str:
    """Return the page of refusals, malformed input and conflicts."""
    both = ", ".join(f"`{code}`" for code in MALFORMED if code in REFUSALS)
    return "\n".join(
        (
            "# Every no, by its code\n",
            THREE_KINDS,
            "## Refused\n",
            REFUSED_IS,
            _numbered(REFUSALS),
            "## Malformed\n",
            MALFORMED_IS,
            _listed(code for code in MALFORMED if code not in REFUSALS),
            f"Commands other than verify and authorize are also answered so with {both}.\n",
            "## Conflict\n",
            _listed(CONFLICTS),
        )
    )


def _numbered(codes: Iterable[str]) -> str:
    rows = (f"| {rank} | `{code}` | {EXPLAIN[code]} |" for rank, code in enumerate(codes, 1))
    return "\n".join(("| | code | meaning |", "|---|---|---|", *rows)) + "\n"


def _listed(codes: Iterable[str]) -> str:
    rows = (f"| `{code}` | {EXPLAIN[code]} |" for code in codes)
    return "\n".join(("| code | meaning |", "|---|---|", *rows)) + "\n"
