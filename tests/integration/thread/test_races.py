"""Authorizing and revoking at the same time: no authorization rests on a consent revoked before it.

Judged by positions alone, which nobody can argue with: an authorization at p that cites a consent
which was revoked between its grant and p saw less than it should have.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.answer import Answer
from ledger.audit import StoreLog, audit
from ledger.deciding import Decider
from ledger.storage.records import Prepared
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration, VerifyGeneration
from schemas.ids import new_id
from schemas.refusals import Malformed
from schemas.terms import Consent
from service.instance import Instance
from tests.kit.instance import Piece, Place, signed
from tests.kit.sound import check_sound
from tests.kit.words import consent
from tests.support.violations import blind_authorizations, read_log

AUTHORIZERS = 4
EACH = 2
WAIT_S = 180.0
ROUNDS = 10
ROUNDS_MAX = 60
"""For the test that must find something: it did so in the first three wherever it was run."""

Revoking = Callable[[Piece, tuple[str, str]], dict[str, Any]]

TARGETS: tuple[Revoking, ...] = (
    lambda _piece, consents: {"consent": consents[0]},
    lambda _piece, _consents: {"everything": True},
    lambda piece, _consents: {"asset": piece.recording},
    lambda _piece, consents: {"consent": consents[1]},
    lambda piece, _consents: {"asset": piece.work},
)
"""What is revoked, in turn: one consent, everything, the recording, the work."""


def grant(instance: Instance, piece: Piece) -> tuple[str, str]:
    """Revoke whatever there is and grant anew, so that each side of a song rests on one consent."""
    holder = instance.speaker(piece.holder)
    holder.say(RevokeConsent(party=piece.holder, everything=True))
    names = new_id("cns"), new_id("cns")
    sides = (("owner", {"recordings": [piece.recording]}), ("publisher", {"works": [piece.work]}))
    for name, (capacity, applies_to) in zip(names, sides, strict=True):
        words = consent(name, piece.holder, applies_to, capacity=capacity)
        holder.say(GrantConsent(consent=Consent.read(words)))
    return names


def storm(place: Place, instance: Instance, number: int) -> list[Answer]:
    """Let authorizers and one revoker run at once, over songs that they share.

    From one storm to the next the revoker lets one more of them be answered before it speaks.
    """
    piece = place.pieces[number % 2]
    granted = {one: grant(instance, one) for one in place.pieces}
    target = TARGETS[number % len(TARGETS)](piece, granted[piece])
    together, answered = threading.Barrier(AUTHORIZERS + 1), threading.Semaphore(0)

    def authorize() -> list[Answer]:
        creator, answers = instance.speaker(place.creator), []
        together.wait(WAIT_S)
        for _ in range(EACH):
            request = place.request(instance)
            command = AuthorizeGeneration(verification=new_id("ver"), request=request)
            answers.append(creator.say(command))
            answered.release()
        return answers

    def revoke() -> list[Answer]:
        holder = instance.speaker(piece.holder)
        together.wait(WAIT_S)
        for _ in range(number % (AUTHORIZERS * EACH)):
            assert answered.acquire(timeout=WAIT_S)
        return [holder.say(RevokeConsent(party=piece.holder, **target))]

    with ThreadPoolExecutor(AUTHORIZERS + 1) as pool:
        running = [pool.submit(authorize) for _ in range(AUTHORIZERS)] + [pool.submit(revoke)]
        return [answer for one in running for answer in one.result(WAIT_S)]


def violations(instance: Instance) -> list[tuple[int, int]]:
    """Return (authorization, revocation) by their positions, wherever one did not see the other."""
    return blind_authorizations(read_log(instance.store, instance.storage.visible))


def test_no_authorization_after_a_revocation_that_it_did_not_see(place: Place) -> None:
    with place.open() as instance:
        answers = [answer for n in range(ROUNDS) for answer in storm(place, instance, n)]
        assert violations(instance) == []
        assert len(answers) == ROUNDS * (AUTHORIZERS * EACH + 1)  # each one was answered
        assert any(answer.refused for answer in answers)
        authorized = {a.positions for a in answers if a.entries[0].type == "VerificationCleared"}
        assert authorized
        report = check_sound(instance)
        assert report.decided > len(authorized)


def test_without_the_guard_the_same_finds_violations(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: what was read guards nothing, and both the positions and the audit show it."""
    prepared = Decider.prepared

    def unguarded(*how: Any) -> Prepared:
        return dataclasses.replace(prepared(*how), guard={})

    monkeypatch.setattr(Decider, "prepared", unguarded)
    with place.open() as instance:
        for number in range(ROUNDS_MAX):
            storm(place, instance, number)
            if found := violations(instance):
                break
        assert found
        log = StoreLog(instance.store, origin=instance.facts.origin)
        report = audit(log, instance.facts.checkpoint_vkey)
        assert report.differ > 0
        assert {row.step for row in report.findings} == {"(7) decided again"}


def test_one_verification_is_cited_once_by_whoever_is_first(place: Place) -> None:
    """Ten at once cite it; nine are told that somebody was before them."""
    with place.open() as instance:
        creator, verification = instance.speaker(place.creator), new_id("ver")
        request = place.request(instance)
        creator.say(VerifyGeneration(verification=verification, request=request))
        together = threading.Barrier(10)

        def authorize() -> str:
            speaker = instance.speaker(place.creator)
            together.wait(WAIT_S)
            try:
                return speaker.say(AuthorizeGeneration(verification=verification)).entries[0].type
            except Malformed as error:
                return error.code

        with ThreadPoolExecutor(10) as pool:
            said = [one.result(WAIT_S) for one in [pool.submit(authorize) for _ in range(10)]]
        assert sorted(said) == ["GenerationAuthorized", *["id_reused"] * 9]
        check_sound(instance)


def test_one_statement_handed_in_by_many_at_once_is_one_command(place: Place) -> None:
    with place.open() as instance:
        request = place.request(instance)
        command = AuthorizeGeneration(verification=new_id("ver"), request=request)
        said = signed(instance.speaker(place.creator), command)
        before = instance.feed.visible_head()
        with ThreadPoolExecutor(10) as pool:
            running = [pool.submit(instance.application.handle, said.raw) for _ in range(10)]
            answers = [one.result(WAIT_S) for one in running]
        assert sorted(answer.replayed for answer in answers) == [False, *[True] * 9]
        assert len({answer.positions for answer in answers}) == 1
        assert len({entry.entry for answer in answers for entry in answer.entries}) == 3
        assert instance.feed.visible_head() == before + 3
        check_sound(instance)
