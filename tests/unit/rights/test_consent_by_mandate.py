"""A representative consents for its grantor, within its mandate; a voice is given in person."""

from typing import Any

import pytest

from schemas.commands.consents import ChangeConsent, GrantConsent
from schemas.commands.parties import DeclareDeath, GrantMandate
from tests.kit.words import WORLD, sha, when
from tests.kit.world import World

GERMANY = {"include": ["DE"], "exclude": []}


def granting(world: World, grantor: str, *on: str, **words: Any) -> GrantConsent:
    return GrantConsent.read({"consent": world.words("c", grantor, on, **words)})


def mandated(world: World, **changes: Any) -> str:
    """Let P act for L; return the mandate."""
    words = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song", "parameter"],
        "territories": WORLD,
        **changes,
    }
    grantor = "V" if words["grantor"] == world.id("pty", "V") else "L"
    world.log.say(GrantMandate.read(words), by=world[grantor])
    return str(words["mandate"])


def test_a_representative_consents_within_its_mandate(owned: World) -> None:
    mandate = mandated(owned)
    said = owned.log.say(granting(owned, "L", "S1"), by=owned["P"], mandate=mandate)
    assert said.recorded[0].actor == owned.id("pty", "P")
    assert said.event.consent.grantor == owned.id("pty", "L")


def test_a_representative_may_say_that_it_is_one(owned: World) -> None:
    mandate = mandated(owned)
    command = granting(owned, "L", "S1", capacity="representative")
    owned.log.say(command, by=owned["P"], mandate=mandate)


def test_who_speaks_for_itself_is_no_representative(owned: World) -> None:
    command = granting(owned, "L", "S1", capacity="representative")
    owned.log.refuses("consent_invalid", command, by=owned["L"])


def test_a_representative_names_what_it_speaks_about(owned: World) -> None:
    mandate = mandated(owned)
    command = granting(owned, "L", capacity="representative")
    owned.log.refuses("consent_invalid", command, by=owned["P"], mandate=mandate)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"capacities": ["publisher"]}, {}),
        ({"capacities": ["publisher"]}, {"capacity": "representative"}),
        ({"uses": ["song"]}, {}),
        ({"territories": GERMANY}, {}),
    ],
)
def test_a_representative_stays_within_its_mandate(
    owned: World, limit: dict[str, Any], words: dict[str, Any]
) -> None:
    mandate = mandated(owned, **limit)
    command = granting(owned, "L", "S1", **words)
    owned.log.refuses("mandate_exceeds_grantor", command, by=owned["P"], mandate=mandate)


def test_a_representative_changes_a_consent_within_its_mandate_too(owned: World) -> None:
    mandate = mandated(owned, uses=["song"])
    owned.consent("c", "L", ["S1"], uses=["song"], tiers=["preview"])

    def changed(**words: Any) -> ChangeConsent:
        return ChangeConsent.read({"consent": owned.words("c", "L", ["S1"], **words)})

    wider = changed(uses=["song", "parameter"])
    owned.log.refuses("mandate_exceeds_grantor", wider, by=owned["P"], mandate=mandate)
    owned.log.say(changed(uses=["song"], tiers=[]), by=owned["P"], mandate=mandate)


def test_a_mandate_that_is_not_in_force_gives_no_power(owned: World) -> None:
    mandate = mandated(owned, effective_from=when("2026-06-01T00:00:00Z"))
    command = granting(owned, "L", "S1")
    caught = owned.log.refuses("not_controller", command, by=owned["P"], mandate=mandate)
    assert caught.pointer == "/mandate"


def test_a_mandate_between_others_gives_no_power(owned: World) -> None:
    mandate = mandated(owned)
    command = granting(owned, "L", "S1")
    owned.log.refuses("not_controller", command, by=owned["V"], mandate=mandate)


def test_a_mandate_that_nobody_gave_gives_no_power(owned: World) -> None:
    mandate = owned.id("mnd", "none")
    owned.log.refuses("unknown_id", granting(owned, "L", "S1"), by=owned["P"], mandate=mandate)


def test_who_acts_for_itself_names_no_mandate(owned: World) -> None:
    mandate = mandated(owned)
    owned.log.refuses("not_controller", granting(owned, "L", "S1"), by=owned["L"], mandate=mandate)


def performers_mandate(owned: World) -> str:
    return mandated(owned, grantor=owned.id("pty", "V"), capacities=["performer"])


def test_a_living_performer_gives_its_voice_in_person(owned: World) -> None:
    mandate = performers_mandate(owned)
    command = granting(owned, "V", "S1", capacity="performer")
    owned.log.refuses("performer_signature_required", command, by=owned["P"], mandate=mandate)


def test_a_representative_gives_a_performance_without_the_voice(owned: World) -> None:
    mandate = performers_mandate(owned)
    command = granting(owned, "V", "S1", capacity="performer", parameters=["melody"])
    owned.log.say(command, by=owned["P"], mandate=mandate)


def test_an_estate_gives_the_voice_of_the_dead(owned: World) -> None:
    mandate = performers_mandate(owned)
    death = DeclareDeath(party=owned.id("pty", "V"), evidence_sha256=sha("certificate"))
    owned.log.say(death, by=owned["registrar"])
    command = granting(owned, "V", "S1", capacity="performer")
    owned.log.say(command, by=owned["P"], mandate=mandate)
