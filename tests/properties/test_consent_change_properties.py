"""No widening ever takes away, and no narrowing ever gives.

`permitted` below is written from clearance, not from the code under test: a probe is one whole
use, and a consent permits it or not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.rights.narrowing import narrowed
from ledger.rights.states import CONSENT
from schemas.commands.consents import ChangeConsent
from schemas.events.consents import ConsentNarrowed, ConsentWidened
from schemas.fractions import parse_fraction
from schemas.lists import CHANNELS, MODULES, PARAMETERS, PURPOSES, TIERS, USES
from schemas.period import format_instant, parse_instant
from schemas.terms import Consent
from tests.kit.log import START, name_id
from tests.kit.words import consent, when
from tests.kit.world import World

ASSETS = [name_id("rec", name) for name in ("S1", "S2", "S3")]
MODELS = [name_id("mod", name) for name in ("mosaic", "conditioner")]
COUNTRIES = ["DE", "FR", "JP", "US"]
DAYS = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 7)]


def some(values: Any, most: int | None = None) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(list(values)), unique=True, max_size=most or len(values))


def some_or_all(values: Any) -> st.SearchStrategy[Any]:
    return st.just("all") | some(values)


TERRITORIES = st.fixed_dictionaries(
    {"include": some([*COUNTRIES, "2136", "2120"], 3), "exclude": some(COUNTRIES, 2)}
)
FLOOR = st.fixed_dictionaries(
    {
        "amount": st.sampled_from(["0", "0.10", "0.60", "2.00"]),
        "currency": st.sampled_from(["EUR", "USD"]),
    }
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "applies_to": some(ASSETS).filter(bool).map(lambda assets: {"recordings": assets}),
    "uses": some(USES),
    "parameters": some_or_all(PARAMETERS[:4]),
    "reproduction": st.booleans(),
    "tiers": some(TIERS),
    "purposes": some_or_all(PURPOSES[:3]),
    "channels": some_or_all(CHANNELS[:3]),
    "models": some_or_all(MODELS),
    "modules": some(MODULES[:3]),
    "territories": TERRITORIES,
    "effective_from": st.sampled_from([None, *DAYS[:3]]).map(when),
    "effective_until": st.sampled_from([None, *DAYS[3:]]).map(when),
    "floors": st.dictionaries(st.sampled_from(TIERS), FLOOR, max_size=2),
    "minimum_weight": st.sampled_from([None, "1/20", "10%", "1"]),
    "revocation": st.fixed_dictionaries(
        {
            "notice_days": st.sampled_from([0, 7, 30]),
            "in_flight": st.sampled_from(["complete", "cancel"]),
            "survives": st.booleans(),
        }
    ),
}


@st.composite
def changed(draw: st.DrawFn) -> tuple[Consent, Consent]:
    """Two versions of one consent that differ in a few fields, so that both answers are common."""
    applies_to = draw(FIELDS["applies_to"])
    words = {name: draw(how) for name, how in FIELDS.items() if name != "applies_to"}
    old = consent(name_id("cns", "c"), name_id("pty", "L"), applies_to, **words)
    fields = draw(some(FIELDS, 3))
    return Consent.read(old), Consent.read(old | {name: draw(FIELDS[name]) for name in fields})


@dataclass(frozen=True)
class Probe:
    """One whole use, in one country, at one instant."""

    asset: str
    use: str
    parameter: str
    copied: bool
    tier: str
    purpose: str
    channel: str
    model: str
    module: str
    country: str
    moment: datetime
    weight: Fraction


PROBES = st.builds(
    Probe,
    asset=st.sampled_from(ASSETS),
    use=st.sampled_from(USES),
    parameter=st.sampled_from(PARAMETERS[:5]),
    copied=st.booleans(),
    tier=st.sampled_from(TIERS),
    purpose=st.sampled_from(PURPOSES[:4]),
    channel=st.sampled_from(CHANNELS[:4]),
    model=st.sampled_from(MODELS),
    module=st.sampled_from(MODULES[:3]),
    country=st.sampled_from([*COUNTRIES, "BR"]),
    moment=st.sampled_from(DAYS),
    weight=st.sampled_from([Fraction(1, 100), Fraction(1, 20), Fraction(1, 2), Fraction(1)]),
)


def has(values: Any, value: str) -> bool:
    return values == "all" or value in values


def permitted(words: Consent, probe: Probe) -> bool:
    since, until = words.effective_from, words.effective_until
    return (
        probe.asset in words.applies_to.recordings
        and probe.use in words.uses
        and has(words.parameters, probe.parameter)
        and (words.reproduction or not probe.copied)
        and probe.tier in words.tiers
        and has(words.purposes, probe.purpose)
        and has(words.channels, probe.channel)
        and has(words.models, probe.model)
        and probe.module in words.modules
        and probe.country in words.territories.expand()
        and (since is None or since.moment <= probe.moment)
        and (until is None or probe.moment < until.moment)
        and probe.weight >= parse_fraction(words.minimum_weight or "0")
    )


def dearer(new: Consent, old: Consent, tier: Any) -> bool:
    """Tell whether a floor is not certainly as low as before; of two currencies nothing is sure."""
    floor, before = new.floors.get(tier), old.floors.get(tier)
    if floor is None or floor.micro() == 0:
        return False
    return before is None or floor.currency != before.currency or floor.micro() > before.micro()


def takes_away(old: Consent, new: Consent) -> bool:
    return bool(narrowed(old, new, old_version="2024-12", new_version="2024-12"))


@given(changed(), st.lists(PROBES, min_size=1, max_size=20))
def test_what_narrows_nothing_takes_nothing_away(
    pair: tuple[Consent, Consent], probes: list[Probe]
) -> None:
    old, new = pair
    if takes_away(old, new):
        return
    for probe in probes:
        if permitted(old, probe):
            assert permitted(new, probe)
            assert not dearer(new, old, probe.tier)


@given(changed(), st.lists(PROBES, min_size=1, max_size=20))
def test_no_narrowing_ever_widens(pair: tuple[Consent, Consent], probes: list[Probe]) -> None:
    old, new = pair
    if takes_away(new, old):
        return
    for probe in probes:
        if permitted(new, probe):
            assert permitted(old, probe)
            assert not dearer(old, new, probe.tier)


@given(changed())
def test_the_same_words_narrow_nothing(pair: tuple[Consent, Consent]) -> None:
    assert not takes_away(pair[0], pair[0])


@given(changed(), changed())
def test_narrowing_cannot_be_done_in_steps_that_do_not_narrow(
    one: tuple[Consent, Consent], other: tuple[Consent, Consent]
) -> None:
    first, second = one
    third = other[1]
    if not takes_away(first, second) and not takes_away(second, third):
        assert not takes_away(first, third)


def owner() -> World:
    world = World.opened().party("L").recording("S1", "S2", "S3")
    for name in ("S1", "S2", "S3"):
        world.share(name, "L", "1")
    for name in ("mosaic", "conditioner"):
        world.model(name)
    return world


@given(
    st.lists(
        st.tuples(changed(), st.integers(0, 40), st.sampled_from([None, *DAYS])),
        min_size=1,
        max_size=5,
    ),
    PROBES,
)
def test_nothing_is_taken_away_before_the_notice_that_was_agreed(
    changes: list[tuple[tuple[Consent, Consent], int, datetime | None]], probe: Probe
) -> None:
    world = owner()
    open_words: dict[str, Any] = {"effective_until": None, "effective_from": None, "floors": {}}
    name = world.consent("c", "L", ["S1"], revocation=changes[0][0][0].revocation.data())
    for (_, new), days, named in changes:
        world.log.at(world.log.now + timedelta(days=days))
        before = world.log.ask(CONSENT, name).held
        assert before is not None
        old = before.words_at(world.log.now)
        assert old is not None
        words = new.data() | open_words
        command = ChangeConsent.read({"consent": words, "effective_from": when(named)})
        event = world.log.say(command, by=world["L"]).event
        notice = timedelta(days=old.consent.revocation.notice_days)
        acts_from = parse_instant(event.acts_from)
        narrows = takes_away(old.consent, event.consent)
        assert type(event) is (ConsentNarrowed if narrows else ConsentWidened)
        assert acts_from >= world.log.now + (notice if narrows else timedelta(0))
        assert named is None or acts_from >= named
        after = world.log.ask(CONSENT, name).held
        assert after is not None
        for moment in (world.log.now, acts_from - timedelta(microseconds=1)):
            if START <= moment < acts_from:
                words_then = after.words_at(moment)
                assert words_then is not None
                assert permitted(words_then.consent, probe) == permitted(old.consent, probe)
        assert after.words_at(acts_from) == after.versions[-1], format_instant(acts_from)
