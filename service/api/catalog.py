"""Who and what there is: parties, recordings, works, claims, keys, models, tariffs; and search.

All of it is public to every enrolled party; a natural person's name is shown until it is erased.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from projections.asking import Answer
from projections.catalog import queries
from schemas.ids import check_id
from schemas.model import Sha256Hex
from service.api import shapes_catalog as shapes
from service.api.bodies import answer
from service.api.context import Door, Known, Who, readings
from service.api.described import operation
from service.api.listing import listed, one
from service.api.waiting import After, Seen, When

router: Final = APIRouter(prefix="/v1", dependencies=[Known, Seen])

LIMIT_MAX: Final = 500
"""Rows of one page."""

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
InForce = Annotated[bool, Query(description="Only what is in force at valid_at.")]


@router.get(
    "/search",
    **operation("search_catalog", "everybody", "Find by name or number", shape=shapes.FoundList),
)
def search_catalog(
    *,
    door: Door,
    when: When,
    q: Annotated[str, Query(min_length=1, max_length=200, description="What to find.")],
    kind: Annotated[str | None, Query(description="party, recording, work …")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Return what has a title, name or number with this text in it, the nearest first."""
    return _list(queries.search(readings(door), q, kind=kind, limit=limit, **when.both))


@router.get(
    "/parties", **operation("list_parties", "everybody", "All parties", shape=shapes.PartyPage)
)
def list_parties(*, door: Door, when: When, after: After = 0, limit: Limit = 100) -> Response:
    """Return parties in the order of their registration."""
    found = queries.parties(readings(door), after=after, limit=limit, **when.both)
    return _page("parties", found, limit, {})


@router.get(
    "/parties/{party}",
    **operation(
        "get_party", "everybody", "One party, its keys and mandates", shape=shapes.PartyAnswer
    ),
)
def get_party(party: str, door: Door, when: When) -> Response:
    """Return a party with its keys and the mandates that it gave and holds."""
    check_id(party, "pty")
    ask = readings(door)
    found = queries.parties(ask, party=party, limit=1, **when.both)
    content = one(found, f"nobody registered {party} by then")
    content["keys"] = listed(queries.keys(ask, party=party, **when.both))["items"]
    granted = queries.mandates(ask, grantor=party, in_force=False, **when.both)
    held = queries.mandates(ask, mandatee=party, in_force=False, **when.both)
    content["mandates"] = listed(granted)["items"] + listed(held)["items"]
    return answer(content, headers=_at(found))


