"""If-Match on typed commands: nobody changes what somebody else changed since it was read.

The tag of a consent or a share is the last position of its scopes. Where it still holds, the
statement says `after`: the head at which the door looked, so that the ledger itself refuses what
moves between here and the append (contracts, section 1).
"""

from __future__ import annotations

from fastapi import Request

from ledger.rights.states import CONSENT
from ledger.rights.view import View
from ledger.storage.contract import Reader
from schemas.commands.base import Command
from schemas.commands.consents import AffirmConsent, ChangeConsent, RevokeConsent
from schemas.commands.shares import ConfirmShare, WithdrawShare
from schemas.events.consents import reach
from service.api.attesting import Draft
from service.api.bodies import etag
from service.api.offered import READ_FIRST
from service.api.problems import DoorError
from service.instance import Instance


def consent_scopes(view: View, consent: str) -> tuple[str, ...]:
    """Return the scopes in which a consent can change: its own, its party's, and its assets'.

    A revocation of one asset, or of everything, moves only the asset's or the party's scope.
    """
    held = view.ask(CONSENT, consent).held
    if held is None:
        return (f"consent:{consent}",)
    words = held.versions[-1].consent
    assets = (f"rights:{name}" for name in reach(words.applies_to))
    return (f"consent:{consent}", f"rights:{words.grantor}", *assets)


def share_scopes(share: str) -> tuple[str, ...]:
    """Return the scope in which a share can change."""
    return (f"claim:{share}",)


def tag_of(reader: Reader, scopes: tuple[str, ...]) -> str:
    """Return the entity tag of what lies in these scopes: the last position of any of them."""
    return etag(max(reader.last_position(scope) for scope in scopes))


def asks_after(request: Request, said: Draft) -> bool:
    """Tell whether a precondition is asked for, by the caller or for this command."""
    return "if-match" in request.headers or type(said.command) in READ_FIRST


def after_of(request: Request, instance: Instance, said: Draft) -> int | None:
    """Return the position that the statement says it has seen, or None where nobody asked.

    Raises `precondition_required` (428) or `scope_stale` (412, with the newer event).
    """
    field = request.headers.get("if-match")
    with instance.store.snapshot(committed=True) as reader:
        if reader.command(said.command_id) is not None:
            return None  # a repetition is answered as it was, whatever moved since
        if field is None:
            if type(said.command) in READ_FIRST:
                raise DoorError("precondition_required")
            return None
        scopes = _scopes(instance.views.of(reader), said.command)
        tags = {tag.strip() for tag in field.split(",")}
        if "*" not in tags and tag_of(reader, scopes) not in tags:
            raise _stale(reader, scopes)
        return reader.bound


def _scopes(view: View, command: Command) -> tuple[str, ...]:
    """Return what a command changes and somebody can have read."""
    match command:
        case ChangeConsent():
            return consent_scopes(view, command.consent.consent)
        case AffirmConsent():
            return consent_scopes(view, command.consent)
        case RevokeConsent(consent=str(consent)):
            return consent_scopes(view, consent)
        case RevokeConsent(asset=str(asset)):
            return (f"rights:{asset}",)
        case RevokeConsent():
            return (f"rights:{command.party}",)
        case ConfirmShare() | WithdrawShare():
            return share_scopes(command.share)
    raise DoorError("header_invalid", f"{type(command).__name__} takes no If-Match")


def _stale(reader: Reader, scopes: tuple[str, ...]) -> DoorError:
    position = max(reader.last_position(scope) for scope in scopes)
    newer = reader.entry(position)
    event = {"id": newer.event_id, "type": newer.type, "position": position} if newer else None
    return DoorError(
        "scope_stale",
        f"it changed at position {position}",
        headers={"ETag": etag(position)},
        more={"event": event},
    )
