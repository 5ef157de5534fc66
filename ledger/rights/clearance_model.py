"""What the model says: is the recording offered to it, can it honor the request, may it be used.

Source: clearance, 5, 16; contracts, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_reasons import Reasons
from ledger.rights.clearance_request import Ask, RowAsked
from ledger.rights.states.recordings import RecordingState
from schemas.events.terms import ModelRegistered
from schemas.lists import MODULES, Module
from schemas.terms import Capabilities


def fed_modules(model: ModelRegistered) -> tuple[Module, ...]:
    """Return the modules that the model feeds with references, at least the generator."""
    fed = {*model.capabilities.fed_modules, "generator"}
    return tuple(module for module in MODULES if module in fed)


def ask_model(facts: Facts, ask: Ask) -> Reasons:
    """Return what speaks against the request as a whole.

    Raises `Malformed("unknown_id")` if nobody registered the model.
    """
    request, reasons = ask.request, Reasons()
    model, retired = facts.model(request.model)
    if retired:
        reasons.add("model_retired", clause="model")
    if request.tier in model.license.forbids_tiers:
        reasons.add("model_license_forbids_tier", clause="license", values=(request.tier,))
    for clause, most, asked in (
        ("duration_ms", model.capabilities.duration_ms_max, request.duration_ms),
        ("territory", model.capabilities.territories_max, len(ask.countries)),
        ("references", model.capabilities.references_max, len(ask.rows)),
    ):
        if asked > most:
            reasons.add("model_cannot_honor", clause=clause, values=(str(asked),))
    return reasons


def ask_model_of_row(
    model: ModelRegistered, asked: RowAsked, recording: RecordingState, reasons: Reasons
) -> None:
    """Add every reason that lies with the model and one recording."""
    if asked.wish.model not in recording.models:
        reasons.add("not_in_inference_set", clause="models")
    for clause, value in _beyond(model.capabilities, asked):
        reasons.add("model_cannot_honor", clause=clause, values=(value,))
    if asked.stem is not None and asked.stem not in recording.stems:
        reasons.add("model_cannot_honor", clause="stem", values=(asked.stem,))
    if asked.use == "training":
        # Training is never a generation, whatever its model can do and its consents say.
        reasons.add("level_not_permitted", clause="use", values=("training",))


def _beyond(can: Capabilities, asked: RowAsked) -> Iterator[tuple[str, str]]:
    """Yield what a row asks beyond the model's capabilities."""
    if asked.use != "training" and asked.use not in can.uses:
        yield "use", asked.use
    for parameter in asked.parameters:
        if parameter not in can.parameters:
            yield "parameters", parameter
    if asked.role not in can.roles:
        yield "role", asked.role
    if asked.stem is not None and not can.stems:
        yield "stem", asked.stem
