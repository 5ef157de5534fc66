"""A change narrows or widens; what narrows waits for the old notice period, whole."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.rights.states import CONSENT, RECORDING
from ledger.rights.states.consents import Held
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.commands.parties import GrantMandate
from schemas.period import format_instant
from tests.kit.log import Said
from tests.kit.words import WORLD, when
from tests.kit.world import World

NOTICE = {"notice_days": 30, "in_flight": "complete", "survives": True}


def changing(
    world: World, *on: str, called: str = "c", acts: str | None = None, **words: Any
) -> ChangeConsent:
    said = world.words(called, words.pop("grantor", "L"), on, **words)
    return ChangeConsent.read({"consent": said, "effective_from": when(acts)})


def change(world: World, *on: str, **words: Any) -> Said:
    return world.log.say(changing(world, *on, **words), by=world["L"])


def held(world: World, called: str = "c") -> Held:
    found = world.log.ask(CONSENT, world.id("cns", called)).held
    assert found is not None
    return found


def tiers(world: World) -> tuple[str, ...]:
    words = held(world).words_at(world.log.now)
    assert words is not None
    return words.consent.tiers


def test_a_widening_acts_at_once(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview"], revocation=NOTICE)
    said = change(owned, "S1", tiers=["preview", "private"], revocation=NOTICE)
    assert said.event.TOPIC == "ConsentWidened"
    assert tiers(owned) == ("preview", "private")


def test_a_narrowing_without_notice_acts_at_once(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview", "private"])
    said = change(owned, "S1", tiers=["preview"])
    assert said.event.TOPIC == "ConsentNarrowed"
    assert tiers(owned) == ("preview",)


def test_a_narrowing_waits_for_the_old_notice_period(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview", "private"], revocation=NOTICE)
    said = change(owned, "S1", tiers=["preview"])
    assert said.event.acts_from == format_instant(owned.log.now + timedelta(days=30))
    assert tiers(owned) == ("preview", "private")
    owned.log.at("2026-01-30T23:59:59Z")
    assert tiers(owned) == ("preview", "private")
    owned.log.at("2026-01-31T00:00:00Z")
    assert tiers(owned) == ("preview",)


def test_a_change_that_narrows_anything_waits_whole(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview"], uses=["song"], revocation=NOTICE)
    said = change(owned, "S1", tiers=["preview", "private"], uses=[], revocation=NOTICE)
    assert said.event.TOPIC == "ConsentNarrowed"
    assert tiers(owned) == ("preview",)


def test_a_shorter_notice_period_is_a_narrowing_too(owned: World) -> None:
    owned.consent("c", "L", ["S1"], revocation=NOTICE)
    said = change(owned, "S1", revocation={**NOTICE, "notice_days": 0})
    assert said.event.TOPIC == "ConsentNarrowed"
    assert said.event.acts_from == format_instant(owned.log.now + timedelta(days=30))


def test_a_later_change_replaces_one_that_waits(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview", "private"], revocation=NOTICE)
    change(owned, "S1", tiers=["preview"], revocation=NOTICE)
    change(owned, "S1", tiers=["preview", "private", "commercial"], revocation=NOTICE)
    owned.log.at("2026-06-01T00:00:00Z")
    assert tiers(owned) == ("preview", "private", "commercial")


def test_a_change_acts_from_a_later_instant_that_it_names(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview"])
    change(owned, "S1", tiers=["preview", "private"], acts="2026-02-01T00:00:00Z")
    assert tiers(owned) == ("preview",)
    owned.log.at("2026-02-01T00:00:00Z")
    assert tiers(owned) == ("preview", "private")


def test_a_change_never_acts_before_its_position(owned: World) -> None:
    owned.consent("c", "L", ["S1"], tiers=["preview", "private"])
    said = change(owned, "S1", tiers=["preview"], acts="2025-01-01T00:00:00Z")
    assert said.event.acts_from == format_instant(owned.log.now)


def test_an_asset_that_is_left_out_hears_of_it(owned: World) -> None:
    owned.recording("S2").share("S2", "L", "1")
    owned.consent("c", "L", ["S1", "S2"])
    said = change(owned, "S1")
    assert f"rights:{owned.asset('S2')}" in said.event.scopes()
    found = owned.log.ask(RECORDING, owned.asset("S2")).consents[owned.id("cns", "c")]
    words = found.words_at(owned.log.now)
    assert words is not None
    assert not words.names(owned.asset("S2"))


def test_an_asset_of_words_that_wait_hears_that_they_are_replaced(owned: World) -> None:
    owned.recording("S2").share("S2", "L", "1")
    owned.consent("c", "L", ["S1"])
    change(owned, "S1", "S2", acts="2026-06-01T00:00:00Z")
    said = change(owned, "S1")
    assert f"rights:{owned.asset('S2')}" in said.event.scopes()
    owned.log.at("2026-07-01T00:00:00Z")
    found = owned.log.ask(RECORDING, owned.asset("S2")).consents[owned.id("cns", "c")]
    words = found.words_at(owned.log.now)
    assert words is not None
    assert not words.names(owned.asset("S2"))


def test_what_is_added_must_be_controlled(owned: World) -> None:
    owned.recording("S2")
    owned.consent("c", "L", ["S1"])
    owned.log.refuses("not_controller", changing(owned, "S1", "S2"), by=owned["L"])


def test_what_was_given_may_be_narrowed_after_the_share_is_gone(world: World) -> None:
    world.share("S1", "L", "1", until="2026-02-01T00:00:00Z")
    world.consent("c", "L", ["S1"])
    world.log.at("2026-03-01T00:00:00Z")
    change(world, "S1", tiers=[])


@pytest.mark.parametrize(
    "words",
    [{"grantor": "P"}, {"capacity": "performer"}, {"applies_to": "catalog"}],
)
def test_a_change_keeps_who_what_and_in_which_capacity(owned: World, words: Any) -> None:
    owned.consent("c", "L", ["S1"])
    if words.get("applies_to"):
        words = {"applies_to": {"catalog": owned.id("pty", "L")}}
    owned.log.refuses("consent_invalid", changing(owned, "S1", **words), by=owned["L"])


def test_only_the_grantor_changes_a_consent(owned: World) -> None:
    owned.consent("c", "L", ["S1"])
    owned.log.refuses("not_controller", changing(owned, "S1"), by=owned["P"])


def test_what_nobody_granted_is_not_changed(owned: World) -> None:
    owned.log.refuses("unknown_id", changing(owned, "S1"), by=owned["L"])


def test_new_words_are_checked_like_the_first(owned: World) -> None:
    owned.consent("c", "L", ["S1"])
    owned.log.refuses("consent_invalid", changing(owned, "S1", minimum_weight="0"), by=owned["L"])


def test_a_revoked_consent_does_not_change(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    owned.log.say(RevokeConsent(party=owned.id("pty", "L"), consent=name), by=owned["L"])
    owned.log.refuses("consent_not_active", changing(owned, "S1"), by=owned["L"])


@pytest.mark.parametrize("everything", [False, True])
def test_a_consent_whose_revocation_waits_does_not_change(
    owned: World,
    everything: bool,  # noqa: FBT001  # a case of the test
) -> None:
    name = owned.consent("c", "L", ["S1"], revocation=NOTICE)
    target = {"everything": True} if everything else {"consent": name}
    command = RevokeConsent.read({"party": owned.id("pty", "L"), **target})
    owned.log.say(command, by=owned["L"])
    owned.log.refuses("consent_not_active", changing(owned, "S1"), by=owned["L"])


def test_the_grantor_changes_what_its_representative_gave(owned: World) -> None:
    mandate = {
        "mandate": owned.id("mnd", "m"),
        "grantor": owned.id("pty", "L"),
        "mandatee": owned.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song", "parameter"],
        "territories": WORLD,
    }
    owned.log.say(GrantMandate.read(mandate), by=owned["L"])
    how = {"by": "P", "mandate": mandate["mandate"], "capacity": "representative"}
    owned.consent("c", "L", ["S1"], **how)
    change(owned, "S1", tiers=["preview"], capacity="representative")
    assert tiers(owned) == ("preview",)


def test_an_expired_consent_does_not_change(owned: World) -> None:
    owned.consent("c", "L", ["S1"], until="2026-02-01T00:00:00Z")
    owned.log.at("2026-02-01T00:00:00Z")
    owned.log.refuses("consent_not_active", changing(owned, "S1"), by=owned["L"])


def test_a_consent_whose_window_has_not_begun_changes(owned: World) -> None:
    owned.consent("c", "L", ["S1"], since="2026-06-01T00:00:00Z")
    assert change(owned, "S1").event.TOPIC == "ConsentWidened"


def test_old_and_new_assets_together_fit_into_one_command(owned: World) -> None:
    names = [f"A{number}" for number in range(202)]
    for name in names:
        owned.recording(name).share(name, "L", "1")
    owned.consent("c", "L", names[:101])
    owned.log.refuses("entry_too_large", changing(owned, *names[101:]), by=owned["L"])
