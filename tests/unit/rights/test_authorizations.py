"""Authorizing: a live verification cited once, or one made in the same append."""

from typing import Any

import pytest

from ledger.rights.generations_money import vector_sha256
from ledger.rights.generations_states import GENERATION
from ledger.rights.verifications_states import VERIFICATION
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration
from schemas.commands.parties import RevokeKey
from schemas.commands.terms import WithdrawTariff
from schemas.manifest import manifest_urn, references_sha256
from tests.kit.demand import authorize, codes, complete, request, row, songs, verify, worker_key
from tests.kit.log import name_id
from tests.kit.world import World


def cite(world: World, name: str = "v", **more: Any) -> AuthorizeGeneration:
    return AuthorizeGeneration(verification=world.id("ver", name), **more)


def test_a_cited_verification_is_spent_by_the_authorization() -> None:
    world = songs()
    verify(world, request(world, "S1"))
    said = world.log.say(cite(world), by=world["C"])
    assert [each.TOPIC for each in said.events] == ["GenerationAuthorized", "FeeAgreed"]
    state = world.log.ask(VERIFICATION, world.id("ver", "v"))
    assert state.spent_by == world.id("gen", "g")
    assert world.log.ask(GENERATION, world.id("gen", "g")).step == "authorized"
    world.log.refuses("id_reused", cite(world), by=world["C"])


def test_a_request_makes_its_verification_in_the_same_append() -> None:
    world = songs()
    said = authorize(world, request(world, "S1"))
    assert [each.TOPIC for each in said.events] == [
        "VerificationCleared",
        "GenerationAuthorized",
        "FeeAgreed",
    ]
    assert world.log.ask(VERIFICATION, world.id("ver", "v")).spent_by == world.id("gen", "g")


def test_everything_that_manifest_and_money_rest_on_is_committed() -> None:
    world = songs()
    _, event, fee = authorize(world, request(world, "S1", "S2")).events
    assert event.references_sha256 == references_sha256(event.references)  # type: ignore[attr-defined]
    assert event.manifest_urn == manifest_urn(event.generation)  # type: ignore[attr-defined]
    assert event.vector_sha256 == fee.vector_sha256 == vector_sha256(fee.legs)  # type: ignore[attr-defined]
    assert event.expires_at == "2026-03-01T13:00:00Z"  # type: ignore[attr-defined]
    assert sum(leg.amount.micro() for leg in fee.legs) == fee.pool.micro()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "by", "code"), [("v", "X", "not_controller"), ("other", "C", "unknown_id")]
)
def test_one_cites_ones_own_verification(name: str, by: str, code: str) -> None:
    world = songs()
    verify(world, request(world, "S1"))
    world.log.refuses(code, cite(world, name), by=world[by])


def test_a_verification_is_cited_before_it_expires() -> None:
    world = songs()
    verify(world, request(world, "S1"))
    world.log.at("2026-03-01T12:15:00Z")
    world.log.refuses("expired", cite(world), by=world["C"])


def test_a_refused_verification_authorizes_nothing() -> None:
    world = songs(L={"tiers": ["commercial"]})
    verify(world, request(world, "S1"))
    world.log.refuses("not_authorized", cite(world), by=world["C"])


def test_a_verification_given_anew_must_be_new() -> None:
    world = songs()
    verify(world, request(world, "S1"))
    again = cite(world, request=request(world, "S1"))
    world.log.refuses("id_reused", again, by=world["C"])


def test_a_generation_is_authorized_once() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    again = cite(world, "v2", request=request(world, "S2"))
    world.log.refuses("id_reused", again, by=world["C"])


def test_a_refused_generation_stays_free_for_a_later_yes() -> None:
    world = songs(L={"tiers": ["commercial"]})
    assert authorize(world, request(world, "S1")).refused
    said = authorize(world, request(world, "S1", tier="commercial"), "v2")
    assert not said.refused


def test_nobody_makes_another_pay() -> None:
    world = songs()
    command = cite(world, request=request(world, "S1"), payer=world.id("pty", "X"))
    world.log.refuses("not_controller", command, by=world["C"])
    said = authorize(world, request(world, "S1"), payer=world.id("pty", "C"))
    assert said.events[-1].payer == world.id("pty", "C")  # type: ignore[attr-defined]


def test_a_worker_is_an_enrolled_workers_key() -> None:
    world = songs()
    asked = request(world, "S1")
    stranger = cite(world, request=asked, worker=world.id("key", "stranger"))
    world.log.refuses("key_unknown", stranger, by=world["C"])
    holder = cite(world, request=asked, worker=world["L"].key)
    world.log.refuses("key_not_valid", holder, by=world["C"])
    said = authorize(world, asked, worker=worker_key(world))
    assert said.events[1].worker == worker_key(world)  # type: ignore[attr-defined]
    revoke = RevokeKey(key=worker_key(world), reason="left")
    world.log.say(revoke, by=world["registrar"])
    gone = cite(world, "v2", request=request(world, "S1", name="g2"), worker=worker_key(world))
    world.log.refuses("key_not_valid", gone, by=world["C"])


