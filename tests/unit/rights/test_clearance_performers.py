"""Who sings is asked for voice and for copying; moral rights stand against purposes."""

from typing import Any

import pytest

from schemas.commands.catalog import DeclareMoralRestriction, LiftMoralRestriction
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.parties import DeclareDeath, GrantMandate, RevokeMandate
from tests.kit.demand import codes, reasons, request, row, songs, verify
from tests.kit.words import WORLD, sha
from tests.kit.world import World


def sung(said: Any = None) -> World:
    """Fixture F with singers V and U, and what is declared about S1."""
    world = songs().party("V", "U", kind="person")
    return world.vocals("S1", said) if said is not None else world


def voice(world: World, **more: Any) -> Any:
    return request(world, row(world, "S1", use="parameter", parameters=["voice"], **more))


def missing(world: World, name: str) -> tuple[Any, ...]:
    return ("performer_consent_missing", 0, "master", world.id("pty", name), "voice")


def sings(world: World, who: str, name: str = "", **more: Any) -> str:
    words = {"capacity": "performer", "parameters": ["voice"], **more}
    return world.consent(f"{who} on S1 {name}", who, ["S1"], **words)


@pytest.mark.parametrize("said", ["none", "synthetic"])
def test_where_nobody_sings_nobody_is_asked(said: str) -> None:
    world = sung(said)
    assert not verify(world, voice(world)).refused


def test_where_nobody_declared_who_sings_voice_and_copying_are_refused() -> None:
    world = songs()
    world.recording("S5").work("W5").link("S5", "W5")
    world.share("S5", "L", "1")
    world.share("W5", "P1", "1")
    world.consent("S5", "L", ["S5"])
    world.consent("W5", "P1", ["W5"])
    world.enter("mosaic", "S5")
    unknown = [("performer_consent_missing", 0, "master", None, "vocals")]
    copying = request(world, row(world, "S5", role="timbre"))
    sung_of = request(world, row(world, "S5", use="parameter", parameters=["voice"]))
    assert reasons(verify(world, copying, "v1")) == unknown
    assert reasons(verify(world, sung_of, "v2")) == unknown
    assert not verify(world, request(world, "S5"), "v3").refused


def test_every_singer_of_the_recording_is_asked() -> None:
    world = sung({"V": [], "U": []})
    sings(world, "U")
    assert reasons(verify(world, voice(world))) == [missing(world, "V")]
    sings(world, "V")
    found = verify(world, voice(world), "v2").event
    assert found.touched[0].performers == tuple(sorted(world.id("pty", each) for each in "VU"))


def test_of_a_stem_its_singers_alone_are_asked() -> None:
    world = songs().party("V", "U", kind="person")
    world.recording("S5", stems=["voice", "keys", "guitar"]).work("W5").link("S5", "W5")
    world.share("S5", "L", "1")
    world.share("W5", "P1", "1")
    world.consent("S5", "L", ["S5"])
    world.consent("W5", "P1", ["W5"])
    world.vocals("S5", {"V": ["voice"], "U": ["keys", "voice"]}).enter("mosaic", "S5")
    world.consent("U", "U", ["S5"], capacity="performer", parameters=["voice"])

    def asked(**more: Any) -> list[str]:
        said = row(world, "S5", use="parameter", parameters=["voice"], **more)
        found = verify(world, request(world, said), f"v{world.log.head()}")
        return codes(found) if found.refused else []

    assert asked(stem="voice") == ["performer_consent_missing"]
    assert asked(stem="keys") == []
    assert asked(stem="guitar") == []
    assert asked() == ["performer_consent_missing"]


def test_a_consent_without_the_voice_is_as_good_as_none() -> None:
    world = sung({"V": []})
    sings(world, "V", parameters=["guitar"], tiers=["commercial"])
    assert reasons(verify(world, voice(world))) == [missing(world, "V")]


