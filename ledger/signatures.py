"""Which public key a statement must be verified with: by the log, or by the statement itself.

Two commands bring their own key: the one that opens the log, and the one that proposes a key and so
proves its possession. Whether a key may say what it says is the rules' business (`authority`).
"""

from __future__ import annotations

from ledger.rights.states.keys import KEY
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.log import OpenLog
from schemas.commands.parties import EnrollKey
from schemas.refusals import Malformed


def public_key(view: View, command: Command, kid: str) -> bytes:
    """Return the 32 bytes of the Ed25519 key to verify with; `Malformed("key_unknown")` if none."""
    if isinstance(command, OpenLog):
        return canonical.unb64u(command.root_public_key)
    if isinstance(command, EnrollKey):
        if command.key != kid:
            raise Malformed("key_unknown", "a key is proposed by itself", pointer="/data/key")
        return canonical.unb64u(command.public_key)
    state = view.ask(KEY, kid)
    if state.status in ("none", "proposed"):
        raise Malformed("key_unknown", f"no enrolled key has this id [{kid}]")
    return canonical.unb64u(state.public_key)
