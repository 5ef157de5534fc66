"""Many who wait and hold no thread: said at once, said again, too many, gone away, and the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from ledger.answer import Answer
from ledger.application import Application
from ledger.folding import FoldCache, LogSource
from ledger.rights.scopes import scope_for
from ledger.rights.view import View
from ledger.storage.errors import Busy, Fatal, RegisterRefused
from ledger.storage.register import FileRegister
from schemas.commands.base import Command
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from schemas.refusals import Conflict, Malformed
from schemas.terms import Consent
from service.instance import Instance
from tests.integration.thread.test_races import storm
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound
from tests.kit.words import consent

THREADS_MAX = 8
"""What one door may add, however many wait: who prepares, who writes, and what tests run in."""


def granting(place: Place, name: str = "") -> GrantConsent:
    piece = place.pieces[0]
    words = consent(name or new_id("cns"), piece.holder, {"recordings": [piece.recording]})
    return GrantConsent(consent=Consent.read(words))


def holder_signs(instance: Instance, place: Place, command: Command, **more: Any) -> bytes:
    return signed(instance.speaker(place.pieces[0].holder), command, **more).raw


async def everybody(running: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer | BaseException]:
    """Wait for all, and return what each got."""
    return await asyncio.wait_for(asyncio.gather(*running, return_exceptions=True), 60)


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the register answer only when the event is set, and at the end."""
    update, go_on = FileRegister.update, threading.Event()

    def waiting(*args: Any, **how: Any) -> None:
        assert go_on.wait(60)
        update(*args, **how)

    with monkeypatch.context() as patched:
        patched.setattr(FileRegister, "update", waiting)
        try:
            yield go_on
        finally:
            go_on.set()


@asynccontextmanager
async def under_way(
    application: Application, raws: Sequence[bytes]
) -> AsyncIterator[list[asyncio.Task[Answer]]]:
    """Say these, and wait until each has come to the writer or stands in a queue."""
    tasks = [asyncio.create_task(application.handle_async(raw)) for raw in raws]
    await asyncio.sleep(0.3)
    yield tasks


def test_one_statement_said_by_many_at_once_is_one_command(place: Place) -> None:
    with place.open() as instance:
        command = AuthorizeGeneration(verification=new_id("ver"), request=place.request(instance))
        raw = signed(instance.speaker(place.creator), command).raw
        before = instance.feed.visible_head()
        running = [instance.application.handle_async(raw) for _ in range(20)]
        answers = asyncio.run(everybody(running))
        assert all(isinstance(answer, Answer) for answer in answers), answers
        found = [answer for answer in answers if isinstance(answer, Answer)]
        assert sorted(answer.replayed for answer in found) == [False, *[True] * 19]
        # What was answered from hand is what is read back.
        assert len({repr(answer.entries) for answer in found}) == 1
        assert instance.feed.visible_head() == before + 3
        check_sound(instance)


def test_what_is_said_again_while_the_first_waits_is_answered_with_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as instance, held(monkeypatch) as go_on:
        raw = holder_signs(instance, place, granting(place))

        async def run() -> list[Answer | BaseException]:
            async with (
                under_way(instance.application, [raw]) as first,
                under_way(instance.application, [raw, raw]) as again,
            ):
                assert not any(task.done() for task in (*first, *again))
                go_on.set()
                return await asyncio.gather(*first, *again, return_exceptions=True)

        answers = asyncio.run(asyncio.wait_for(run(), 60))
        found = [answer for answer in answers if isinstance(answer, Answer)]
        assert [answer.replayed for answer in found] == [False, True, True]
        assert len({answer.positions for answer in found}) == 1


def test_each_hears_among_many_what_it_would_hear_alone(place: Place) -> None:
    """All of a list take one step before any takes the next; what one is refused for is its own."""
    with place.open() as instance:

        def various() -> list[bytes]:
            good = [holder_signs(instance, place, granting(place)) for _ in range(4)]
            unknown = RevokeConsent(party=place.pieces[0].holder, consent=new_id("cns"))
            return [
                good[0],
                good[1][:-1] + bytes([good[1][-1] ^ 1]),
                good[2][:-1],
                holder_signs(instance, place, unknown),
                holder_signs(instance, place, granting(place), after=1),
                b"",
                good[3],
            ]

        def code(ended: Answer | BaseException) -> str:
            return ended.code if isinstance(ended, (Malformed, Conflict)) else type(ended).__name__

        def alone(raw: bytes) -> Answer | BaseException:
            try:
                return instance.application.handle(raw)
            except (Malformed, Conflict) as error:
                return error

        expected = [code(alone(raw)) for raw in various()]
        assert len(set(expected)) == 5

        async def main() -> list[Answer | BaseException]:
            return await everybody(
                [instance.application.handle_async(raw) for _ in range(8) for raw in various()]
            )

        assert [code(ended) for ended in asyncio.run(main())] == expected * 8
        check_sound(instance)


def test_no_thread_is_held_however_many_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.open() as instance, held(monkeypatch) as go_on:
        raws = [holder_signs(instance, place, granting(place)) for _ in range(150)]
        before = threading.active_count()

        async def run() -> list[Answer | BaseException]:
            async with under_way(instance.application, raws) as tasks:
                assert threading.active_count() <= before + THREADS_MAX
                assert not any(task.done() for task in tasks)
                go_on.set()
                return await asyncio.gather(*tasks, return_exceptions=True)

        answers = asyncio.run(asyncio.wait_for(run(), 60))
        found = [answer for answer in answers if isinstance(answer, Answer)]
        assert len({answer.positions for answer in found}) == len(raws)
        check_sound(instance)


