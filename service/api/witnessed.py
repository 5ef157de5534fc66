"""The log for readers who ask for witnesses: the newest state that they signed, and the policy.

`/witnessed` is a prefix of its own (C2SP tlog-tiles): a reader whose policy asks for a quorum reads
the same log there, a second or so behind, and is never shown a state that it cannot accept yet.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api.context import Door, Whoever
from service.api.described import operation
from service.api.log import OCTETS, PLAIN, get_tile
from service.api.problems import DoorError
from service.witnessed import witnessed

router: Final = APIRouter()


@router.get(
    "/witnessed/checkpoint",
    **operation(
        "get_witnessed_checkpoint",
        "log",
        "The newest checkpoint that the witnesses signed",
        media_type=PLAIN,
    ),
)
def get_witnessed_checkpoint(door: Door) -> Response:
    """Return the newest signed note with as many cosignatures as the log's policy asks for.

    Where the policy asks for none, it is the newest of all.
    """
    policy = door.instance.policy.current()
    with door.instance.store.snapshot() as reader:
        found = witnessed(reader, policy, least=1)
    if found is None:
        raise DoorError("not_found", "the witnesses have signed no checkpoint yet: not_witnessed")
    return Response(found.note, headers={"Content-Type": PLAIN, "Cache-Control": "no-cache"})


@router.get(
    "/witnessed/tile/{path:path}",
    **operation(
        "get_witnessed_tile",
        "log",
        "The same tiles and bundles, under the same prefix",
        media_type=OCTETS,
    ),
)
def get_witnessed_tile(path: str, request: Request, door: Door, who: Whoever) -> Response:
    """Return what `/tile/` returns: tiles do not depend on who has signed."""
    return get_tile(path, request, door, who)


@router.get(
    "/policy.txt",
    **operation("get_policy", "log", "Which witnesses the log asks", media_type=PLAIN),
)
def get_policy(door: Door) -> Response:
    """Return the log's own policy (C2SP tlog-policy), as the log says it at its newest position.

    Whoever does not trust this log takes its keys and its witnesses from somebody else, too.
    """
    headers = {"Content-Type": PLAIN, "Cache-Control": "no-cache"}
    return Response(door.instance.policy.text(), headers=headers)
