"""A log of accruals, as completed generations leave them: what the benchmarks of projections fold.

Each is a real entry of one song and two legs, signed, its payer committed and the opening sealed
beside it; it goes through the writer into a real store.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from eventsourcing.dcb.api import DCBEvent

from ledger.evidence.vkeys import NoteKey
from ledger.feed import Feed
from ledger.storage.opening import Storage
from ledger.storage.records import Outcome, Prepared, SubjectOpening
from ledger.storage.register import FileRegister
from schemas import commitments
from schemas.commitments import Opening
from schemas.envelope.entry import sign_entry
from schemas.envelope.keys import SigningKey
from schemas.events.royalties import RoyaltyAccrued
from schemas.ids import new_id
from schemas.lists import Side
from schemas.money import Money
from schemas.terms import Controller, Leg, Touched

ORIGIN: Final = "ledger.example/2026"
PAYEES: Final = 2_000
SONGS: Final = 1_000
PAYERS: Final = 200
AT_ONCE: Final = 200
"""Entries of one command, so that making the log takes no longer than measuring it."""

_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Earnings:
    """Draws accruals, the same kind for ever."""

    def __init__(self) -> None:
        self._choose = random.Random(4711)  # noqa: S311 - the same proportions in every run
        self.payees = [new_id("pty") for _ in range(PAYEES)]
        self._songs = [(new_id("rec"), new_id("wrk")) for _ in range(SONGS)]
        self.payers = [new_id("pty") for _ in range(PAYERS)]

    def accrual(self) -> RoyaltyAccrued:
        """Return one accrual of one song: a fee, a leg of each side, a commission."""
        parties = self._choose.sample(self.payees, 2)
        recording, work = self._choose.choice(self._songs)
        sides: tuple[tuple[Side, str], ...] = (("master", recording), ("publishing", work))
        amounts = [self._choose.randrange(1_000, 900_000) for _ in parties]
        pool, commission = sum(amounts), sum(amounts) // 5
        return RoyaltyAccrued(
            generation=new_id("gen"),
            output=new_id("out"),
            payer=self._choose.choice(self.payers),
            fee=Money.accrued(pool + commission, "EUR"),
            pool=Money.accrued(pool, "EUR"),
            commission=Money.accrued(commission, "EUR"),
            legs=tuple(
                Leg(
                    recording=recording,
                    side=side,
                    asset=asset,
                    party=party,
                    amount=Money.accrued(amount, "EUR"),
                )
                for (side, asset), party, amount in zip(sides, parties, amounts, strict=True)
            ),
            vector_sha256="0" * 64,
            touched=(
                Touched(
                    recording=recording,
                    works=(work,),
                    controllers=tuple(
                        Controller(side=side, asset=asset, party=party)
                        for (side, asset), party in zip(sides, parties, strict=True)
                    ),
                ),
            ),
        )


@contextmanager
def log_of(events: Sequence[RoyaltyAccrued], place: Path | str) -> Iterator[Feed]:
    """Append events to a fresh log at a place, and give its feed."""
    key = SigningKey.generate(new_id("key"))
    note = NoteKey(ORIGIN, SigningKey.generate(new_id("key")))
    with TemporaryDirectory() as folder:
        register = FileRegister.create(Path(folder) / "register", (note.verifier,))
        with Storage(
            place,
            register=register,
            log_key=note,
            master_key=b"\x05" * 32,
            create=True,
            clock=lambda: _AT,
            database_clock=lambda: _AT,
        ) as storage:
            waiting = [
                storage.submit(_command(events[first : first + AT_ONCE], key))
                for first in range(0, len(events), AT_ONCE)
            ]
            for one in waiting:
                one.result()
            yield Feed(storage.store, storage.visible)


def _command(events: Sequence[RoyaltyAccrued], key: SigningKey) -> Prepared:
    command = new_id("cmd")
    made, ids, openings = [], [], []
    for index, event in enumerate(events):
        event_id, data = new_id("evt"), event.data()
        opening = Opening("/data/payer", commitments.new_salt(), data["payer"])
        data["payer"] = commitments.commit(opening.value, opening.salt)
        payload = {
            "actor": new_id("pty"),
            "command": command,
            "correlation": None,
            "data": data,
            "id": event_id,
            "index": index,
            "ledger": ORIGIN,
            "of": len(events),
            "recorded_at": _AT.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "rules": 1,
            "statement_sha256": "0" * 64,
            "type": event.TOPIC,
            "version": event.VERSION,
        }
        raw = sign_entry(payload, key, ledger=ORIGIN)
        made.append(DCBEvent(type=event.TOPIC, data=raw, tags=event.tags()))
        ids.append(event_id)
        openings.append(SubjectOpening(event_id, str(opening.value), opening))
    return Prepared(
        command_id=command,
        digest=bytes(32),
        statement=command.encode(),
        events=made,
        event_ids=ids,
        guard={},
        recorded_at=_AT,
        redecide=_never,
        openings=openings,
    )


def _never(_reader: object) -> Prepared | Outcome:
    raise AssertionError("nothing guards these")
