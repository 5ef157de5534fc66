"""Every way in which something below can end, as the problem that leaves.

A route of its own raises each exception inside the real application.
"""

from __future__ import annotations

import asyncio

import httpx
import pytest

from generation.artifacts import ArtifactError, ArtifactsUnavailableError
from generation.audio import AudioError
from ledger.evidence.errors import EvidenceError
from ledger.storage.errors import Busy, CommitUnknown, Damaged, StorageFull
from projections.errors import Behind, HistoryUnavailable
from schemas.refusals import Conflict, Malformed
from service.api.app import create_app
from service.api.problems import DoorError
from service.identity import TokenError
from tests.integration.api.test_commands import problem
from tests.integration.api.world import World

ENDS = [
    (Malformed("unknown_id", "no such party", pointer="/party"), 422, "unknown_id"),
    (Malformed("not_controller"), 403, "not_controller"),
    (Malformed("signature_invalid"), 401, "signature_invalid"),
    (Malformed("entry_too_large"), 413, "entry_too_large"),
    (Malformed("period_closed"), 409, "period_closed"),
    (Malformed("weight_zero"), 400, "weight_zero"),
    (Conflict("scope_moved", "rights:rec moved"), 409, "scope_moved"),
    (Busy("a secret path"), 503, "busy"),
    (StorageFull("a secret path"), 507, "storage_full"),
    (CommitUnknown("a secret path"), 503, "not_ready"),
    (Damaged("a secret path"), 500, "internal_error"),
    (Behind("royalties", asked=9, reached=8, failure=None), 503, "behind"),
    (HistoryUnavailable("royalties", asked=1, retained_from=5), 410, "history_unavailable"),
    (TokenError("this token was revoked"), 401, "token_invalid"),
    (AudioError("audio_truncated", "a secret path"), 422, "audio_unusable"),
    (ArtifactError("artifact_missing", "No artifact is stored here."), 404, "not_found"),
    (ArtifactError("artifact_corrupt", "a secret path"), 500, "internal_error"),
    (ArtifactsUnavailableError("a secret path"), 503, "artifact_unavailable"),
    (EvidenceError("not the path of a tile"), 404, "not_found"),
    (DoorError("precondition_required"), 428, "precondition_required"),
    (ZeroDivisionError("a secret path"), 500, "internal_error"),
    (OSError("a secret path"), 500, "internal_error"),
]


def raised(world: World, error: Exception, **headers: str) -> httpx.Response:
    app = create_app(world.instance)

    @app.get("/raise")
    def fail() -> None:
        raise error

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            return await http.get("/raise", headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(("error", "status", "code"), ENDS, ids=lambda end: str(end)[:24])
def test_every_end_is_a_problem(world: World, error: Exception, status: int, code: str) -> None:
    response = raised(world, error)
    found = problem(response, status, code)
    assert found["status"] == status
    assert found["instance"] == "/raise"
    assert found["request_id"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    assert ("retry-after" in response.headers) == (
        code in {"artifact_unavailable", "behind", "busy"}
    )
    assert ("www-authenticate" in response.headers) == (status == 401)


def test_a_fault_is_named_with_its_pointer(world: World) -> None:
    found = raised(world, Malformed("unknown_id", "no such party", pointer="/party")).json()
    assert found["errors"] == [
        {"pointer": "/party", "code": "unknown_id", "message": "no such party"}
    ]


def test_what_moved_under_an_if_match_is_a_failed_precondition(world: World) -> None:
    moved = Conflict("scope_moved", "rights:rec moved at position 9")
    problem(raised(world, moved, **{"If-Match": '"8"'}), 412, "scope_stale")


def test_a_bad_token_is_told_apart_from_none(world: World) -> None:
    bad = raised(world, TokenError("this token is not known here"))
    assert 'error="invalid_token"' in bad.headers["www-authenticate"]
    none = raised(world, DoorError("token_missing"))
    assert "error" not in none.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/v1/events?as_of=1", "as_of"),  # the log has after and limit; today is no answer to this
        ("/v1/events/1?valid_at=now", "valid_at"),
        ("/v1/recordings?as_off=1", "as_off"),
        ("/v1/balances?as_of=1&Limit=5", "Limit"),
        ("/health?x", "x"),
    ],
)
def test_a_parameter_that_nobody_takes_is_refused_and_not_passed_over(
    world: World, address: str, name: str
) -> None:
    content = problem(world.officer().get(address), 400, "request_invalid")
    assert [row["pointer"] for row in content["errors"]] == [f"/query/{name}"]
