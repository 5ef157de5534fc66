"""The process is killed between any two steps of a grant; it is granted once, or not at all."""

from __future__ import annotations

import pytest

from projections.permissions.queries import permissions_of_asset
from schemas.commands.consents import GrantConsent
from schemas.ids import new_id
from schemas.terms import Consent
from service.speaking import Said
from tests.e2e.driving import Driver, rows
from tests.e2e.steps import is_lost, of_append
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound, topics, wait_folded
from tests.kit.words import consent

PROJECTED = tuple(f"before_projection_commit:{number}" for number in range(1, 6))
"""One for each projection: permissions, royalties, provenance, catalog, index."""


def grant(place: Place) -> tuple[str, Said]:
    """Return a further consent of the first song's owner, as its statement."""
    piece, name = place.pieces[0], new_id("cns")
    words = consent(name, piece.holder, {"recordings": [piece.recording]}, uses=["audio"])
    with place.open() as instance:
        command = GrantConsent(consent=Consent.read(words))
        return name, signed(instance.speaker(piece.holder), command)


@pytest.mark.parametrize("point", [*of_append(1), *PROJECTED])
def test_a_consent_is_granted_once(point: str, place: Place, driver: Driver) -> None:
    name, said = grant(place)
    killed = driver.run(place, said=rows(said), work=False, kill=point).check_killed()
    with place.open() as instance:
        before = topics(instance, f"consent:{name}")
        assert before == ([] if is_lost(point) else ["ConsentGranted"])
        answer = instance.application.handle(said.raw)
        assert answer.replayed == (not is_lost(point))
        assert killed.acknowledged in ({}, {answer.command: answer.positions})
        assert topics(instance, f"consent:{name}") == ["ConsentGranted"]
        wait_folded(instance)
        permitted = permissions_of_asset(instance.readings, place.pieces[0].recording).rows
        assert [row.consent for row in permitted].count(name) == 1
        check_sound(instance)
