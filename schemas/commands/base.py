"""The root of all commands: what an actor asks for, in the imperative."""

from __future__ import annotations

from typing import ClassVar

from schemas.lists import KeyRole
from schemas.model import Wire


class Command(Wire):
    """A command. Its name on the wire is the class name, frozen by a test; never a module path.

    `ROLES`: roles of which the signing key must hold one; empty means that any enrolled key of a
    party may sign and that the rules decide by what the party controls.
    `PUBLIC`: every field is public, so its statement is served to whoever reads the log; the
    statements of others are served to those whom they concern.
    `WORDS`: fields that hold another's signed statement, which the command's rule verifies.
    """

    VERSION: ClassVar[int] = 1
    ROLES: ClassVar[frozenset[KeyRole]] = frozenset()
    PUBLIC: ClassVar[bool] = True
    WORDS: ClassVar[tuple[str, ...]] = ()