def test_the_tariff_of_the_verification_binds_though_it_was_withdrawn() -> None:
    world = songs()
    verify(world, request(world, "S1", tier="commercial"))
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="dearer")
    world.log.say(gone, by=world["platform"])
    world.tariff("v2", prices={"commercial": "9.00"})
    said = world.log.say(cite(world), by=world["C"])
    assert said.events[-1].fee.amount == "2.00"  # type: ignore[attr-defined]
    later = authorize(world, request(world, "S1", name="g2", tier="commercial"), "v2")
    assert later.events[-1].fee.amount == "9.00"  # type: ignore[attr-defined]


def test_floors_are_those_of_the_authorization() -> None:
    world = songs()
    verify(world, request(world, "S1", tier="commercial"))
    floors = {"commercial": {"amount": "1.00", "currency": "EUR"}}
    dearer = world.words("L's masters", "L", ["S1", "S4"], floors=floors)
    world.log.say(ChangeConsent.read({"consent": dearer}), by=world["L"])
    said = world.log.say(cite(world), by=world["C"])
    assert said.events[-1].fee.amount == "2.86"  # type: ignore[attr-defined]


def test_a_refusal_under_a_citation_names_it_and_leaves_it_live() -> None:
    world = songs()
    verify(world, request(world, "S1"))
    narrower = world.words("L's masters", "L", ["S1", "S4"], tiers=["commercial"])
    world.log.say(ChangeConsent.read({"consent": narrower}), by=world["L"])
    said = world.log.say(cite(world), by=world["C"])
    assert said.event.verification == world.id("ver", "v")
    assert world.log.ask(VERIFICATION, world.id("ver", "v")).spent_by is None


def test_what_was_read_guards_the_append() -> None:
    world = songs()
    asked = authorize(world, request(world, "S1")).asked
    names = {world.asset("S1"), world.asset("W1"), *(world.id("pty", n) for n in ("L", "P1", "P2"))}
    assert {f"rights:{name}" for name in names} <= asked.keys()
    assert {f"job:{world.id('gen', 'g')}", f"job:{world.id('ver', 'v')}"} <= asked.keys()
    assert {"terms:tariffs", f"terms:{world.id('mod', 'mosaic')}", "policy:log"} <= asked.keys()
    assert not any(tag.startswith("about:") for tag in asked)


def upgrade(world: World, name: str = "g", **more: Any) -> Any:
    prior = world.id("gen", name)
    words = {"tier": "commercial", "name": "up", "upgrades": prior, **more}
    return cite(world, "up", request=request(world, "S1", **words))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"seed": 8}, "use_invalid"),
        ({"duration_ms": 20_000}, "use_invalid"),
        ({"model": "conditioner"}, "use_invalid"),
        ({"upgrades": name_id("gen", "nobody's")}, "unknown_id"),
        ({"prompt": {"commit": "A" * 43}}, "use_invalid"),
    ],
)
def test_an_upgrade_is_of_the_same_output(more: dict[str, Any], code: str) -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    world.log.refuses(code, upgrade(world, **more), by=world["C"])


def test_an_upgrade_has_the_same_references() -> None:
    world = songs()
    authorize(world, request(world, row(world, "S1", role="melody")))
    complete(world)
    world.log.refuses("use_invalid", upgrade(world), by=world["C"])


def test_an_upgrade_is_ones_own() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    world.log.refuses("not_controller", upgrade(world), by=world["X"])


def test_a_tariff_may_ask_the_whole_price_again() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="stricter")
    world.log.say(gone, by=world["platform"])
    world.tariff("v2", credit_prior_fee=False)
    said = world.log.say(upgrade(world), by=world["C"])
    fee = said.events[-1]
    assert (fee.fee.amount, fee.credited.amount) == ("2.00", "0.00")  # type: ignore[attr-defined]


def test_what_was_agreed_in_one_currency_is_not_credited_in_another() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="abroad")
    world.log.say(gone, by=world["platform"])
    world.tariff("v2", currency="JPY", prices={"private": "10", "commercial": "200"})
    said = world.log.say(upgrade(world), by=world["C"])
    assert codes(said) == ["no_tariff"]
    assert said.event.reasons[0].clause == "currency"


def test_an_upgrade_is_offered_nothing_that_is_another_output() -> None:
    world = songs()
    authorize(world, request(world, "S1", "S2"))
    complete(world)
    everything = RevokeConsent.read({"party": world.id("pty", "L"), "everything": True})
    world.log.say(everything, by=world["L"])
    words = {"tier": "commercial", "name": "up", "upgrades": world.id("gen", "g")}
    said = authorize(world, request(world, "S1", "S2", **words), name="up")
    assert codes(said) == ["consent_revoked"]
    assert said.event.alternatives == ()


def test_a_weight_next_to_nothing_raises_no_fee_without_end() -> None:
    world = songs(L={"floors": {"private": {"amount": "0.01", "currency": "EUR"}}})
    rows = (row(world, "S1"), row(world, "S2", weight="9" * 30))
    said = authorize(world, request(world, *rows))
    assert codes(said) == ["no_tariff"]
    assert said.event.reasons[0].clause == "floors"
