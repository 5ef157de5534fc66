"""Which commands the typed door takes, and what it adds to them on their way to a statement.

What is added follows from the command's schema (commitments, dates) or from the one table below
(ids that the door may make). Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from schemas.commands.base import Command
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.log import OpenLog
from schemas.commands.parties import EnrollKey
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.lists import KeyRole
from schemas.model import Commitment
from schemas.period import LocalInstant
from schemas.registry import COMMANDS
from service.api.problems import DoorError
from service.identity import ROLES, Role

OWN_KEY: Final[frozenset[KeyRole]] = frozenset({"worker", "process", "intake", "entry"})
"""Roles that no token confers (contracts, sections 1 and 9)."""

SIGNED_ALONE: Final[frozenset[type[Command]]] = frozenset({OpenLog, EnrollKey})
"""Commands that carry the proof of a key of their own."""

NEW_IDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "RegisterParty": {"/party": "pty"},
        "GrantMandate": {"/mandate": "mnd"},
        "RegisterRecording": {"/recording": "rec"},
        "RegisterWork": {"/work": "wrk"},
        "LinkRecordingToWork": {"/link": "lnk"},
        "CreditContributor": {"/credit": "crd"},
        "DeclareVocals": {"/credit": "crd"},
        "ClaimShare": {"/share": "shr"},
        "GrantConsent": {"/consent/consent": "cns"},
        "PublishTariff": {"/tariff": "tar"},
        "RegisterModel": {"/model": "mod"},
        "VerifyGeneration": {"/verification": "ver", "/request/generation": "gen"},
        "AuthorizeGeneration": {"/verification": "ver", "/request/generation": "gen"},
        "CloseRoyaltyStatement": {"/statement": "rst"},
        "InstructPayout": {"/payout": "pay"},
    }
)
"""Ids of new things that the door makes where the command leaves them out: pointer to prefix."""

MANDATED: Final[frozenset[type[Command]]] = frozenset(
    {
        GrantConsent,
        ChangeConsent,
        RevokeConsent,
        AffirmConsent,
        ClaimShare,
        ConfirmShare,
        WithdrawShare,
    }
)
"""Commands that a representative may give for its grantor: they take `?mandate=`."""

READ_FIRST: Final[frozenset[type[Command]]] = frozenset(
    {ChangeConsent, ConfirmShare, WithdrawShare}
)
"""Commands that change what somebody has read: without If-Match they are not taken.

A revocation is not among them: nobody must read first in order to say no.
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """One command as the typed door takes it."""

    command: type[Command]
    new_ids: Mapping[str, str]
    private: tuple[str, ...]
    dates: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command's name on the wire."""
        return self.command.__name__

    @property
    def operation_id(self) -> str:
        """The name in verb_noun: `GrantConsent` is `grant_consent`."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in self.name).lstrip("_")

    @property
    def roles(self) -> tuple[Role, ...]:
        """Roles of tokens that may say it; empty where the rules look at who controls what."""
        return tuple(role for role in ROLES if role in self.command.ROLES - OWN_KEY)


def offers() -> Mapping[str, Offer]:
    """Return every command that a token can say, by name."""
    return _offers()


def offer(name: str) -> Offer:
    """Return one command; `not_found` if there is none that a token can say."""
    found = _offers().get(name)
    if found is None:
        known = any(command == name for command, _ in COMMANDS)
        why = "is said by a key of its own: sign it, and send it to /v1/statements"
        raise DoorError("not_found", f"{name} {why}" if known else f"there is no command {name}")
    return found


@cache
def _offers() -> Mapping[str, Offer]:
    newest = {name: command for (name, _), command in sorted(COMMANDS.items())}
    taken = (
        command
        for command in newest.values()
        if command not in SIGNED_ALONE and (not command.ROLES or command.ROLES - OWN_KEY)
    )
    return MappingProxyType({command.__name__: _offer(command) for command in taken})


def _offer(command: type[Command]) -> Offer:
    return Offer(
        command=command,
        new_ids=NEW_IDS.get(command.__name__, {}),
        private=tuple(_places(command, Commitment)),
        dates=tuple(_places(command, LocalInstant)),
    )


def _places(model: type[BaseModel], kind: type[BaseModel]) -> Iterator[str]:
    """Yield the pointers to fields of a model that may hold a value of `kind`."""
    for name, found in model.model_fields.items():
        for part in _parts(found.annotation):
            if part is kind:
                yield f"/{name}"
            elif issubclass(part, BaseModel):
                yield from (f"/{name}{below}" for below in _places(part, kind))


def _parts(annotation: Any) -> Iterator[type]:
    """Yield the classes of which an annotation is a union; lists hold neither kind."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        yield annotation
    elif get_origin(annotation) is not tuple:
        for part in get_args(annotation):
            yield from _parts(part)
