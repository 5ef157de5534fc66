"""A command is whole only where nothing of it, and nothing before it, is to be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from ledger.audit import AuditedEntry, AuditLog, StoreLog, whole
from ledger.audit.enrolled import Enrolled
from ledger.audit.in_steps import look
from ledger.audit.log import Statements
from ledger.audit.one_row import Content, Look, Told, keys_told_by
from ledger.audit.pool import Stretch
from ledger.audit.replay import World
from ledger.audit.run import Run
from ledger.audit.whole import Asked, Whole, look_at_all
from ledger.rights.states.keys import KeyState
from schemas import canonical
from schemas.events.erasure import OpeningsErased
from schemas.events.log import IndexRootPublished
from tests.kit.instance import Place

Group = list[tuple[AuditedEntry, Look]]
Change = Callable[[Group], Group]


@dataclass(frozen=True)
class Seen:
    """An honest log, and of one of its commands with several entries where it begins."""

    log: AuditLog
    vkey: str
    rows: list[AuditedEntry]
    keys: dict[str, bytes]
    at: int
    of: int

    decide: bool = True

    @property
    def asked(self) -> Asked:
        return Asked(self.log.origin, "all", self.decide)

    def bare(self) -> Seen:
        """Return the same without what a store keeps beside it, and without deciding."""
        rows = [row._replace(columns=None, tags=None) for row in self.rows]
        return replace(self, rows=rows, decide=False)

    def group(self) -> Group:
        rows = self.rows[self.at : self.at + self.of]
        return [(row, look(row, self.keys, self.log.origin)) for row in rows]


@pytest.fixture(scope="module")
def seen(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    place = template.copy(tmp_path_factory.mktemp("whole") / "place")
    with place.open() as instance:
        log = StoreLog(instance.store, origin=instance.facts.origin)
        rows, vkey = list(log.entries()), instance.facts.checkpoint_vkey
    keys, origin = keys_told_by(rows), log.origin
    at = next(
        index
        for index, row in enumerate(rows)
        if (found := look(row, keys, origin)).topic == "VerificationCleared" and found.of > 1
    )
    return Seen(log, vkey, rows, keys, at, look(rows[at], keys, origin).of)


def _look(place: int, **changes: Any) -> Change:
    """Change what is seen of one of the entries."""

    def change(group: Group) -> Group:
        row, found = group[place]
        return [*group[:place], (row, found._replace(**changes)), *group[place:][1:]]

    return change


def _looks(**changes: Any) -> Change:
    """Change what is seen of all of them."""
    return lambda group: [(row, found._replace(**changes)) for row, found in group]


def _row(place: int, **changes: Any) -> Change:
    def change(group: Group) -> Group:
        row, found = group[place]
        return [*group[:place], (row._replace(**changes), found), *group[place:][1:]]

    return change


def _told(**changes: Any) -> Change:
    def change(group: Group) -> Group:
        told = group[0][1].told
        assert told is not None
        return _look(0, told=told._replace(**changes))(group)

    return change


def _columns(place: int, **changes: Any) -> Change:
    def change(group: Group) -> Group:
        columns = group[place][0].columns
        assert columns is not None
        return _row(place, columns=columns._replace(**changes))(group)

    return change


def _bare(change: Change) -> Change:
    """Change what comes without what a store keeps beside it."""
    return lambda group: change([(row._replace(columns=None), found) for row, found in group])


def _later(group: Group) -> Group:
    later = group[1][1].recorded_at + timedelta(seconds=1)
    return _look(1, recorded_at=later)(group)


NOT_WHOLE: dict[str, Change] = {
    "an entry left out": lambda group: group[:1],
    "the first left out": lambda group: group[1:],
    "two exchanged": lambda group: [*group[1::-1], *group[2:]],
    "a gap": lambda group: _row(1, position=group[1][0].position + 1)(group),
    "another place in the command": _look(1, nth=2),
    "another command": _look(1, command="cmd_other"),
    "another statement": _look(1, statement_sha256="0" * 64),
    "another number of entries": _look(1, of=9),
    "another instant": _later,
    "other rules": _look(1, rules=2),
    "other rules for all": _looks(rules=2),
    "another key": _look(1, kid="key_other"),
    "one not signed": _look(1, signed_by=None),
    "none signed": _looks(signed_by=None),
    "another ledger": _look(1, ledger="other.example/2026"),
    "no entry": _look(1, wrong="no entry"),
    "what tells of keys": _bare(_look(1, topic="KeyRevoked")),
    "what tells of the index": _bare(_look(1, topic=IndexRootPublished.TOPIC)),
    "what tells of erasures": _bare(_look(1, topic=OpeningsErased.TOPIC)),
    "no event": _look(1, content=Content(wrong="no event")),
    "a closed field": _look(1, content=Content(is_closed=True)),
    "other tags seen": _look(1, content=Content(has_other_tags=True)),
    "other tags": _row(1, tags=("about:nobody",)),
    "damaged": _row(1, damaged="it cannot be opened"),
    "an opening gone": _row(0, openings=()),
    "no statement": _look(0, told=None, has_statement=False),
    "a statement that cannot be read": _look(0, told=None),
    "a statement that nobody signed": _told(signed_by=None),
    "a statement signed by another key than it brings": _told(own=bytes(32)),
    "a faulty statement": _told(faults=("it had expired",)),
    "another type beside it": _columns(1, type="Other"),
    "another id beside it": _columns(1, event_id="evt_other"),
    "a spoiled cosignature": _columns(1, spoiled="it does not verify"),
    "answered nowhere": _columns(0, answered=None),
}


def test_an_honest_command_is_whole(seen: Seen) -> None:
    found = whole._whole(seen.group(), seen.asked)
    assert found is not None
    assert whole._whole(_bare(lambda group: group)(seen.group()), seen.asked) == found
    assert seen.of > 1
    assert len(found.leaves) == len(found.names) == len(found.said) == seen.of


@pytest.mark.parametrize("name", NOT_WHOLE)
def test_whatever_is_to_be_judged_is_not_whole(seen: Seen, name: str) -> None:
    assert whole._whole(NOT_WHOLE[name](seen.group()), seen.asked) is None


def test_who_gets_no_statements_asks_for_none_unless_commands_are_decided(seen: Seen) -> None:
    group = _look(0, told=None, has_statement=False)(seen.group())
    cases: tuple[tuple[Statements, bool, bool], ...] = (
        ("none", False, True),
        ("public", False, True),  # that of a verification is private
        ("all", False, False),
        ("none", True, False),
    )
    for statements, decide, is_whole in cases:
        asked = Asked(seen.log.origin, statements, decide=decide)
        assert (whole._whole(group, asked) is not None) == is_whole


def _before(seen: Seen) -> tuple[Run, Stretch, int, Whole]:
    """Return an audit that has taken in what is before the command, and the command."""
    stretch, run = Stretch(seen.rows), Run(seen.log, seen.vkey, decide=seen.decide)
    at = 0
    for found in look_at_all(seen.rows, seen.keys, seen.asked):
        if at == seen.at:
            assert isinstance(found, Whole)
            return run, stretch, at, found
        if isinstance(found, Look):
            run.entry(stretch.row(at), found)
        else:
            assert run.whole(stretch, at, found)
        at += len(found.leaves) if isinstance(found, Whole) else 1
    raise AssertionError("it is there")


DECLINED: dict[str, Callable[[Whole], Whole]] = {
    "set back": lambda found: found._replace(recorded_at=found.recorded_at - timedelta(hours=1)),
    "another key's id": lambda found: found._replace(kid="key_other"),
    "another key": lambda found: found._replace(signed_by=bytes(32)),
    "a speaker's key": lambda found: found._replace(kid=_told_of(found).kid, signed_by=_key(found)),
    "another speaker's id": lambda found: _other_told(found, kid="key_other"),
    "another speaker's key": lambda found: _other_told(found, signed_by=bytes(32)),
    "a key that was brought": lambda found: _other_told(found, own=bytes(32)),
}

DECIDED_OTHERWISE: dict[str, Callable[[Whole], Whole]] = {
    "other data": lambda found: _other_said(found, data=b"{}"),
    "another event": lambda found: _other_said(found, topic="Other"),
    "another version": lambda found: _other_said(found, version=2),
    "an event more": lambda found: found._replace(said=(*found.said, found.said[0])),
}


@pytest.mark.parametrize("name", DECLINED)
def test_what_the_entries_before_do_not_bear_out_is_declined(seen: Seen, name: str) -> None:
    _check_declined(seen.bare(), DECLINED[name])


@pytest.mark.parametrize("name", DECIDED_OTHERWISE)
def test_what_the_rules_do_not_give_is_declined(seen: Seen, name: str) -> None:
    _check_declined(seen, DECIDED_OTHERWISE[name])


def test_a_command_out_of_its_place_is_declined(seen: Seen) -> None:
    run, stretch, at, found = _before(seen.bare())
    assert not run.whole(stretch, at + 1, found)
    assert run.whole(stretch, at, found)
    assert not run.whole(stretch, at + seen.of, found)  # answered before


def test_a_command_at_another_time_than_its_row_says_is_declined(seen: Seen) -> None:
    columns = seen.rows[seen.at + 1].columns
    assert columns is not None
    other = columns._replace(time=columns.time + timedelta(microseconds=1))
    rows = list(seen.rows)
    rows[seen.at + 1] = rows[seen.at + 1]._replace(columns=other)
    run, stretch, at, found = _before(replace(seen, rows=rows))
    assert not run.whole(stretch, at, found)


@pytest.mark.parametrize(
    ("status", "has_signed"), [("enrolled", True), ("revoked", False), ("none", False)]
)
def test_a_key_signs_entries_while_it_is_enrolled(
    seen: Seen,
    status: Any,
    has_signed: bool,  # noqa: FBT001 - pytest names it
) -> None:
    found = whole._whole(seen.group(), seen.asked)
    assert found is not None
    text = canonical.b64u(found.signed_by)
    state = KeyState(found.kid, status=status, public_key=text, roles=frozenset({"entry"}))
    keys = Enrolled(_Fixed(state))
    assert keys.have_signed(found._replace(told=None)) == has_signed


class _Fixed(World):
    """A world in which every key is like this one."""

    def __init__(self, state: KeyState) -> None:
        super().__init__()
        self._state = state

    def state(self, scope: Any, key: str) -> Any:  # noqa: ARG002 - the protocol asks for it
        return self._state, 1


def _check_declined(seen: Seen, change: Callable[[Whole], Whole]) -> None:
    run, stretch, at, found = _before(seen)
    counted = run.report.entries, run.report.signatures
    assert not run.whole(stretch, at, change(found))
    assert (run.report.entries, run.report.signatures) == counted
    assert run.report.sound
    assert run.whole(stretch, at, found)


def _told_of(found: Whole) -> Told:
    assert found.told is not None
    return found.told


def _key(found: Whole) -> bytes:
    """Return the key by which its statement is signed."""
    key = _told_of(found).signed_by
    assert key is not None
    return key


def _other_told(found: Whole, **changes: Any) -> Whole:
    return found._replace(told=_told_of(found)._replace(**changes))


def _other_said(found: Whole, **changes: Any) -> Whole:
    return found._replace(said=(found.said[0]._replace(**changes), *found.said[1:]))
