"""Commands of which a process has seen every entry, and found nothing wrong in any of them (0035).

Nearly all of a log is like that. Of such a command the audit need not know what each entry is, but
only what other entries judge: when it was, by which keys it was signed, which leaves and names it
adds. Whatever is not like that is handed over look by look, and the audit walks every step itself:
so nothing that is wrong is told here, it is only not called whole.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from ledger.audit.bound import is_owed, unruled
from ledger.audit.closed import may_lack
from ledger.audit.found import columns_differ, misfiled
from ledger.audit.in_steps import look_at
from ledger.audit.log import AuditedEntry, Part, Statements
from ledger.audit.one_row import (
    Content,
    Keys,
    Look,
    Told,
    read_content,
    rows_of,
    tells_keys,
)
from ledger.audit.replay import Said
from schemas.events.base import moved
from schemas.events.erasure import OpeningsErased
from schemas.events.log import IndexRootPublished

_NEEDED: Final = frozenset({IndexRootPublished.TOPIC, OpeningsErased.TOPIC})
"""Events that the audit itself reads, beside those that tell of keys."""


class Asked(NamedTuple):
    """What an audit asks of those who look for it: of which log, with which statements, how far."""

    origin: str
    statements: Statements
    decide: bool


class Whole(NamedTuple):
    """One command's entries, one after the other, with nothing wrong that they say by themselves.

    `leaves` and `names` are of each entry in order. `kid` and `signed_by` are the key of all of
    them; `told` is None where the statement is not open, and need not be. `said` is what each says,
    where commands are decided again.
    """

    command: str
    recorded_at: datetime
    leaves: tuple[bytes, ...]
    names: tuple[tuple[str, ...], ...]
    kid: str
    signed_by: bytes
    told: Told | None
    said: tuple[Said, ...] = ()


Seen = Whole | Look
"""A command's entries all at once, or one entry."""


def look_at_all(sent: Part | list[AuditedEntry], keys: Keys, asked: Asked) -> list[Seen]:
    """Look at many rows, here or in another process, and return only what the audit will need.

    Where commands are not decided that is of most events no more than their names.
    """
    found: list[Seen] = []
    group: list[tuple[AuditedEntry, Look]] = []
    rows = rows_of(sent)
    for row, seen in zip(rows, look_at(rows, keys, asked.origin), strict=True):
        if group and seen.nth != len(group):
            found += _each(group, asked)
            group = []
        group.append((row, seen))
        # A command is done with at once: so little is at hand that it stays in the caches.
        if len(group) >= seen.of:
            whole = _whole(group, asked)
            found += _each(group, asked) if whole is None else [whole]
            group = []
    return found + _each(group, asked)


def _each(group: list[tuple[AuditedEntry, Look]], asked: Asked) -> list[Look]:
    """Return what is seen of each entry, for the audit to judge."""
    if asked.decide:
        return [seen for _, seen in group]
    return [_without_ballast(seen, row) for row, seen in group]


def _whole(group: list[tuple[AuditedEntry, Look]], asked: Asked) -> Whole | None:
    """Return a command's entries as a whole, or None where something of them is to be judged."""
    rows, looks = [row for row, _ in group], [seen for _, seen in group]
    first = looks[0]
    told = first.told
    if first.signed_by is None or not _is_bound(first, told, asked):
        return None
    if unruled(first) is not None or misfiled(rows, first) is not None:
        return None
    for nth, (row, seen) in enumerate(group):
        if row.position != rows[0].position + nth or seen.nth != nth:
            return None
        if not (_is_like(seen, first) and _is_clean(row, seen, asked)):
            return None
    contents = [read_content(seen, row.tags) for row, seen in group]
    if not all(_is_read(content, asked) for content in contents):
        return None
    return Whole(
        command=first.command,
        recorded_at=first.recorded_at,
        leaves=tuple([seen.leaf for seen in looks]),
        names=tuple([content.names for content in contents]),
        kid=first.kid,
        signed_by=first.signed_by,
        told=told if asked.decide or told is None else told.without_content(),
        said=tuple(map(_said, looks, contents)) if asked.decide else (),
    )


def _is_bound(first: Look, told: Told | None, asked: Asked) -> bool:
    """Tell whether a statement is there and is this command's, or need not be there."""
    if told is None:
        return not (asked.decide or first.has_statement or is_owed(asked.statements, first.topic))
    return (
        not told.faults
        and told.signed_by is not None
        and (told.own is None or told.own == told.signed_by)
    )


def _is_like(seen: Look, first: Look) -> bool:
    """Tell whether an entry is of the same command as the first, and signed by the same key."""
    return (
        seen.command == first.command
        and seen.statement_sha256 == first.statement_sha256
        and seen.of == first.of
        and seen.recorded_at == first.recorded_at
        and seen.rules == first.rules
        and seen.kid == first.kid
        and seen.signed_by == first.signed_by
    )


def _is_clean(row: AuditedEntry, seen: Look, asked: Asked) -> bool:
    """Tell whether an entry and what is kept beside it have nothing that the audit must see."""
    said = row.columns
    return (
        seen.wrong is None
        and seen.ledger == asked.origin
        and row.damaged is None
        and not tells_keys(seen.topic)
        and seen.topic not in _NEEDED
        # Whether the time is that of its position is for who knows the one before.
        and (said is None or columns_differ(said, seen, said.time) is None)
        and not (asked.statements == "all" and may_lack(row))
    )


def _is_read(content: Content, asked: Asked) -> bool:
    if content.wrong is not None or content.has_other_tags:
        return False
    return not (asked.decide and content.is_closed)


def _said(seen: Look, content: Content) -> Said:
    assert seen.seen is not None, "its content was read"
    assert content.event is not None, "it is an event"
    return Said(
        topic=seen.topic,
        version=seen.version,
        data=seen.seen.opened_data(),
        actor=seen.actor,
        scopes=moved(content.event),
    )


def _without_ballast(seen: Look, row: AuditedEntry) -> Look:
    """Return a look with its content read, and without what an audit that decides nothing needs."""
    if seen.wrong is not None:
        return seen
    content = read_content(seen, row.tags)
    if tells_keys(seen.topic) or seen.topic in _NEEDED:
        return seen._replace(content=content)
    return seen._replace(content=content._replace(event=None), seen=None)
