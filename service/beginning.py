"""The first words of a new instance: position 1, its worker, and the model that it brings.

Said once, right after founding. Each is idempotent by what the log already holds: run again after a
crash, it says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from generation.models.mosaic import Mosaic
from generation.synthesizer import Capabilities as BackendCapabilities
from ledger.keys import read_key
from ledger.rights.states.keys import KEY
from ledger.rights.states.parties import PARTY
from ledger.rights.states.terms import MODEL
from ledger.rights.view import View
from ledger.storage.errors import AlreadyHeld
from ledger.storage.instants import utc_now
from ledger.storage.killpoints import reach
from schemas import canonical
from schemas.commands.log import Policy
from schemas.commands.parties import ConfirmKey, EnrollKey, RegisterParty
from schemas.commands.terms import RegisterModel
from schemas.lists import Tier
from schemas.terms import Capabilities, ModelLicense
from service.facts import InstanceFacts
from service.founding import AlreadyFoundedError, found, opening_command
from service.instance import Instance, Speaker
from service.settings import Settings

NOT_COMMERCIAL: Final[tuple[Tier, ...]] = ("commercial",)
"""Tiers that a license without commercial use forbids."""

TERRITORIES_MAX = 300
"""Countries of one request that the mosaic takes: it does not depend on them."""


def begin(
    settings: Settings,
    *,
    origin: str,
    operator_name: str,
    policy: Policy,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Found an instance and open its log. Raises `AlreadyFoundedError` if there is a whole one.

    One that stopped half-way is finished, if it was begun for the same origin.
    """
    if not settings.instance.exists():
        found(settings, origin=origin, operator_name=operator_name, now=clock())
        reach("founding_after_named")
    elif InstanceFacts.load(settings.instance).origin != origin:
        raise _already(settings)
    try:
        instance = Instance(settings, create=True, clock=clock)
    except AlreadyHeld as held:
        raise _already(settings) from held
    with instance:
        before = instance.feed.visible_head()
        if not before:
            _open_log(instance, policy)
        instance.policy.current()  # writes the file for readers
        say_the_rest(instance)
        if before and before == instance.feed.visible_head():
            raise _already(settings)


def _already(settings: Settings) -> AlreadyFoundedError:
    return AlreadyFoundedError(f"there is an instance in {settings.home}")


def _open_log(instance: Instance, policy: Policy) -> None:
    facts, keys = instance.facts, instance.keys
    root = Speaker(instance.application, facts.ledger_party, keys.root, instance.clock)
    root.say(opening_command(instance.settings, facts, keys, policy))


def say_the_rest(instance: Instance) -> None:
    """Say what a new log lacks: the worker's party and key, and the model that it renders with."""
    _enroll_worker(instance)
    _register_mosaic(instance)


def _enroll_worker(instance: Instance) -> None:
    facts, operator = instance.facts, instance.operator()
    key = read_key(instance.settings.keyring / f"{facts.worker_party}.key")
    state = instance.application.look(
        lambda view, _at: (view.ask(PARTY, facts.worker_party), view.ask(KEY, facts.worker_key))
    )
    party, known = state
    if party.kind is None:
        operator.say(
            RegisterParty(
                party=facts.worker_party,
                kind="organization",
                name=f"{facts.operator_name}, generation worker",
            )
        )
    if known.status == "none":
        instance.speaker(facts.worker_party).say(
            EnrollKey(
                key=facts.worker_key,
                party=facts.worker_party,
                public_key=canonical.b64u(key.public),
                roles=("worker",),
            )
        )
    if known.status in ("none", "proposed"):
        operator.say(ConfirmKey(key=facts.worker_key))


def _register_mosaic(instance: Instance) -> None:
    model = instance.facts.mosaic_model
    if instance.application.look(lambda view, _at: _is_registered(view, model)):
        return
    instance.operator().say(model_command(model, Mosaic().capabilities()))


def _is_registered(view: View, model: str) -> bool:
    return view.ask(MODEL, model).registered is not None


def model_command(model: str, can: BackendCapabilities) -> RegisterModel:
    """Return the command that registers what a backend declares about itself."""
    return RegisterModel(
        model=model,
        name=can.model,
        version=can.version,
        provider="Linernotes",
        weights_sha256=can.weights_sha256,
        training=can.training,
        license=ModelLicense(
            name=can.license, forbids_tiers=() if can.commercial_allowed else NOT_COMMERCIAL
        ),
        capabilities=Capabilities.read(
            {
                "uses": list(can.uses),
                "parameters": list(can.parameters),
                "roles": list(can.roles),
                "copying_roles": list(can.copying_roles),
                "stems": True,
                "references_max": can.references_max,
                "territories_max": TERRITORIES_MAX,
                "duration_ms_max": can.duration_ms_max,
                "fed_modules": list(can.modules),
                "digital_source_type": can.digital_source_type,
            }
        ),
    )
