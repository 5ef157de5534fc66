"""Shares: claimed, confirmed, reduced, withdrawn; never more than the whole."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from ledger.rights.states import CLAIM, RECORDING, WORK
from ledger.rights.states.shares import controllers_at, fractions_at
from schemas.commands.parties import GrantMandate
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from tests.kit.words import WORLD, when
from tests.kit.world import World

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def claiming(world: World, asset: str, party: str, fraction: str, **more: object) -> ClaimShare:
    words = {
        "share": world.id("shr", f"{asset} {party} claimed"),
        "asset": world.asset(asset),
        "party": world.id("pty", party),
        "fraction": fraction,
        "territories": WORLD,
    }
    return ClaimShare.read(words | more)


def held(world: World, asset: str, country: str = "DE", at: datetime = MARCH) -> dict[str, str]:
    """Return what each party holds of an asset, by the name that tests give it."""
    name = world.asset(asset)
    is_work = asset.startswith("W")
    shares = (world.log.ask(WORK, name) if is_work else world.log.ask(RECORDING, name)).shares
    names = {world.id("pty", called): called for called in ("L", "P", "V", "Q")}
    found = fractions_at(shares, country, at)
    return {names[party]: str(fraction) for party, fraction in found.items()}


def test_a_claim_clears_nothing_and_is_about_the_controllers(owned: World) -> None:
    said = owned.log.say(claiming(owned, "S1", "P", "25%"), by=owned["P"])
    assert said.event.fraction == "1/4"
    assert said.event.scopes() == (f"claim:{said.event.share}",)
    assert f"about:{owned.id('pty', 'L')}" in said.event.tags()
    assert held(owned, "S1") == {"L": "1"}


@pytest.mark.parametrize("fraction", ["0", "101%", "3/2"])
def test_a_share_is_a_part_of_the_whole(owned: World, fraction: str) -> None:
    command = claiming(owned, "S1", "P", fraction)
    assert owned.log.refuses("share_invalid", command, by=owned["P"]).pointer == "/fraction"


def test_a_share_lasts_some_time(world: World) -> None:
    window = {
        "effective_from": when("2026-02-01T00:00:00Z"),
        "effective_until": when("2026-02-01T00:00:00Z"),
    }
    world.log.refuses("share_invalid", claiming(world, "S1", "P", "1", **window), by=world["P"])


def test_a_share_is_held_somewhere(world: World) -> None:
    nowhere: dict[str, list[str]] = {"include": [], "exclude": []}
    command = claiming(world, "S1", "P", "1", territories=nowhere)
    world.log.refuses("share_invalid", command, by=world["P"])


def test_a_share_is_of_something_registered(world: World) -> None:
    command = claiming(world, "S9", "P", "1")
    assert world.log.refuses("unknown_id", command, by=world["P"]).pointer == "/asset"


def test_nobody_claims_for_another(world: World) -> None:
    world.log.refuses("not_controller", claiming(world, "S1", "P", "1"), by=world["L"])


def test_a_registrar_writes_down_a_claim_of_a_registered_party(world: World) -> None:
    world.log.say(claiming(world, "S1", "P", "1"), by=world["registrar"])
    command = claiming(world, "S1", "Nobody", "1")
    world.log.refuses("unknown_id", command, by=world["registrar"])


def test_a_representative_claims_in_a_capacity_of_its_mandate(world: World) -> None:
    words = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "P"),
        "mandatee": world.id("pty", "L"),
        "capacities": ["publisher"],
        "uses": [],
        "territories": WORLD,
    }
    world.log.say(GrantMandate.read(words), by=world["P"])
    mandate = str(words["mandate"])
    world.log.say(claiming(world, "W1", "P", "1"), by=world["L"], mandate=mandate)
    master = claiming(world, "S1", "P", "1")
    world.log.refuses("mandate_exceeds_grantor", master, by=world["L"], mandate=mandate)


def test_a_claim_is_made_once(world: World) -> None:
    world.log.say(claiming(world, "S1", "P", "1"), by=world["P"])
    world.log.refuses("id_reused", claiming(world, "S1", "P", "1/2"), by=world["P"])


def test_the_first_share_is_confirmed_by_a_registrar(world: World) -> None:
    share = world.claim("S1", "L", "1")
    world.log.refuses("not_controller", ConfirmShare(share=share), by=world["L"])
    world.log.refuses("not_controller", ConfirmShare(share=share), by=world["P"])
    world.log.say(ConfirmShare(share=share), by=world["registrar"])
    assert held(world, "S1") == {"L": "1"}


def test_a_registrar_does_not_confirm_a_share_of_its_own(world: World) -> None:
    share = world.claim("S1", "Operator", "1")
    world.log.refuses("duties_not_separated", ConfirmShare(share=share), by=world["registrar"])
    world.party("R").key("another registrar", "R", roles=["registrar"])
    world.log.say(ConfirmShare(share=share), by=world["another registrar"])


def test_a_representative_does_not_give_itself_what_its_grantor_holds(owned: World) -> None:
    words = {
        "mandate": owned.id("mnd", "m"),
        "grantor": owned.id("pty", "L"),
        "mandatee": owned.id("pty", "P"),
        "capacities": ["owner"],
        "uses": [],
        "territories": WORLD,
    }
    owned.log.say(GrantMandate.read(words), by=owned["L"])
    command = ConfirmShare(share=owned.claim("S1", "P", "1"), reduces=owned.id("shr", "S1 L"))
    mandate = str(words["mandate"])
    owned.log.refuses("duties_not_separated", command, by=owned["P"], mandate=mandate)
    owned.log.say(command, by=owned["L"])


def test_who_divides_a_share_of_its_own_needs_nobody(owned: World) -> None:
    share = owned.claim("S1", "L", "1/3", name="a part of its own")
    owned.log.say(ConfirmShare(share=share, reduces=owned.id("shr", "S1 L")), by=owned["L"])
    assert held(owned, "S1") == {"L": "1"}


def test_a_registrar_that_divides_its_own_share_reaches_no_further(world: World) -> None:
    world.party("R").key("another registrar", "R", roles=["registrar"])
    own = world.claim("S1", "Operator", "1/2", territories={"include": ["DE"], "exclude": []})
    world.log.say(ConfirmShare(share=own), by=world["another registrar"])
    wider = ConfirmShare(share=world.claim("S1", "Operator", "1/4", name="wider"), reduces=own)
    world.log.refuses("duties_not_separated", wider, by=world["registrar"])


def test_more_than_the_whole_is_not_confirmed(owned: World) -> None:
    share = owned.claim("S1", "P", "1/1000000000")
    command = ConfirmShare(share=share)
    caught = owned.log.refuses("share_exceeds_whole", command, by=owned["registrar"])
    assert "1000000001/1000000000 of the whole in " in caught.message


def test_thirds_make_exactly_one(world: World) -> None:
    for name in ("L", "P", "V"):
        world.share("S1", name, "1/3")
    assert held(world, "S1") == {"L": "1/3", "P": "1/3", "V": "1/3"}


def test_the_whole_is_counted_country_by_country(world: World) -> None:
    world.share("S1", "L", "1", territories={"include": ["2136"], "exclude": ["JP"]})
    world.share("S1", "P", "1", territories={"include": ["JP"], "exclude": []})
    assert held(world, "S1", "DE") == {"L": "1"}
    assert held(world, "S1", "JP") == {"P": "1"}
    over = world.claim("S1", "V", "1/2", territories={"include": ["JP", "KR"], "exclude": []})
    world.log.refuses("share_exceeds_whole", ConfirmShare(share=over), by=world["registrar"])


def test_the_whole_is_counted_instant_by_instant(world: World) -> None:
    world.share("S1", "L", "1", until="2026-07-01T00:00:00Z")
    world.share("S1", "P", "1", since="2026-07-01T00:00:00Z")
    july = datetime(2026, 7, 1, tzinfo=UTC)
    assert held(world, "S1", at=MARCH) == {"L": "1"}
    assert held(world, "S1", at=july) == {"P": "1"}
    over = world.claim("S1", "V", "1/2", since="2026-06-30T00:00:00Z", until="2026-07-02T00:00:00Z")
    world.log.refuses("share_exceeds_whole", ConfirmShare(share=over), by=world["registrar"])


def test_a_party_confirms_what_its_own_share_loses(owned: World) -> None:
    share = owned.claim("W1", "V", "1/4")
    reduces = owned.id("shr", "W1 P")
    said = owned.log.say(ConfirmShare(share=share, reduces=reduces), by=owned["P"])
    assert said.event.reduced.fraction == "3/4"
    assert held(owned, "W1") == {"P": "3/4", "V": "1/4"}


def test_a_split_changes_in_mid_period(world: World) -> None:
    first = world.share("W1", "P", "60%")
    world.share("W1", "L", "40%")
    world.share("W1", "L", "10%", name="more", since="2026-03-15T00:00:00Z", reduces=first)
    before, after = datetime(2026, 3, 14, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)
    assert held(world, "W1", at=before) == {"L": "2/5", "P": "3/5"}
    assert held(world, "W1", at=after) == {"L": "1/2", "P": "1/2"}


def test_a_reduction_is_felt_where_the_two_shares_meet(world: World) -> None:
    first = world.share("S1", "L", "1")
    world.share("S1", "P", "1/2", territories={"include": ["DE"], "exclude": []}, reduces=first)
    assert held(world, "S1", "DE") == {"L": "1/2", "P": "1/2"}
    assert held(world, "S1", "FR") == {"L": "1"}


def test_a_share_sold_whole_leaves_nothing(owned: World) -> None:
    first = owned.id("shr", "S1 L")
    owned.share("S1", "P", "1", reduces=first)
    assert held(owned, "S1") == {"P": "1"}
    again = owned.claim("S1", "V", "1/2")
    command = ConfirmShare(share=again, reduces=first)
    owned.log.refuses("share_invalid", command, by=owned["registrar"])


def test_nobody_gives_away_more_than_it_holds(owned: World) -> None:
    first = owned.id("shr", "W1 P")
    owned.share("W1", "L", "3/4", reduces=first)
    share = owned.claim("W1", "V", "1/2")
    command = ConfirmShare(share=share, reduces=first)
    owned.log.refuses("share_exceeds_whole", command, by=owned["P"])


def test_nobody_confirms_at_anothers_cost(owned: World) -> None:
    share = owned.claim("W1", "V", "1/4")
    command = ConfirmShare(share=share, reduces=owned.id("shr", "W1 P"))
    owned.log.refuses("not_controller", command, by=owned["L"])


def test_a_share_that_is_not_there_is_not_reduced(owned: World) -> None:
    share = owned.claim("W1", "V", "1/4")
    command = ConfirmShare(share=share, reduces=owned.id("shr", "S1 L"))
    assert owned.log.refuses("unknown_id", command, by=owned["P"]).pointer == "/reduces"


def test_where_a_claim_takes_nothing_of_ones_own_a_registrar_confirms_it(world: World) -> None:
    own = world.share("S1", "L", "1", territories={"include": ["DE"], "exclude": []})
    share = world.claim("S1", "P", "1/2")
    command = ConfirmShare(share=share, reduces=own)
    world.log.refuses("not_controller", command, by=world["L"])
    world.log.say(command, by=world["registrar"])
    assert held(world, "S1", "FR") == {"P": "1/2"}


def test_a_claim_is_confirmed_once(owned: World) -> None:
    command = ConfirmShare(share=owned.id("shr", "S1 L"))
    owned.log.refuses("id_reused", command, by=owned["registrar"])


def test_what_nobody_claimed_is_not_confirmed(owned: World) -> None:
    command = ConfirmShare(share=owned.id("shr", "none"))
    owned.log.refuses("unknown_id", command, by=owned["registrar"])


def test_a_party_withdraws_its_share_and_what_was_stays(owned: World) -> None:
    owned.log.at("2026-03-01T00:00:00Z")
    command = WithdrawShare(share=owned.id("shr", "S1 L"), reason="sold elsewhere")
    said = owned.log.say(command, by=owned["L"])
    assert said.event.was_confirmed
    state = owned.log.ask(RECORDING, owned.id("rec", "S1"))
    assert controllers_at(state.shares, MARCH) == ()
    february = datetime(2026, 2, 1, tzinfo=UTC)
    assert fractions_at(state.shares, "DE", february) == {owned.id("pty", "L"): Fraction(1)}


def test_a_withdrawn_claim_moves_no_asset(owned: World) -> None:
    share = owned.claim("S1", "P", "1/2")
    said = owned.log.say(WithdrawShare(share=share, reason="a mistake"), by=owned["P"])
    assert said.event.scopes() == (f"claim:{share}",)
    assert owned.log.ask(CLAIM, share).status == "withdrawn"
    owned.log.refuses("id_reused", ConfirmShare(share=share), by=owned["registrar"])


def test_a_share_is_withdrawn_once(owned: World) -> None:
    command = WithdrawShare(share=owned.id("shr", "S1 L"), reason="over")
    owned.log.say(command, by=owned["registrar"])
    owned.log.refuses("share_invalid", command, by=owned["registrar"])


def test_a_stranger_withdraws_nothing(owned: World) -> None:
    command = WithdrawShare(share=owned.id("shr", "S1 L"), reason="over")
    owned.log.refuses("not_controller", command, by=owned["P"])


def test_what_nobody_claimed_is_not_withdrawn(owned: World) -> None:
    command = WithdrawShare(share=owned.id("shr", "none"), reason="over")
    owned.log.refuses("unknown_id", command, by=owned["registrar"])
