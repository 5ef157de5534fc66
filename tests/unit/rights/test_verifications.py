"""A verification is logged with its outcome; the same no once an hour, its repetitions counted."""

from ledger.rights.decision import Repeated
from ledger.rights.verifications_states import DEMAND, VERIFICATION
from schemas.commands.generations import CountRefusals, VerifyGeneration
from tests.kit.demand import authorize, complete, request, row, songs, verify
from tests.kit.world import World


def refusing() -> World:
    """Fixture F in which L permits commercial use alone."""
    return songs(L={"tiers": ["commercial"]})


def count(world: World, position: int, repeats: int = 3, subject: str = "") -> CountRefusals:
    name = subject or world.id("ver", "v")
    return CountRefusals(refusal=position, subject=name, repeats=repeats)


def test_a_cleared_verification_says_what_it_rests_on_and_lives_for_fifteen_minutes() -> None:
    world = songs()
    said = verify(world, request(world, "S1", "S2"))
    event = said.event
    assert not said.refused
    assert event.creator == world.id("pty", "C")
    assert event.expires_at == "2026-03-01T12:15:00Z"
    assert [each.weight for each in event.references] == ["1/2", "1/2"]
    assert event.request.references[0].weight == "1"
    state = world.log.ask(VERIFICATION, event.verification)
    assert (state.status, state.tariffs) == ("cleared", (world.id("tar", "v1"),))


def test_a_refusal_is_an_event_that_the_owners_see() -> None:
    world = refusing()
    said = verify(world, request(world, "S1"))
    assert said.refused
    for owner in ("L", "P1", "P2"):
        assert f"about:{world.id('pty', owner)}" in said.event.tags()
    assert f"demand:{world.id('pty', 'C')}" in said.event.scopes()


def test_an_id_is_verified_once() -> None:
    world = songs()
    verify(world, request(world, "S1"))
    again = VerifyGeneration(verification=world.id("ver", "v"), request=request(world, "S2"))
    world.log.refuses("id_reused", again, by=world["C"])


def test_the_same_demand_within_the_hour_is_answered_with_the_first_refusal() -> None:
    world = refusing()
    first = verify(world, request(world, "S1"))
    again = verify(world, request(world, "S1", name="g2", tier="preview"), "v2")
    assert again.decision == Repeated(first.position)
    assert again.recorded == ()


def test_after_the_hour_it_is_logged_again() -> None:
    world = refusing()
    verify(world, request(world, "S1"))
    world.log.at("2026-03-01T12:59:59.999999Z")
    assert verify(world, request(world, "S1"), "v2").recorded == ()
    world.log.at("2026-03-01T13:00:00Z")
    assert verify(world, request(world, "S1"), "v3").refused


def test_other_references_another_reason_or_another_creator_are_another_demand() -> None:
    world = refusing()
    verify(world, request(world, "S1"))
    assert verify(world, request(world, "S1", "S2"), "v2").refused
    assert verify(world, request(world, row(world, "S1", weight="2")), "v3").refused
    assert verify(
        world, request(world, "S1", purpose="personal", duration_ms=700_000), "v4"
    ).refused
    assert verify(world, request(world, "S1"), "v5", by="X").refused


def test_a_refused_authorization_is_the_same_demand() -> None:
    world = refusing()
    first = verify(world, request(world, "S1"))
    again = authorize(world, request(world, "S1"), "v2")
    assert again.decision == Repeated(first.position)


def test_the_window_is_the_policys() -> None:
    world = World.opened(policy={"refusal_window_s": 60}).party("C")
    world.recording("S1").model("mosaic")
    world.log.at("2026-03-01T12:00:00Z")
    first = verify(world, request(world, "S1"))
    world.log.at("2026-03-01T12:00:59Z")
    assert verify(world, request(world, "S1"), "v2").decision == Repeated(first.position)
    world.log.at("2026-03-01T12:01:00Z")
    assert verify(world, request(world, "S1"), "v3").refused


def test_repetitions_are_written_down_as_often_as_they_are_counted() -> None:
    world = refusing()
    first = verify(world, request(world, "S1"))
    for repeats in (3, 2):
        said = world.log.say(count(world, first.position, repeats), by=world["process"])
        assert (said.event.refusal, said.event.repeats) == (first.position, repeats)
        assert said.event.creator == world.id("pty", "C")
        assert f"about:{world.id('pty', 'L')}" in said.event.tags()
    assert verify(world, request(world, "S1"), "v2").decision == Repeated(first.position)


def test_only_a_refusal_is_counted() -> None:
    world = refusing()
    cleared = verify(world, request(world, "S1", tier="commercial"))
    for position in (cleared.position, cleared.position + 1):
        world.log.refuses("unknown_id", count(world, position), by=world["process"])


def test_a_refused_authorization_is_counted_by_its_generation() -> None:
    world = refusing()
    first = authorize(world, request(world, "S1"))
    assert first.event.TOPIC == "GenerationRefused"
    command = count(world, first.position, subject=world.id("gen", "g"))
    assert world.log.say(command, by=world["process"]).event.refusal == first.position


def test_only_a_process_counts() -> None:
    world = refusing()
    first = verify(world, request(world, "S1"))
    world.log.refuses("not_controller", count(world, first.position), by=world["C"])


def test_old_refusals_are_forgotten() -> None:
    world = refusing()
    verify(world, request(world, "S1"))
    world.log.at("2026-03-02T12:00:00Z")
    verify(world, request(world, "S1", "S2"), "v2")
    assert len(world.log.ask(DEMAND, world.id("pty", "C")).refusals) == 1


def test_a_clearing_moves_no_demand() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    assert world.log.ask(DEMAND, world.id("pty", "C")).refusals == {}


def test_a_refusal_with_hundreds_of_reasons_says_the_first_hundred() -> None:
    world = songs(
        L={"tiers": ["commercial"], "channels": ["streaming"]}, Q={"tiers": ["commercial"]}
    )
    rows = [row(world, song) for song in ("S1", "S2", "S4")] * 21
    everywhere = ["DE", "FR", "US", "JP", "BR", "KR", "NO", "IN", "IT", "ES", "SE", "FI", "PL"]
    event = verify(world, request(world, *rows, territory=everywhere)).event
    assert len(event.reasons) == 100
    assert event.reasons_left_out == 21 * (2 + 2 + 2) - 100
    assert {each.code for each in event.reasons} == {"tier_not_permitted", "channel_not_permitted"}


def test_a_reason_names_a_dozen_countries_and_how_many_more() -> None:
    world = songs(L={"territories": {"include": ["DE"], "exclude": []}})
    asked = ["DE", "FR", "US", "JP", "BR", "KR", "NO", "IN", "IT", "ES", "SE", "FI", "PL", "PT"]
    (reason,) = verify(world, request(world, "S1", territory=asked)).event.reasons
    assert reason.message == "BR, ES, FI, FR, IN, IT, JP, KR, NO, PL, PT, SE, and 1 more"
