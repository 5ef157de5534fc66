"""Finding ids by what people call things: a party's name, a recording's title or ISRC.

The keyring is asked first, because that needs no question; then the ledger's catalog. A name that
two things bear finds neither: then the id is due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from projections.catalog.changes import bare
from schemas.ids import check_id
from service.cli.ends import EndError

if TYPE_CHECKING:
    from service.cli.run import Run

KINDS: Final = {"party": "pty", "recording": "rec", "work": "wrk", "model": "mod"}
"""What can be found by name, and the prefix of its ids."""

PLACES: Final = {"party": "parties", "recording": "recordings", "work": "works"}
"""Where one of a kind is asked for."""

NUMBERS: Final = {
    "recording": ("isrc", re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?[0-9]{2}-?[0-9]{5}")),
    "work": ("iswc", re.compile(r"T-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]")),
}
"""Numbers that name things too: the parameter to ask by, and the form (ISO 3901, ISO 15707)."""

SEARCHED_MAX: Final = 20
"""Things that a search returns; those that bear exactly this name come first."""


def find(run: Run, kind: str, named: str) -> str:
    """Return the id that `named` is or names; `name_unknown`, `name_ambiguous`."""
    if named.startswith(f"{KINDS[kind]}_"):
        return check_id(named, KINDS[kind])
    wanted = bare(named)
    if kind == "party":
        known = [name for name, row in run.keyring.names().items() if bare(row["name"]) == wanted]
        if len(known) == 1:
            return known[0]
    found = set(_named(run, kind, named, wanted))
    if len(found) > 1:
        text = f"{len(found)} of the log are called {named}: give one of the ids"
        raise EndError("name_ambiguous", f"{text} {', '.join(sorted(found))}")
    if not found:
        raise EndError("name_unknown", f"the log knows no {kind} called {named}")
    return found.pop()


def find_either(run: Run, kinds: Sequence[str], named: str) -> str:
    """Return the id of something that may be of several kinds."""
    for kind in kinds:
        if named.startswith(f"{KINDS[kind]}_"):
            return find(run, kind, named)
    found = {}
    for kind in kinds:
        try:
            found[kind] = find(run, kind, named)
        except EndError as error:
            if error.code != "name_unknown":
                raise
    if len(found) > 1:
        ids = ", ".join(found.values())
        text = f"a {' and a '.join(found)} are called {named}: give one of the ids {ids}"
        raise EndError("name_ambiguous", text)
    if not found:
        raise EndError("name_unknown", f"the log knows no {' or '.join(kinds)} called {named}")
    return found.popitem()[1]


def _named(run: Run, kind: str, named: str, wanted: str) -> Iterator[str]:
    """Yield the ids of what bears exactly this name or number."""
    if kind == "model":
        rows = run.door.get("/v1/models")["items"]
        yield from (row["model"] for row in rows if bare(row["name"]) == wanted)
        return
    number, form = NUMBERS.get(kind, ("", None))
    if form is not None and form.fullmatch(named):
        plain = {number: re.sub(r"[-.]", "", named)}
        rows = run.door.get(f"/v1/{PLACES[kind]}", **plain)["items"]
        yield from (row[kind] for row in rows)
        return
    asked = {"q": named[:200], "kind": kind, "limit": SEARCHED_MAX}
    for each in run.door.get("/v1/search", **asked)["items"] if wanted else ():
        if wanted not in _names(run.door.get(f"/v1/{PLACES[kind]}/{each['id']}")):
            return  # whoever bears exactly this name comes first
        yield each["id"]


def _names(row: dict[str, Any]) -> set[str]:
    texts = (row.get("name"), row.get("title"))
    return {bare(text) for text in texts if isinstance(text, str)}