def test_beyond_the_bound_one_is_told_to_come_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as instance, held(monkeypatch) as go_on:
        application = Application(
            instance.store,
            instance.storage.writer,
            origin=instance.facts.origin,
            signing=instance.signing,
            waiting_max=5,
        )
        raws = [holder_signs(instance, place, granting(place)) for _ in range(9)]

        async def run() -> list[Answer | BaseException]:
            async with under_way(application, raws) as tasks:
                go_on.set()
                first = await asyncio.gather(*tasks, return_exceptions=True)
            busy = [raw for raw, got in zip(raws, first, strict=True) if isinstance(got, Busy)]
            assert len(busy) == 4
            again = [await application.handle_async(raw) for raw in busy]
            return [*(got for got in first if not isinstance(got, Busy)), *again]

        answers = asyncio.run(asyncio.wait_for(run(), 60))
        application.close()
        found = [answer for answer in answers if isinstance(answer, Answer)]
        assert len({answer.positions for answer in found}) == len(raws)
        assert not any(answer.replayed for answer in found)


def test_when_the_log_ends_everybody_who_waits_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as instance:
        refused = threading.Event()

        def refuse(*_args: Any, **_how: Any) -> None:
            assert refused.wait(60)
            raise RegisterRefused("not this one")

        monkeypatch.setattr(FileRegister, "update", refuse)
        raws = [holder_signs(instance, place, granting(place)) for _ in range(30)]

        async def run() -> list[Answer | BaseException]:
            async with under_way(instance.application, raws[:-1]) as tasks:
                refused.set()
                told = await asyncio.gather(*tasks, return_exceptions=True)
            late = await asyncio.gather(
                instance.application.handle_async(raws[-1]), return_exceptions=True
            )
            return [*told, *late]

        told = asyncio.run(asyncio.wait_for(run(), 60))
        assert [type(error) for error in told if not isinstance(error, Fatal)] == []


def test_whoever_goes_away_was_heard_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as instance, held(monkeypatch) as go_on:
        raws = [holder_signs(instance, place, granting(place)) for _ in range(3)]

        async def run() -> Answer:
            async with under_way(instance.application, raws) as tasks:
                tasks[1].cancel()
                go_on.set()
                told = await asyncio.gather(*tasks, return_exceptions=True)
                assert [isinstance(got, Answer) for got in told] == [True, False, True]
            return await instance.application.handle_async(raws[1])

        again = asyncio.run(asyncio.wait_for(run(), 60))
        assert again.replayed
        assert again.entries[0].type == "ConsentGranted"


def test_after_the_end_nobody_is_taken(place: Place) -> None:
    with place.open() as instance:
        raw = holder_signs(instance, place, granting(place))
        first = asyncio.run(instance.application.handle_async(raw))
    assert not first.replayed
    with pytest.raises(Fatal):
        asyncio.run(instance.application.handle_async(raw))


def test_an_old_word_is_known_before_it_is_expired(place: Place) -> None:
    """Repetition comes first: what was taken is answered for ever, whenever it is said again."""
    with place.open() as instance:
        application, clock = instance.application, instance.clock
        raw = holder_signs(instance, place, granting(place))
        first = asyncio.run(application.handle_async(raw))
        late = Application(
            instance.store,
            instance.storage.writer,
            origin=instance.facts.origin,
            signing=instance.signing,
            clock=lambda: clock().replace(year=clock().year + 1),
        )
        again = asyncio.run(late.handle_async(raw))
        assert (again.replayed, again.positions) == (True, first.positions)
        other = holder_signs(instance, place, granting(place))
        with pytest.raises(Malformed, match="expired"):
            asyncio.run(late.handle_async(other))
        late.close()


def test_what_the_cache_was_fed_is_what_the_log_folds_to(place: Place) -> None:
    """After a storm of authorizations and revocations, half of them without a thread."""
    with place.open() as instance:
        for number in range(4):
            storm(place, instance, number)
            asyncio.run(_mixed(place, instance))
        application = instance.application
        application._hearing.catch_up()
        cache = application._cache
        with instance.store.snapshot() as reader:
            assert cache.fed == reader.bound
            view = View(LogSource(reader, FoldCache()))
            assert len(cache.items()) > 20
            for tag, (state, _) in cache.items().items():
                assert view.ask(*scope_for(tag)) == state, tag
        check_sound(instance)


async def _mixed(place: Place, instance: Instance) -> None:
    """Grant and revoke on one asset, many at once: each revocation right after its grant."""

    async def one() -> None:
        name = new_id("cns")
        await instance.application.handle_async(
            holder_signs(instance, place, granting(place, name))
        )
        revoke = RevokeConsent(party=place.pieces[0].holder, consent=name)
        answer = await instance.application.handle_async(holder_signs(instance, place, revoke))
        assert answer.entries[0].type == "ConsentRevoked"

    await asyncio.gather(*(one() for _ in range(12)))


def test_a_scope_that_moves_between_decision_and_append_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who say the same `after` about one asset: the second has not seen what the first did."""
    with place.open() as instance, held(monkeypatch) as go_on:
        after = instance.feed.visible_head()
        raws = [holder_signs(instance, place, granting(place), after=after) for _ in range(2)]

        async def run() -> list[Answer | BaseException]:
            async with under_way(instance.application, raws) as tasks:
                go_on.set()
                return await asyncio.gather(*tasks, return_exceptions=True)

        first, second = asyncio.run(asyncio.wait_for(run(), 60))
        assert isinstance(first, Answer)
        assert isinstance(second, Conflict)
        assert second.code == "scope_moved"
