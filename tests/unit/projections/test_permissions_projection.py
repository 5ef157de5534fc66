"""Permissions as people read them: which words, for what, in force when, known since when."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from projections.permissions.queries import (
    history_of_consent,
    performers_of_asset,
    permissions_of_asset,
    permissions_of_party,
    shares_of_asset,
    shares_of_party,
)
from projections.permissions.rows import name_countries, read_countries
from schemas.commands.consents import AffirmConsent, ChangeConsent, RevokeConsent
from schemas.commands.parties import GrantMandate, RevokeKey
from schemas.commands.shares import WithdrawShare
from schemas.territory import expand_one
from tests.kit.projected import Projected
from tests.kit.words import WORLD
from tests.kit.world import World
from tests.support.places import Place

NOTICE = {"notice_days": 7, "in_flight": "complete", "survives": True}


@pytest.fixture
def world() -> World:
    world = World.opened().party("L", "P", "A").party("V", kind="person")
    world.recording("S1", "S2").work("W1").link("S1", "W1")
    world.share("S1", "L", "1")
    world.share("S2", "L", "1")
    world.share("W1", "P", "1")
    return world


def projected(world: World, tables_at: Place) -> Projected:
    return Projected(world.log, tables_at).catch_up()


def revoke(world: World, party: str = "L", **target: Any) -> int:
    command = RevokeConsent.read({"party": world.id("pty", party), **target})
    return int(world.log.say(command, by=world[party]).position)


def consents(tables: Projected, asset: str, **when_: Any) -> list[str]:
    return [row.consent for row in permissions_of_asset(tables.readings, asset, **when_).rows]


def test_a_consent_shows_the_columns_of_the_paper(world: World, tables_at: Place) -> None:
    world.consent("c", "L", ["S1"], uses=["song", "audio"], tiers=["private"])
    (row,) = permissions_of_asset(projected(world, tables_at).readings, world.asset("S1")).rows
    assert row.paper == {
        "song": True,
        "parameter": False,
        "audio": True,
        "temporal": False,
        "training": False,
    }
    assert [tier for tier, yes in row.paper_tiers.items() if yes] == ["private"]
    assert (row.parameters, row.reproduction, row.catalog) == ("all", True, False)


def test_an_empty_consent_is_a_row_that_permits_nothing(world: World, tables_at: Place) -> None:
    world.consent("c", "L", ["S1"], uses=[])
    (row,) = permissions_of_asset(projected(world, tables_at).readings, world.asset("S1")).rows
    assert not any(row.paper.values())


def test_a_revocation_ends_it_on_both_axes(world: World, tables_at: Place) -> None:
    consent = world.consent("c", "L", ["S1"])
    granted = world.log.head()
    yesterday = world.log.now
    world.log.at(yesterday + timedelta(days=1))
    revoke(world, consent=consent)
    tables = projected(world, tables_at)
    asset = world.asset("S1")
    assert consents(tables, asset) == []
    assert consents(tables, asset, valid_at=yesterday) == [consent]
    assert consents(tables, asset, as_of=granted) == [consent]
    assert consents(tables, asset, as_of=granted, valid_at=world.log.now) == [consent]
    (row,) = permissions_of_asset(tables.readings, asset, in_force=False).rows
    assert row.revoked_from == row.effective_until == world.log.now


def test_a_change_waits_for_the_notice_and_both_versions_are_rows(
    world: World, tables_at: Place
) -> None:
    consent = world.consent("c", "L", ["S1"], revocation=NOTICE)
    first = world.log.now
    said = world.words("c", "L", ["S1"], uses=["song"], revocation=NOTICE)
    world.log.say(ChangeConsent.read({"consent": said}), by=world["L"])
    tables = projected(world, tables_at)

    def uses(moment: datetime) -> tuple[str, ...]:
        (row,) = permissions_of_asset(tables.readings, world.asset("S1"), valid_at=moment).rows
        return row.uses

    assert uses(first) == ("song", "parameter")
    assert uses(first + timedelta(days=7, microseconds=-1)) == ("song", "parameter")
    assert uses(first + timedelta(days=7)) == ("song",)
    history = history_of_consent(tables.readings, consent).rows
    assert [(row.version == row.from_position, row.until_position) for row in history] == [
        (True, history[1].from_position),
        (False, None),
        (True, None),
    ]


def test_revoking_everything_ends_every_row_of_the_party_with_one_event(
    world: World, tables_at: Place
) -> None:
    world.consent("one", "L", ["S1"])
    world.consent("two", "L", ["S2"])
    world.consent("all", "L")
    world.consent("other", "P", ["W1"])
    before = world.log.head()
    revoke(world, everything=True)
    tables = projected(world, tables_at)
    party = world.id("pty", "L")
    assert permissions_of_party(tables.readings, party).rows == ()
    assert len(permissions_of_party(tables.readings, party, as_of=before).rows) == 3
    assert consents(tables, world.asset("W1")) == [world.id("cns", "other")]


def test_a_catalog_consent_speaks_for_what_its_party_holds(world: World, tables_at: Place) -> None:
    consent = world.consent("all", "L")
    tables = projected(world, tables_at)
    assert consents(tables, world.asset("S1")) == [consent]
    assert consents(tables, world.asset("S2")) == [consent]
    assert consents(tables, world.asset("W1")) == []


def test_revoking_one_asset_cuts_it_out_of_the_catalog_and_no_other(
    world: World, tables_at: Place
) -> None:
    consent = world.consent("all", "L")
    before = world.log.head()
    revoke(world, asset=world.asset("S1"))
    tables = projected(world, tables_at)
    assert consents(tables, world.asset("S1")) == []
    assert consents(tables, world.asset("S1"), as_of=before) == [consent]
    assert consents(tables, world.asset("S2")) == [consent]
    (row,) = permissions_of_asset(tables.readings, world.asset("S1"), in_force=False).rows
    assert (row.subject, row.catalog) == (world.asset("S1"), True)


def test_a_stolen_key_contests_what_it_signed_for_others_too(
    world: World, tables_at: Place
) -> None:
    """The key is a representative's; the consents that it contests are its grantor's."""
    mandate = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "A"),
        "capacities": ["owner"],
        "uses": ["song", "parameter"],
        "territories": WORLD,
    }
    world.log.say(GrantMandate.read(mandate), by=world["L"])
    consent = world.consent(
        "c", "L", ["S1"], by="A", mandate=mandate["mandate"], capacity="representative"
    )
    clean = world.log.head()
    world.log.at("2026-01-02T00:00:00Z")
    stolen = RevokeKey(
        key=world["A"].key, reason="stolen", compromised_since="2025-12-31T00:00:00Z"
    )
    world.log.say(stolen, by=world["registrar"])
    contested = world.log.head()
    world.log.say(AffirmConsent(consent=consent), by=world["L"])
    tables = projected(world, tables_at)

    def is_contested(position: int | None) -> list[bool]:
        rows = permissions_of_asset(tables.readings, world.asset("S1"), as_of=position).rows
        return [row.contested for row in rows]

    assert [is_contested(at) for at in (clean, contested, None)] == [[False], [True], [False]]


def test_shares_by_country_and_instant(world: World, tables_at: Place) -> None:
    tables = projected(world, tables_at)
    asset = world.asset("S1")
    (row,) = shares_of_asset(tables.readings, asset, country="DE").rows
    assert (row.party, str(row.fraction), row.side) == (world.id("pty", "L"), "1", "master")
    assert row.countries == expand_one("2136")
    sold = world.log.at("2026-02-01T00:00:00Z").now
    held = world.id("shr", "S1 L")
    new = world.share(
        "S1",
        "A",
        "1/2",
        since="2026-02-01T00:00:00Z",
        reduces=held,
        territories={"include": ["DE"], "exclude": []},
    )
    tables.catch_up()

    def parts(country: str, moment: datetime) -> dict[str, str]:
        rows = shares_of_asset(tables.readings, asset, country=country, valid_at=moment).rows
        return {row.share: str(row.fraction) for row in rows}

    assert parts("DE", sold) == {held: "1/2", new: "1/2"}
    assert parts("FR", sold) == {held: "1"}
    assert parts("DE", sold - timedelta(seconds=1)) == {held: "1"}
    mine = shares_of_party(tables.readings, world.id("pty", "A")).rows
    assert [row.asset for row in mine] == [asset]


def test_a_withdrawn_share_counts_for_what_was_before(world: World, tables_at: Place) -> None:
    before = world.log.now
    world.log.at("2026-02-01T00:00:00Z")
    world.log.say(WithdrawShare(share=world.id("shr", "S1 L"), reason="error"), by=world["L"])
    tables = projected(world, tables_at)
    asset = world.asset("S1")
    assert shares_of_asset(tables.readings, asset).rows == ()
    assert len(shares_of_asset(tables.readings, asset, valid_at=before).rows) == 1


def test_performers_are_those_credited_and_those_who_sing(world: World, tables_at: Place) -> None:
    world.credit("S1", "A", "guitarist").vocals("S1", {"V": []})
    tables = projected(world, tables_at)
    found = performers_of_asset(tables.readings, world.asset("S1")).rows
    assert set(found) == {world.id("pty", "A"), world.id("pty", "V")}
    earlier = performers_of_asset(tables.readings, world.asset("S1"), as_of=world.log.head() - 2)
    assert earlier.rows == (world.id("pty", "A"),)


def test_a_singers_own_consent_speaks_for_the_recording(world: World, tables_at: Place) -> None:
    world.vocals("S1", {"V": []})
    consent = world.consent("v", "V", ["S1"], capacity="performer", uses=["song"])
    tables = projected(world, tables_at)
    rows = permissions_of_asset(tables.readings, world.asset("S1"), party=world.id("pty", "V")).rows
    assert [row.consent for row in rows] == [consent]


@pytest.mark.parametrize(
    "countries",
    [
        frozenset[str](),
        frozenset({"DE"}),
        frozenset({"DE", "FR"}),
        expand_one("2136"),
        expand_one("2136") - {"JP"},
    ],
)
def test_countries_are_written_the_shorter_way(countries: frozenset[str]) -> None:
    assert read_countries(name_countries(countries)) == countries
    assert len(name_countries(countries)) < 60


def test_a_window_of_its_own_bounds_a_consent(world: World, tables_at: Place) -> None:
    consent = world.consent(
        "c", "L", ["S1"], since="2026-02-01T00:00:00Z", until="2026-03-01T00:00:00Z"
    )
    tables = projected(world, tables_at)
    asset = world.asset("S1")
    seen = {
        text: consents(tables, asset, valid_at=datetime.fromisoformat(text))
        for text in (
            "2026-01-31T23:59:59.999999+00:00",
            "2026-02-01T00:00:00+00:00",
            "2026-02-28T23:59:59.999999+00:00",
            "2026-03-01T00:00:00+00:00",
        )
    }
    assert list(seen.values()) == [[], [consent], [consent], []]