def test_a_consent_with_the_voice_says_its_own_failing_clause() -> None:
    world = sung({"V": []})
    sings(world, "V", "a", parameters=["guitar"])
    sings(world, "V", "b", tiers=["commercial"])
    said = reasons(verify(world, voice(world)))
    assert said == [("tier_not_permitted", 0, "master", world.id("pty", "V"), "tiers")]


def test_a_revoked_voice_is_revoked_and_a_revoked_guitar_is_silence() -> None:
    world = sung({"V": []})
    party = world.id("pty", "V")
    for name, parameters, code in (
        ("g", ["guitar"], "performer_consent_missing"),
        ("v", ["voice"], "consent_revoked"),
    ):
        consent = sings(world, "V", name, parameters=parameters)
        revoke = RevokeConsent(party=party, consent=consent)
        world.log.say(revoke, by=world["V"])
        asked = voice(world, weight=str(world.log.head()))
        assert codes(verify(world, asked, f"ver {name}")) == [code]


def test_a_performers_other_parameters_are_not_asked() -> None:
    world = sung({"V": []})
    sings(world, "V")
    both = row(world, "S1", use="parameter", parameters=["guitar", "voice"])
    assert not verify(world, request(world, both)).refused


def test_who_owns_and_sings_must_say_both() -> None:
    world = sung({"L": []})
    assert reasons(verify(world, voice(world))) == [missing(world, "L")]


def test_death_suspends_the_voice_and_nothing_else() -> None:
    world = sung({"V": []})
    sings(world, "V")
    assert not verify(world, voice(world), "v1").refused
    died = DeclareDeath(party=world.id("pty", "V"), evidence_sha256=sha("death"))
    world.log.say(died, by=world["registrar"])
    assert reasons(verify(world, voice(world), "v2")) == [missing(world, "V")]
    assert not verify(world, request(world, "S1"), "v3").refused


def estate(world: World) -> GrantMandate:
    return GrantMandate.read(
        {
            "mandate": world.id("mnd", "estate"),
            "grantor": world.id("pty", "V"),
            "mandatee": world.id("pty", "X"),
            "capacities": ["performer"],
            "uses": ["song", "parameter"],
            "territories": WORLD,
        }
    )


def test_a_registered_estate_ends_the_suspension() -> None:
    world = sung({"V": []})
    died = DeclareDeath(party=world.id("pty", "V"), evidence_sha256=sha("death"))
    world.log.say(died, by=world["registrar"])
    world.log.say(estate(world), by=world["registrar"])
    words = world.words("estate", "V", ["S1"], capacity="performer", parameters=["voice"])
    granted = GrantConsent.read({"consent": words})
    world.log.say(granted, by=world["X"], mandate=world.id("mnd", "estate"))
    assert not verify(world, voice(world), "v1").refused
    ended = RevokeMandate(mandate=world.id("mnd", "estate"), reason="succession settled")
    world.log.say(ended, by=world["registrar"])
    assert reasons(verify(world, voice(world), "v2")) == [missing(world, "V")]


def restrict(world: World, party: str, asset: str, *purposes: str) -> None:
    command = DeclareMoralRestriction.read(
        {"asset": world.asset(asset), "purposes": list(purposes)}
    )
    world.log.say(command, by=world[party])


def test_an_author_or_performer_may_veto_a_purpose() -> None:
    world = sung().credit("S1", "V").credit("W1", "U", "composer")
    restrict(world, "V", "S1", "political")
    restrict(world, "U", "W1", "political", "advertising")
    said = verify(world, request(world, "S1", purpose="political"))
    assert reasons(said) == [
        ("moral_right_restricted", 0, "master", world.id("pty", "V"), "purpose"),
        ("moral_right_restricted", 0, "publishing", world.id("pty", "U"), "purpose"),
    ]
    assert not verify(world, request(world, "S1"), "v2").refused


def test_a_lifted_veto_stands_no_more() -> None:
    world = sung().credit("S1", "V")
    restrict(world, "V", "S1", "political")
    lift = LiftMoralRestriction.read({"asset": world.asset("S1")})
    world.log.say(lift, by=world["V"])
    assert not verify(world, request(world, "S1", purpose="political")).refused
