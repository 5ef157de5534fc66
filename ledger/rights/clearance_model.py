"""What the model says: is the recording offered to it, can it honor the request, may it be used.

Source: clearance, 5, 16; contracts, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_reasons import Reasons
from ledger.rights.clearance_request import Ask, Row
from schemas.events.terms import ModelRegistered
from schemas.lists import MODULES, Module
from schemas.terms import Capabilities


def fed_modules(model: ModelRegistered) -> tuple[Module, ...]:
    """Return the modules that the model feeds with references, at least the generator."""
    fed = {*model.capabilities.fed_modules, "generator"}
    return tuple(module for module in MODULES if module in fed)


def ask_model(facts: Facts, ask: Ask, reasons: Reasons) -> ModelRegistered:
    """Add every reason that lies with the model; return the model version.

    Raises `Malformed("unknown_id")` if nobody registered it.
    """
    request = ask.request
    model, retired = facts.model(request.model)
    if retired:
        reasons.add("model_retired", clause="model")
    if request.tier in model.license.forbids_tiers:
        reasons.add("model_license_forbids_tier", clause="license", values=(request.tier,))
    for clause, value in _beyond_request(model.capabilities, ask):
        reasons.add("model_cannot_honor", clause=clause, values=(value,))
    for row in ask.rows:
        recording = facts.recording(row.reference.recording)
        if request.model not in recording.models:
            reasons.add("not_in_inference_set", reference=row.number, clause="models")
        for clause, value in _beyond_row(model.capabilities, row):
            reasons.add("model_cannot_honor", reference=row.number, clause=clause, values=(value,))
        stem = row.reference.stem
        if stem is not None and stem not in recording.stems:
            reasons.add("model_cannot_honor", reference=row.number, clause="stem", values=(stem,))
        if row.reference.use == "training":
            # Training is never a generation, whatever its model can do and its consents say.
            reasons.add(
                "level_not_permitted", reference=row.number, clause="use", values=("training",)
            )
    return model


def _beyond_request(can: Capabilities, ask: Ask) -> Iterator[tuple[str, str]]:
    """Yield what the request as a whole asks beyond the model's capabilities."""
    if ask.request.duration_ms > can.duration_ms_max:
        yield "duration_ms", str(ask.request.duration_ms)
    if len(ask.countries) > can.territories_max:
        yield "territory", str(len(ask.countries))
    if len(ask.rows) > can.references_max:
        yield "references", str(len(ask.rows))


def _beyond_row(can: Capabilities, row: Row) -> Iterator[tuple[str, str]]:
    """Yield what one row asks beyond the model's capabilities."""
    reference = row.reference
    if reference.use != "training" and reference.use not in can.uses:
        yield "use", reference.use
    for parameter in reference.parameters:
        if parameter not in can.parameters:
            yield "parameters", parameter
    if reference.role not in can.roles:
        yield "role", reference.role
    if reference.stem is not None and not can.stems:
        yield "stem", reference.stem
