"""What is permitted and who holds what: permissions, consents, shares; on both axes of time."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ledger.decoding import read_recorded
from ledger.rights.states import CLAIM, CONSENT, ClaimState, ConsentState
from ledger.rights.view import Recorded
from ledger.storage.contract import Reader
from projections.permissions import queries
from schemas.ids import check_id
from service.api.bodies import answer, is_known, not_modified
from service.api.context import Door, Known, readings
from service.api.described import operation
from service.api.listing import listed
from service.api.plain import plain
from service.api.preconditions import consent_scopes, share_scopes, tag_of
from service.api.problems import DoorError
from service.api.shapes_rights import ConsentAnswer, PermissionList, ShareAnswer, ShareList
from service.api.waiting import Seen, When, until_of

router: Final = APIRouter(prefix="/v1", dependencies=[Known, Seen])

InForce = Annotated[
    bool, Query(description="Only what is in force at valid_at; false for all that is known.")
]


@router.get(
    "/permissions",
    **operation("list_permissions", "holder", "What is permitted", shape=PermissionList),
)
def list_permissions(
    *,
    door: Door,
    when: When,
    asset: Annotated[str | None, Query(description="A recording or a work.")] = None,
    party: Annotated[str | None, Query(description="A grantor.")] = None,
    in_force: InForce = True,
) -> Response:
    """Return consents about an asset, or of a party, or of a party about an asset."""
    if asset is not None:
        _check_asset(asset)
        found = queries.permissions_of_asset(
            readings(door), asset, party=party, in_force=in_force, **when.both
        )
    elif party is not None:
        check_id(party, "pty")
        found = queries.permissions_of_party(readings(door), party, in_force=in_force, **when.both)
    else:
        raise DoorError("request_invalid", "name an asset, or a party", pointer="/query/asset")
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/consents/{consent}",
    **operation(
        "get_consent", "holder", "One consent, to read before changing it", shape=ConsentAnswer
    ),
)
def get_consent(consent: str, request: Request, door: Door, when: When) -> Response:
    """Return a consent with all its words, and the ETag that a change of it must name."""
    check_id(consent, "cns")
    with door.instance.store.snapshot() as reader:
        until = until_of(reader, when)
        state: ConsentState = CONSENT.fold(consent, _events(reader, f"consent:{consent}", until))
        if state.held is None:
            raise DoorError("not_found", f"nobody granted {consent} by then")
        scopes = consent_scopes(door.instance.views.of(reader), consent)
        tag = tag_of(reader, scopes) if when.as_of is None else None
    if tag is not None and is_known(request, tag):
        return not_modified(tag)
    rows = queries.history_of_consent(
        readings(door), consent, as_of=until, valid_at=when.valid_at
    ).rows
    held = state.held
    content = {
        "consent": plain(held.versions[-1].consent),
        "versions": [
            {
                "position": words.position,
                "acts_from": plain(words.acts_from),
                "signed_by": words.signed_by,
                "consent": plain(words.consent),
            }
            for words in held.versions
        ],
        "revoked_from": plain(held.revoked_from),
        "affirmations": plain(held.affirmations),
        "permissions": [plain(row) for row in rows if row.until_position is None],
        "as_of": until,
    }
    return answer(content, headers=_headers(tag, until))


@router.get("/shares", **operation("list_shares", "holder", "Who holds how much", shape=ShareList))
def list_shares(
    *,
    door: Door,
    when: When,
    asset: Annotated[str | None, Query(description="A recording or a work.")] = None,
    party: Annotated[str | None, Query(description="Who holds them.")] = None,
    country: Annotated[str | None, Query(description="An ISO 3166-1 country.")] = None,
    in_force: InForce = True,
) -> Response:
    """Return confirmed shares of an asset, or of a party."""
    if asset is not None:
        _check_asset(asset)
        found = queries.shares_of_asset(
            readings(door), asset, country=country, in_force=in_force, **when.both
        )
    elif party is not None:
        check_id(party, "pty")
        found = queries.shares_of_party(readings(door), party, in_force=in_force, **when.both)
    else:
        raise DoorError("request_invalid", "name an asset, or a party", pointer="/query/asset")
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/shares/{share}",
    **operation("get_share", "holder", "One share, claimed or confirmed", shape=ShareAnswer),
)
def get_share(share: str, request: Request, door: Door, when: When) -> Response:
    """Return a share's claim and where it stands, and the ETag that a change of it must name."""
    check_id(share, "shr")
    with door.instance.store.snapshot() as reader:
        until = until_of(reader, when)
        state: ClaimState = CLAIM.fold(share, _events(reader, f"claim:{share}", until))
        tag = tag_of(reader, share_scopes(share)) if when.as_of is None else None
    if state.proposal is None:
        raise DoorError("not_found", f"nobody claimed {share} by then")
    if tag is not None and is_known(request, tag):
        return not_modified(tag)
    content: dict[str, Any] = {
        "share": share,
        "status": state.status,
        "claim": plain(state.proposal),
        "position": state.position,
        "as_of": until,
    }
    return answer(content, headers=_headers(tag, until))


def _check_asset(asset: str) -> None:
    check_id(asset, "rec" if asset.startswith("rec_") else "wrk")


def _events(reader: Reader, tag: str, until: int) -> list[Recorded]:
    return [read_recorded(stored, ()) for stored in reader.events(tag, until=until)]


def _headers(tag: str | None, until: int) -> dict[str, str]:
    found = {"Ledger-Position": str(until)}
    return found if tag is None else {**found, "ETag": tag}
