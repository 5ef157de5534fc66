"""Where was my song used, what did it earn, and what demand for it was turned down.

Lists go back from the newest: `?before=` is the position of the last row of the page before.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from projections.asking import Answer
from projections.permissions.queries import shares_of_asset
from projections.provenance import files, queries, refusals
from schemas.ids import check_id
from service.api.bodies import answer
from service.api.context import Context, Door, Known, Who, readings, require_own
from service.api.described import operation
from service.api.listing import listed
from service.api.problems import DoorError
from service.api.shapes_uses import (
    EarnedList,
    GenerationPage,
    OutputList,
    QuarantinePage,
    RefusalPage,
    UsePage,
)
from service.api.waiting import POSITION_MAX, Seen, When
from service.identity import Identity

router: Final = APIRouter(prefix="/v1", dependencies=[Known, Seen])

LIMIT_MAX: Final = 200
"""Entries of one page."""

Before = Annotated[
    int, Query(ge=1, le=POSITION_MAX + 1, description="The position before which to go on.")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
Asset = Annotated[str | None, Query(description="A recording or a work.")]
Party = Annotated[str | None, Query(description="Whose; your own if left out.")]


@router.get("/uses", **operation("list_uses", "holder", "Where was my song used", shape=UsePage))
def list_uses(
    *,
    door: Door,
    who: Who,
    when: When,
    asset: Asset = None,
    party: Party = None,
    before: Before = queries.NEWEST,
    limit: Limit = 50,
) -> Response:
    """Return uses of what a party controls or performs, or of one asset, and what each earned.

    An asset's uses are its controllers' to see, and an auditor's. No row says who created.
    """
    if asset is not None:
        _require_controller(door, who, asset)
        found = queries.uses_of_asset(
            readings(door), asset, before=before, limit=limit, **when.both
        )
        return _page("uses", found, limit, {"asset": asset})
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose)
    found = queries.uses_of_party(readings(door), whose, before=before, limit=limit, **when.both)
    return _page("uses", found, limit, {"party": whose})


@router.get(
    "/earnings",
    **operation("list_earnings", "holder", "What each recording has earned", shape=EarnedList),
)
def list_earnings(
    *,
    door: Door,
    who: Who,
    when: When,
    party: Party = None,
    recording: Annotated[str | None, Query(description="One recording; all if left out.")] = None,
) -> Response:
    """Return what each recording has earned a party, and in how many generations."""
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose, "finance")
    if recording is not None:
        check_id(recording, "rec")
    found = queries.earned(readings(door), party=whose, recording=recording, **when.both)
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/refusals",
    **operation("list_refusals", "holder", "Demand that was turned down", shape=RefusalPage),
)
def list_refusals(
    *,
    door: Door,
    who: Who,
    when: When,
    asset: Asset = None,
    party: Party = None,
    creator: Annotated[str | None, Query(description="A creator: yourself.")] = None,
    before: Before = queries.NEWEST,
    limit: Limit = 50,
) -> Response:
    """Return refusals that concern a party's rights, or that a creator met, or of an asset.

    A holder sees its own reasons; a creator never whose they are; an asset's are an auditor's.
    """
    if asset is not None:
        if not who.has("auditor"):
            raise DoorError("role_missing", "this needs the role auditor")
        _check_asset(asset)
        found = refusals.refusals_of_asset(
            readings(door), asset, before=before, limit=limit, **when.both
        )
        return _page("refusals", found, limit, {"asset": asset})
    if creator is not None:
        check_id(creator, "pty")
        require_own(who, creator)
        found = refusals.refusals_of_creator(
            readings(door), creator, before=before, limit=limit, **when.both
        )
        return _page("refusals", found, limit, {"creator": creator})
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose)
    found = refusals.refusals_of_party(
        readings(door), whose, before=before, limit=limit, **when.both
    )
    return _page("refusals", found, limit, {"party": whose})


@router.get(
    "/generations",
    **operation("list_generations", "creator", "What I had made", shape=GenerationPage),
)
def list_generations(
    *,
    door: Door,
    who: Who,
    when: When,
    creator: Annotated[str | None, Query(description="Whose; your own if left out.")] = None,
    before: Before = queries.NEWEST,
    limit: Limit = 50,
) -> Response:
    """Return a creator's generations, the newest first, each with the step at which it stands."""
    whose = creator or who.party
    check_id(whose, "pty")
    require_own(who, whose)
    found = queries.generations_of(readings(door), whose, before=before, limit=limit, **when.both)
    return _page("generations", found, limit, {"creator": whose})


@router.get(
    "/outputs/{output}",
    **operation("get_output", "streaming service", "One output and its manifest", shape=OutputList),
)
def get_output(output: str, door: Door, when: When) -> Response:
    """Return by which hashes an output is known, and what its manifest says."""
    check_id(output, "out")
    found = files.output_of(readings(door), output, **when.both)
    if found.one is None:
        raise DoorError("not_found", f"no output {output} was completed by then")
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/quarantine",
    **operation("list_quarantine", "auditor", "Files that were refused", shape=QuarantinePage),
)
def list_quarantine(
    *, door: Door, who: Who, when: When, before: Before = queries.NEWEST, limit: Limit = 50
) -> Response:
    """Return files that said something else than what was authorized."""
    if not who.has("auditor", "operator"):
        raise DoorError("role_missing", "this needs the role auditor or operator")
    found = files.in_quarantine(readings(door), before=before, limit=limit, **when.both)
    return _page("quarantine", found, limit, {})


def _page(path: str, found: Answer[Any], limit: int, query: dict[str, str]) -> Response:
    """Return a page; a full one names where to go on."""
    content = listed(found)
    positions = sorted({row["position"] for row in content["items"]})
    content["next"] = positions[0] if len(positions) >= limit else None
    headers = {"Ledger-Position": str(found.position)}
    if content["next"] is not None:
        more = urlencode({**query, "before": content["next"], "limit": limit})
        headers["Link"] = f'</v1/{path}?{more}>; rel="next"'
    return answer(content, headers=headers)


def _check_asset(asset: str) -> None:
    check_id(asset, "rec" if asset.startswith("rec_") else "wrk")


def _require_controller(door: Context, who: Identity, asset: str) -> None:
    """Raise unless this reader holds a share of an asset today, or is an auditor."""
    _check_asset(asset)
    if who.has("auditor"):
        return
    shares = shares_of_asset(readings(door), asset).rows
    if who.party not in {share.party for share in shares}:
        raise DoorError("not_yours", "this asset is controlled by others")
