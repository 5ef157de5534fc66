"""How a generation ends without an output: canceled, expired, failed. Nothing is owed.

Each generation ends once: whoever comes second is told how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.generations_finished import read_finished
from ledger.rights.generations_states import GENERATION, GenerationState
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.generations import CancelGeneration, ExpireAuthorization, ReportFailure
from schemas.events.generations import (
    AuthorizationExpired,
    GenerationAuthorized,
    GenerationCanceled,
    GenerationFailed,
)
from schemas.period import parse_instant
from schemas.refusals import Malformed

_POINTER = "/generation"


def running(view: View, generation: str) -> tuple[GenerationState, GenerationAuthorized]:
    """Return a generation that is authorized and has not ended.

    Raises `Malformed`: `unknown_id`, `already_completed`, or `not_authorized` if it failed, was
    canceled or expired.
    """
    state = view.ask(GENERATION, generation)
    if state.authorized is None:
        raise Malformed("unknown_id", f"no such generation [{generation}]", pointer=_POINTER)
    if state.step == "completed":
        raise Malformed("already_completed", pointer=_POINTER)
    if state.step != "authorized":
        raise Malformed("not_authorized", f"the generation is {state.step}", pointer=_POINTER)
    return state, state.authorized


def check_alive(authorized: GenerationAuthorized, at: datetime) -> None:
    """Raise `Malformed("not_authorized")` at or after the end of [t, t + 1 h) (clearance, 19)."""
    if at >= parse_instant(authorized.expires_at):
        raise Malformed(
            "not_authorized", f"the authorization ended {authorized.expires_at}", pointer=_POINTER
        )


def cancel(view: View, asked: Asked, command: CancelGeneration) -> Decision:
    """Cancel a generation before it is completed: its creator alone."""
    _, authorized = running(view, command.generation)
    if authorized.creator != asked.actor:
        raise Malformed("not_controller", "another creator's generation", pointer=_POINTER)
    event = GenerationCanceled(
        generation=command.generation,
        because="creator",
        consents=(),
        touched=authorized.touched,
    )
    return Accepted((event,))


def expire(view: View, asked: Asked, command: ExpireAuthorization) -> Decision:
    """Close an authorization whose hour has passed."""
    _, authorized = running(view, command.generation)
    if asked.at < parse_instant(authorized.expires_at):
        raise Malformed(
            "not_authorized", f"it lives until {authorized.expires_at}", pointer=_POINTER
        )
    event = AuthorizationExpired(generation=command.generation, touched=authorized.touched)
    return Accepted((event,))


def report_failure(view: View, _asked: Asked, command: ReportFailure) -> Decision:
    """Record that a generation failed; a worker's own word is verified before it counts."""
    _, authorized = running(view, command.generation)
    quarantined = None
    if command.finished is not None:
        said = read_finished(view, command.finished, authorized)
        quarantined = said.command.artifact_sha256
        if command.code == "worker_failed" and said.command.outcome != "failed":
            raise Malformed("value_unknown", "the worker says completed", pointer="/finished")
    elif command.code == "worker_failed":
        raise Malformed("value_unknown", "the worker's statement is missing", pointer="/finished")
    event = GenerationFailed(
        generation=command.generation,
        code=command.code,
        differences=(),
        quarantined_sha256=quarantined,
        finished=command.finished,
        touched=authorized.touched,
    )
    return Accepted((event,))


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {CancelGeneration: cancel, ExpireAuthorization: expire, ReportFailure: report_failure}
)
"""The rules of this module by their commands."""
