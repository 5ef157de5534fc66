"""The rows of `docs/scopes.md` that follow from the code: what moves a scope, and what asks it."""

import re

from ledger.rights.decide import RULES_OF
from ledger.rights.scopes import SCOPES
from schemas.registry import EVENTS
from service.reference.moves import moved
from tests.architecture.asking import asked_by


def beginning_of(form: str) -> str:
    """Return the beginning in `SCOPES` of a tag's form: `terms:tar_` of `terms:<tar>`."""
    tag = re.sub(r"<(\w{3})>", r"\1_", form)
    found = [beginning for beginning in SCOPES if tag.startswith(beginning)]
    assert len(found) == 1, form
    return found[0]


def movers() -> dict[str, set[str]]:
    """Return the events that move each scope, by the beginning of its tags."""
    found: dict[str, set[str]] = {beginning: set() for beginning in SCOPES}
    for (topic, _), event in EVENTS.items():
        for form in moved(event):
            found[beginning_of(form)].add(topic)
    return found


def askers() -> dict[str, str]:
    """Return the commands that ask each scope, as the page writes them."""
    every = {command.__name__ for command in RULES_OF}
    return {beginning: _written(set(names), every) for beginning, names in asked_by().items()}


def _written(names: set[str], every: set[str]) -> str:
    missing = sorted(every - names)
    if len(missing) > len(every) // 2:
        return ", ".join(f"`{name}`" for name in sorted(names))
    but = ", ".join(f"`{name}`" for name in missing)
    return f"every command but {but}" if but else "every command"
