"""Publishing the root of the verifiable index. What it covers never goes back."""

from __future__ import annotations

from typing import Any, Final

from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.states import LOG
from ledger.rights.states.index import INDEX
from ledger.rights.view import View
from schemas.commands.log import PublishIndexRoot
from schemas.events.log import IndexRootPublished
from schemas.refusals import Malformed


def publish_index_root(view: View, asked: Asked, command: PublishIndexRoot) -> Accepted:
    """Publish a root that covers more than the one before, and no more than the log holds.

    Whether the root is right is not the rules' question: an audit recomputes it from the entries.
    """
    del asked  # authority has found the process role already
    newest = view.ask(INDEX, LOG)
    # What was appended after the newest root, beside that root itself, is what a new one is for.
    if command.through <= max(newest.through, newest.position):
        raise Malformed("number_invalid", "nothing new is covered", pointer="/through")
    if command.through > view.source.head():
        raise Malformed("number_invalid", "beyond the log's end", pointer="/through")
    return Accepted((IndexRootPublished(**fields(command)),))


DECIDES: Final[dict[Any, Any]] = {PublishIndexRoot: publish_index_root}
"""The rules of this module, by command."""
