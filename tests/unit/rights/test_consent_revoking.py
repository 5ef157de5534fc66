"""Revoking one consent, one asset, or everything."""

from datetime import datetime
from typing import Any

import pytest

from ledger.rights.standing import consents_of
from ledger.rights.states import RECORDING
from ledger.rights.view import View
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.commands.parties import GrantMandate
from schemas.period import format_instant
from tests.kit.words import WORLD, when
from tests.kit.world import World

NOTICE = {"notice_days": 30, "in_flight": "complete", "survives": True}


def revoking(world: World, party: str = "L", **target: Any) -> RevokeConsent:
    return RevokeConsent.read({"party": world.id("pty", party), **target})


def revoked_from(world: World, name: str, asset: str = "S1") -> datetime | None:
    """Return from when a consent is revoked for an asset, as clearance asks it."""
    state = world.log.ask(RECORDING, world.asset(asset))
    found = {
        held.consent: revoked
        for held, revoked in consents_of(View(world.log), world.id("pty", "L"), state)
    }
    return found[name]


def test_one_consent_is_revoked_from_its_position(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    said = owned.log.say(revoking(owned, consent=name), by=owned["L"])
    assert said.event.applies_to.recordings == (owned.asset("S1"),)
    assert revoked_from(owned, name) == owned.log.now


def test_notice_delays_a_revocation_and_never_refuses_it(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"], revocation=NOTICE)
    said = owned.log.say(revoking(owned, consent=name), by=owned["L"])
    assert said.event.acts_from == "2026-01-31T00:00:00Z"


def test_the_later_of_notice_and_named_instant_counts(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"], revocation=NOTICE)
    early = revoking(owned, consent=name, effective_from=when("2026-01-02T00:00:00Z"))
    assert owned.log.say(early, by=owned["L"]).event.acts_from == "2026-01-31T00:00:00Z"
    other = owned.consent("d", "L", ["S1"], revocation=NOTICE)
    late = revoking(owned, consent=other, effective_from=when("2026-05-01T00:00:00Z"))
    assert owned.log.say(late, by=owned["L"]).event.acts_from == "2026-05-01T00:00:00Z"


def test_a_second_revocation_hastens_and_never_delays(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"], revocation=NOTICE)
    late = revoking(owned, consent=name, effective_from=when("2026-05-01T00:00:00Z"))
    owned.log.say(late, by=owned["L"])
    owned.log.at("2026-01-11T00:00:00Z")
    again = owned.log.say(revoking(owned, consent=name), by=owned["L"])
    assert again.event.acts_from == "2026-02-10T00:00:00Z", "sooner than the one that waits"
    owned.log.at("2026-01-21T00:00:00Z")
    third = owned.log.say(revoking(owned, consent=name), by=owned["L"])
    assert third.event.acts_from == "2026-02-10T00:00:00Z"
    assert format_instant(revoked_from(owned, name) or owned.log.now) == "2026-02-10T00:00:00Z"


def test_no_revocation_reaches_back(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    command = revoking(owned, consent=name, effective_from=when("2025-01-01T00:00:00Z"))
    said = owned.log.say(command, by=owned["L"])
    assert said.event.acts_from == format_instant(owned.log.now)


def test_a_consent_is_revoked_once(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    owned.log.say(revoking(owned, consent=name), by=owned["L"])
    owned.log.refuses("consent_not_active", revoking(owned, consent=name), by=owned["L"])


def test_an_expired_consent_is_not_revoked(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"], until="2026-02-01T00:00:00Z")
    owned.log.at("2026-02-01T00:00:00Z")
    owned.log.refuses("consent_not_active", revoking(owned, consent=name), by=owned["L"])


def test_what_nobody_granted_is_not_revoked(owned: World) -> None:
    command = revoking(owned, consent=owned.id("cns", "none"))
    owned.log.refuses("unknown_id", command, by=owned["L"])


def test_nobody_revokes_for_another(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    owned.log.refuses("not_controller", revoking(owned, consent=name), by=owned["P"])
    owned.log.refuses("not_controller", revoking(owned, "P", consent=name), by=owned["P"])


def test_one_asset_is_cut_out_of_every_consent_of_the_party(owned: World) -> None:
    owned.recording("S2").share("S2", "L", "1")
    listed = owned.consent("a", "L", ["S1", "S2"])
    catalog = owned.consent("b", "L")
    said = owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    assert said.event.scopes() == (f"rights:{owned.asset('S1')}",)
    assert revoked_from(owned, listed) == revoked_from(owned, catalog) == owned.log.now
    assert revoked_from(owned, listed, "S2") is None
    assert revoked_from(owned, catalog, "S2") is None


def test_an_asset_is_given_again_by_a_new_consent(owned: World) -> None:
    old = owned.consent("a", "L", ["S1"])
    owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    new = owned.consent("b", "L", ["S1"])
    assert revoked_from(owned, old) is not None
    assert revoked_from(owned, new) is None


def test_a_change_that_names_a_cut_asset_still_does_not_give_it_again(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    words = owned.words("a", "L", ["S1"], tiers=["preview"])
    owned.log.say(ChangeConsent.read({"consent": words}), by=owned["L"])
    assert revoked_from(owned, name) is not None


def test_a_change_gives_a_cut_asset_again_once_it_was_left_out(owned: World) -> None:
    owned.recording("S2").share("S2", "L", "1")
    name = owned.consent("a", "L", ["S1", "S2"])
    owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    for assets in (["S2"], ["S1", "S2"]):
        words = owned.words("a", "L", assets)
        owned.log.say(ChangeConsent.read({"consent": words}), by=owned["L"])
    assert revoked_from(owned, name) is None


def test_words_that_wait_are_cut_with_those_in_force(owned: World) -> None:
    owned.recording("S2").share("S2", "L", "1")
    name = owned.consent("a", "L", ["S2"])
    words = owned.words("a", "L", ["S1", "S2"])
    waiting = {"consent": words, "effective_from": when("2026-02-01T00:00:00Z")}
    owned.log.say(ChangeConsent.read(waiting), by=owned["L"])
    owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    owned.log.at("2026-03-01T00:00:00Z")
    assert revoked_from(owned, name) is not None


def test_notice_delays_the_cut_of_an_asset_consent_by_consent(owned: World) -> None:
    slow = owned.consent("a", "L", ["S1"], revocation=NOTICE)
    quick = owned.consent("b", "L", ["S1"])
    owned.log.say(revoking(owned, asset=owned.asset("S1")), by=owned["L"])
    assert format_instant(revoked_from(owned, slow) or owned.log.now) == "2026-01-31T00:00:00Z"
    assert revoked_from(owned, quick) == owned.log.now


def test_who_gave_no_consent_cuts_nothing(owned: World) -> None:
    owned.consent("a", "L", ["S1"])
    command = revoking(owned, "P", asset=owned.asset("S1"))
    owned.log.refuses("consent_not_active", command, by=owned["P"])


def test_who_controls_nothing_here_does_not_cut_it_out_of_its_catalog(owned: World) -> None:
    owned.consent("a", "P", capacity="publisher")
    command = revoking(owned, "P", asset=owned.asset("S1"))
    owned.log.refuses("consent_not_active", command, by=owned["P"])


def test_an_asset_is_cut_once(owned: World) -> None:
    owned.consent("a", "L", ["S1"])
    command = revoking(owned, asset=owned.asset("S1"))
    owned.log.say(command, by=owned["L"])
    owned.log.refuses("consent_not_active", command, by=owned["L"])


def test_an_asset_that_nobody_registered_is_not_cut(owned: World) -> None:
    command = revoking(owned, asset=owned.asset("S9"))
    owned.log.refuses("unknown_id", command, by=owned["L"])


def test_everything_is_one_event_and_moves_the_party_alone(owned: World) -> None:
    listed, catalog = owned.consent("a", "L", ["S1"]), owned.consent("b", "L")
    said = owned.log.say(revoking(owned, everything=True), by=owned["L"])
    assert said.event.scopes() == (f"rights:{owned.id('pty', 'L')}",)
    assert revoked_from(owned, listed) == revoked_from(owned, catalog) == owned.log.now


def test_who_revoked_everything_may_grant_anew(owned: World) -> None:
    owned.log.say(revoking(owned, everything=True), by=owned["L"])
    assert revoked_from(owned, owned.consent("a", "L", ["S1"])) is None


def test_notice_delays_everything_consent_by_consent(owned: World) -> None:
    slow = owned.consent("a", "L", ["S1"], revocation=NOTICE)
    quick = owned.consent("b", "L", ["S1"])
    owned.log.say(revoking(owned, everything=True), by=owned["L"])
    assert format_instant(revoked_from(owned, slow) or owned.log.now) == "2026-01-31T00:00:00Z"
    assert revoked_from(owned, quick) == owned.log.now


def test_one_target_is_named(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    with pytest.raises(Exception, match="revoke one consent, one asset, or everything"):
        revoking(owned, consent=name, everything=True)


def represented(world: World, **changes: Any) -> str:
    words = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song", "parameter"],
        "territories": WORLD,
        "may_revoke": True,
        **changes,
    }
    world.log.say(GrantMandate.read(words), by=world["L"])
    return str(words["mandate"])


@pytest.mark.parametrize("target", ["consent", "asset"])
def test_a_representative_that_may_revoke_revokes(owned: World, target: str) -> None:
    mandate, name = represented(owned), owned.consent("a", "L", ["S1"])
    named = {"consent": name} if target == "consent" else {"asset": owned.asset("S1")}
    owned.log.say(revoking(owned, **named), by=owned["P"], mandate=mandate)
    assert revoked_from(owned, name) is not None


@pytest.mark.parametrize("target", ["consent", "asset"])
@pytest.mark.parametrize("limit", [{"may_revoke": False}, {"capacities": ["publisher"]}])
def test_a_representative_revokes_within_its_mandate(
    owned: World, limit: dict[str, Any], target: str
) -> None:
    mandate, name = represented(owned, **limit), owned.consent("a", "L", ["S1"])
    named = {"consent": name} if target == "consent" else {"asset": owned.asset("S1")}
    command = revoking(owned, **named)
    owned.log.refuses("mandate_exceeds_grantor", command, by=owned["P"], mandate=mandate)


def test_a_representative_does_not_revoke_everything(owned: World) -> None:
    mandate = represented(owned)
    command = revoking(owned, everything=True)
    owned.log.refuses("mandate_exceeds_grantor", command, by=owned["P"], mandate=mandate)
