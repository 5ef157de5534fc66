"""Finding ids by what people call things: a party's name, a recording's title or ISRC.

The log says what things are called; the keyring is asked first, because that needs no question.
A name that two things bear finds neither: then the id is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from schemas.ids import check_id
from service.cli.ends import EndError

if TYPE_CHECKING:
    from service.cli.run import Run

KINDS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "party": ("pty", "PartyRegistered,LogOpened", ("name",)),
    "recording": ("rec", "RecordingRegistered", ("title", "isrc")),
    "work": ("wrk", "WorkRegistered", ("title", "iswc")),
    "model": ("mod", "ModelRegistered", ("name",)),
}
"""For each kind: the prefix of its ids, the events that name it, the fields that do."""


def find(run: Run, kind: str, named: str) -> str:
    """Return the id that `named` is or names; `name_unknown`, `name_ambiguous`."""
    prefix, types, fields = KINDS[kind]
    if named.startswith(f"{prefix}_"):
        return check_id(named, prefix)
    wanted = _fold(named)
    if kind == "party":
        known = [
            party for party, row in run.keyring.names().items() if _fold(row["name"]) == wanted
        ]
        if len(known) == 1:
            return known[0]
    rows = _rows(run, types)
    found = {row[kind] for row in rows if wanted in {_fold(row.get(field)) for field in fields}}
    if len(found) > 1:
        raise EndError("name_ambiguous", f"{len(found)} of the log are called {named}: give the id")
    if not found:
        raise EndError("name_unknown", f"the log knows no {kind} called {named}")
    return str(found.pop())


def _rows(run: Run, types: str) -> Iterator[dict[str, Any]]:
    """Yield the data of the events that name things of a kind."""
    for event in run.door.pages("/v1/events", types=types, limit=500):
        data = event["data"]
        if event["type"] == "LogOpened":
            yield {"party": data["operator_party"], "name": data["operator_name"]}
        else:
            yield data


def _fold(text: Any) -> str:
    return " ".join(text.casefold().split()) if isinstance(text, str) else ""


def find_either(run: Run, kinds: Sequence[str], named: str) -> str:
    """Return the id of something that may be of several kinds."""
    for kind in kinds:
        if named.startswith(f"{KINDS[kind][0]}_"):
            return find(run, kind, named)
    found = []
    for kind in kinds:
        try:
            found.append(find(run, kind, named))
        except EndError as error:
            if error.code != "name_unknown":
                raise
    if len(found) > 1:
        raise EndError(
            "name_ambiguous", f"a {' and a '.join(kinds)} are called {named}: give the id"
        )
    if not found:
        raise EndError("name_unknown", f"the log knows no {' or '.join(kinds)} called {named}")
    return found[0]
