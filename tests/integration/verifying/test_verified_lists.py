"""Through the one door: what is not signed is not taken, whoever verifies and whatever befalls it.

Statements are said many at once, so that they are decided as lists while they are verified.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, TypeVar

import pytest

from ledger.answer import Answer, Standing
from ledger.deciding import Case, Ready
from ledger.storage.writer import Told
from ledger.taking import Taken
from ledger.verifying.beside import VerifierProcess
from ledger.verifying.port import Here
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.envelope.keys import Signed
from schemas.ids import new_id
from schemas.refusals import Malformed
from schemas.terms import Consent
from service.instance import Instance
from tests.integration.verifying.test_verifying import running, wake
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound
from tests.kit.words import consent
from tests.support.patience import until
from tests.support.processes import is_there

T = TypeVar("T")
EACH = 16
"""Statements of each kind in one load."""


def grants(instance: Instance, place: Place) -> list[bytes]:
    """Return signed statements, each of which is taken."""
    piece = place.pieces[0]
    speaker = instance.speaker(piece.holder)
    words = [consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})] * EACH
    commands = [
        GrantConsent(consent=Consent.read({**word, "consent": new_id("cns")})) for word in words
    ]
    return [signed(speaker, command).raw for command in commands]


def forged(raw: bytes) -> bytes:
    """Return a statement with a signature that does not verify."""
    return raw[:-1] + bytes([raw[-1] ^ 1])


def refused(instance: Instance, place: Place) -> list[bytes]:
    """Return statements that the rules refuse: nobody gave these consents."""
    holder = place.pieces[0].holder
    speaker = instance.speaker(holder)
    commands = [RevokeConsent(party=holder, consent=new_id("cns")) for _ in range(EACH)]
    return [signed(speaker, command).raw for command in commands]


def load(instance: Instance, place: Place) -> list[tuple[bytes, str]]:
    """Return statements of all kinds, one beside the other, each with what it must hear."""
    kinds = [
        [(raw, "taken") for raw in grants(instance, place)],
        [(forged(raw), "signature_invalid") for raw in grants(instance, place)],
        [(raw, "unknown_id") for raw in refused(instance, place)],
        [(forged(raw), "signature_invalid") for raw in refused(instance, place)],
    ]
    return [row for rows in zip(*kinds, strict=True) for row in rows]


async def heard(instance: Instance, rows: Sequence[tuple[bytes, str]]) -> list[str]:
    """Say all at once, and return what each heard."""

    async def one(raw: bytes) -> str:
        try:
            answer = await instance.application.handle_async(raw)
        except Malformed as error:
            return error.code
        assert isinstance(answer, Answer)
        return "taken"

    return list(await asyncio.gather(*(one(raw) for raw, _ in rows)))


def say(instance: Instance, place: Place) -> None:
    """Say a load, and require that each hears what it must."""
    rows = load(instance, place)
    before = instance.feed.visible_head()
    assert asyncio.run(heard(instance, rows)) == [expected for _, expected in rows]
    assert instance.feed.visible_head() == before + EACH


def test_each_hears_what_it_must_where_a_process_verifies(place: Place) -> None:
    with place.open() as instance:
        with running() as beside:
            instance.application.decider.verify_by(beside)
            say(instance, place)  # the log itself is asked for keys that nobody has heard of yet
            before = beside.sent
            for _ in range(3):
                say(instance, place)
            assert beside.sent >= before + 3
            assert beside.losses == 0
            counted = instance.observing.metrics.text().decode()
            invalid = 'linernotes_malformed_total{code="signature_invalid"}'
            assert f"{invalid} {8 * EACH:.1f}" in counted
        say(instance, place)
        check_sound(instance)


class Disturbed(VerifierProcess):
    """One whose process something befalls while a list is with it, of which it has read nothing."""

    word: signal.Signals | None = None

    def befall(self, word: signal.Signals) -> None:
        self.word = word

    def _ask(self, signed: Sequence[Signed]) -> None:
        word = self.word if self.is_running else None
        if word is not None and self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)
            self.word = None
        super()._ask(signed)
        if word is not None and self.pid is not None:
            os.kill(self.pid, word)


@pytest.mark.parametrize("word", [signal.SIGKILL, signal.SIGSTOP])
def test_each_hears_what_it_must_where_that_process_is_lost(
    place: Place, word: signal.Signals
) -> None:
    """Stopped or killed with a list in hand, again and again, under load."""
    with place.open() as instance, closing(Disturbed(late_s=0.5, again_s=0)) as beside:
        instance.application.decider.verify_by(beside)
        say(instance, place)  # the log itself is asked for keys that nobody has heard of yet
        for number in range(1, 4):
            wake(beside)
            pid = beside.pid
            beside.befall(word)
            say(instance, place)
            assert beside.word is None, "it was with a list"
            until(lambda: not is_there(pid or 0))  # noqa: B023 - asked before the next turn
            assert beside.losses >= number
        check_sound(instance)


class Watched:
    """Verifies here, and looks what has become of a list when all else is done with it."""

    def __init__(self, look: Callable[[], object]) -> None:
        self.look = look
        self.seen: list[tuple[int, object]] = []
        self.last: object = None

    def verify(self, signed: Sequence[Signed], meanwhile: Callable[[], T]) -> tuple[list[bool], T]:
        before = self.look()
        done = meanwhile()
        self.seen.append((len(signed), self.look() == before))
        found, _ = Here().verify(signed, lambda: None)
        return list(found), done


def test_nothing_reaches_the_writer_before_it_is_verified(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is handed to the writer, each was verified before, by the key that it names."""
    with place.open() as instance:
        application = instance.application
        writer = instance.storage.writer
        handed: list[bytes] = []
        submit_all = writer.submit_all

        def watched(works: Sequence[tuple[Any, Ready]], told: Told, **how: bool) -> None:
            handed.extend(work.case.taken.verified_by for _, work in works)
            submit_all(works, told, **how)

        monkeypatch.setattr(writer, "submit_all", watched)
        say(instance, place)  # the log itself is asked for keys that nobody has heard of yet
        handed.clear()
        verifying = Watched(lambda: (len(handed), instance.feed.visible_head()))
        application.decider.verify_by(verifying)
        rows = load(instance, place)
        assert asyncio.run(heard(instance, rows)) == [expected for _, expected in rows]
        assert Counter(handed) == {instance.speaker(place.pieces[0].holder).key.public: EACH}
        assert all(is_alike for _, is_alike in verifying.seen)
        assert max(length for length, _ in verifying.seen) > EACH, "they came as lists"


class Denying:
    """Says no to all: nobody's signature verifies."""

    def verify(self, signed: Sequence[Signed], meanwhile: Callable[[], T]) -> tuple[list[bool], T]:
        return [False] * len(signed), meanwhile()


def test_a_no_is_asked_again_of_the_log_itself(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was wrong, by a key that the cache had not heard of, nobody is refused for it."""
    with place.open() as instance:
        instance.application.decider.verify_by(Denying())
        cold: list[Taken] = []
        decide_cold = instance.application._decide_cold

        def counted(taken: Taken) -> Case | Standing:
            cold.append(taken)
            return decide_cold(taken)

        monkeypatch.setattr(instance.application, "_decide_cold", counted)
        rows = load(instance, place)
        assert asyncio.run(heard(instance, rows)) == [expected for _, expected in rows]
        assert len(cold) == len(rows)
        check_sound(instance)