@router.get(
    "/recordings",
    **operation(
        "list_recordings", "everybody", "Recordings, or by number", shape=shapes.RecordingPage
    ),
)
def list_recordings(
    *,
    door: Door,
    when: When,
    isrc: Annotated[str | None, Query(max_length=12)] = None,
    sha256: Annotated[Sha256Hex | None, Query(description="Of the file or its frames.")] = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Return recordings: all, by ISRC (there may be several), or by a hash of the audio."""
    found = queries.recordings(
        readings(door), isrc=isrc, sha256=sha256, after=after, limit=limit, **when.both
    )
    return _page("recordings", found, limit, {"isrc": isrc, "sha256": sha256})


@router.get(
    "/recordings/{recording}",
    **operation(
        "get_recording", "everybody", "One recording in full", shape=shapes.RecordingAnswer
    ),
)
def get_recording(recording: str, door: Door, when: When) -> Response:
    """Return a recording with stems, works, credits, vocals, claims of shares and models."""
    check_id(recording, "rec")
    ask = readings(door)
    found = queries.recordings(ask, recording=recording, limit=1, **when.both)
    content = one(found, f"nobody registered {recording} by then")
    parts: dict[str, Answer[Any]] = {
        "stems": queries.stems(ask, recording, **when.both),
        "links": queries.links(ask, recording=recording, **when.both),
        "credits": queries.credits_of(ask, asset=recording, **when.both),
        "vocals": queries.vocals(ask, recording, **when.both),
        "shares": queries.shares(ask, asset=recording, **when.both),
        "restrictions": queries.restrictions(ask, asset=recording, **when.both),
        "inference_sets": queries.inference_set(ask, recording=recording, **when.both),
    }
    content.update({name: listed(rows)["items"] for name, rows in parts.items()})
    return answer(content, headers=_at(found))


@router.get(
    "/works",
    **operation("list_works", "everybody", "Works, or by number", shape=shapes.WorkPage),
)
def list_works(
    *,
    door: Door,
    when: When,
    iswc: Annotated[str | None, Query(max_length=15)] = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Return works: all, or by ISWC."""
    found = queries.works(readings(door), iswc=iswc, after=after, limit=limit, **when.both)
    return _page("works", found, limit, {"iswc": iswc})


@router.get(
    "/works/{work}",
    **operation("get_work", "everybody", "One work in full", shape=shapes.WorkAnswer),
)
def get_work(work: str, door: Door, when: When) -> Response:
    """Return a work with its recordings, credits, claims of shares and restrictions."""
    check_id(work, "wrk")
    ask = readings(door)
    found = queries.works(ask, work=work, limit=1, **when.both)
    content = one(found, f"nobody registered {work} by then")
    parts: dict[str, Answer[Any]] = {
        "links": queries.links(ask, work=work, **when.both),
        "credits": queries.credits_of(ask, asset=work, **when.both),
        "shares": queries.shares(ask, asset=work, **when.both),
        "restrictions": queries.restrictions(ask, asset=work, **when.both),
    }
    content.update({name: listed(rows)["items"] for name, rows in parts.items()})
    return answer(content, headers=_at(found))


@router.get(
    "/claims",
    **operation("list_claims", "holder", "Shares as claimed", shape=shapes.ClaimList),
)
def list_claims(
    *,
    door: Door,
    who: Who,
    when: When,
    asset: Annotated[str | None, Query(description="A recording or a work.")] = None,
    party: Annotated[str | None, Query(description="Whose; your own if left out.")] = None,
) -> Response:
    """Return shares in the words of their claims: claimed, confirmed, withdrawn."""
    whose = party if asset else party or who.party
    found = queries.shares(readings(door), asset=asset, party=whose, **when.both)
    return _list(found)


@router.get(
    "/models",
    **operation("list_models", "creator", "What can be generated with", shape=shapes.ModelList),
)
def list_models(
    *,
    door: Door,
    when: When,
    model: Annotated[str | None, Query(description="One model version.")] = None,
) -> Response:
    """Return model versions with what they can honor and what they copy."""
    return _list(queries.models(readings(door), model=model, **when.both))


@router.get(
    "/tariffs",
    **operation("list_tariffs", "creator", "What it costs", shape=shapes.TariffList),
)
def list_tariffs(
    *,
    door: Door,
    when: When,
    tariff: Annotated[str | None, Query(description="One tariff.")] = None,
    in_force: InForce = True,
) -> Response:
    """Return tariffs: prices by tier, channel and country, and the rights pool's fraction."""
    return _list(queries.tariffs(readings(door), tariff=tariff, in_force=in_force, **when.both))


def _list(found: Answer[Any]) -> Response:
    return answer(listed(found), headers=_at(found))


def _page(path: str, found: Answer[Any], limit: int, query: dict[str, str | None]) -> Response:
    """Return a page; a full one names where to go on."""
    content = listed(found)
    is_full = len(found.rows) == limit
    content["next"] = found.rows[-1].position if is_full else None
    headers = _at(found)
    if is_full:
        named = {name: value for name, value in query.items() if value is not None}
        more = urlencode({**named, "after": content["next"], "limit": limit})
        headers["Link"] = f'</v1/{path}?{more}>; rel="next"'
    return answer(content, headers=headers)


def _at(found: Answer[Any]) -> dict[str, str]:
    return {"Ledger-Position": str(found.position)}
