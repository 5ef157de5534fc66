"""A state with some fields changed is as the standard library makes it, and the old one stays."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from ledger.rights.scopes import SCOPES
from ledger.rights.states.base import changed
from ledger.rights.view import Scope


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES.keys())
def test_a_state_is_changed_as_the_standard_library_does_it(scope: Scope[Any]) -> None:
    state, same = scope.empty("one"), scope.empty("one")
    names = [field.name for field in fields(state)]
    for given in (names[:1], names[-1:], names):
        changes = {name: f"other {name}" for name in given}
        found = changed(state, **changes)
        assert type(found) is type(state)
        assert found == replace(state, **changes)
    assert state == same


def test_what_is_no_field_is_not_changed() -> None:
    state = SCOPES["key:"].empty("key_one")
    with pytest.raises(KeyError):
        changed(state, nobody="knows")
