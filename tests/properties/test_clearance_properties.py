"""What no consent, revocation or request may ever do to a verdict."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.alternatives import changed
from ledger.rights.clearance_request import normalize
from ledger.rights.quotes import Quote, quote
from ledger.rights.view import View
from schemas.commands.consents import RevokeConsent
from schemas.money import Money
from schemas.terms import Alternative, Request
from tests.kit.demand import authorize, request, row, songs, verify
from tests.kit.world import World

COUNTRIES = ["DE", "FR", "JP", "US"]
TIERS = ["preview", "private", "non_commercial", "commercial"]
FEW = settings(max_examples=40)


def some(values: list[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.sets(st.sampled_from(values), min_size=least).map(sorted)


WORDS = st.fixed_dictionaries(
    {
        "uses": some(["song", "parameter", "audio"]),
        "parameters": st.one_of(st.just("all"), some(["guitar", "voice", "melody"])),
        "reproduction": st.booleans(),
        "tiers": some(TIERS),
        "territories": some(COUNTRIES).map(lambda found: {"include": found, "exclude": []}),
        "minimum_weight": st.sampled_from([None, "1/20", "1/2"]),
    }
)

WIDE = st.fixed_dictionaries(
    {
        "tiers": st.just(TIERS),
        "uses": st.just(["song", "parameter"]),
        "territories": some(COUNTRIES).map(lambda found: {"include": found, "exclude": []}),
        "parameters": st.sampled_from(["all", ["guitar"]]),
    }
)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "song": st.sampled_from(["S1", "S2", "S4"]),
            "use": st.sampled_from(["song", "parameter"]),
            "role": st.sampled_from(["lead", "timbre"]),
            "weight": st.sampled_from(["1", "2", "1/3", "40"]),
            "parameters": some(["guitar", "voice"], least=1),
        }
    ),
    min_size=1,
    max_size=3,
)

ASKED = st.fixed_dictionaries(
    {
        "rows": ROWS,
        "tier": st.sampled_from(TIERS),
        "territory": some(COUNTRIES, least=1),
        "model": st.sampled_from(["mosaic", "conditioner"]),
    }
)


def made(world: World, asked: dict[str, Any], **more: Any) -> Request:
    rows = []
    for each in asked["rows"]:
        words = {name: value for name, value in each.items() if name != "song"}
        if words["use"] == "song":
            words["parameters"] = []
        rows.append(row(world, each["song"], **words))
    rest = {name: value for name, value in asked.items() if name != "rows"}
    return request(world, *rows, **(rest | more))


def judged(world: World, asked: Request) -> Quote:
    return quote(View(world.log), asked, creator=world.id("pty", "C"), at=world.log.now)


def narrowed(words: dict[str, Any], without: dict[str, Any]) -> dict[str, Any]:
    """Return words that permit no more than before, and less where `without` says so."""
    less = {
        "uses": [use for use in words["uses"] if use not in without["uses"]],
        "tiers": [tier for tier in words["tiers"] if tier not in without["tiers"]],
        "territories": words["territories"] | {"exclude": without["territories"]["include"]},
    }
    return words | less


@FEW
@given(WORDS, WORDS, ASKED)
def test_narrowing_never_clears_more(
    words: dict[str, Any], without: dict[str, Any], asked: dict[str, Any]
) -> None:
    wide, narrow = songs(L=words), songs(L=narrowed(words, without))
    if judged(narrow, made(narrow, asked)).price is not None:
        assert judged(wide, made(wide, asked)).price is not None


@FEW
@given(
    WIDE,
    ASKED,
    st.sampled_from(
        [("L", "S1"), ("L", "S4"), ("L", "everything"), ("P1", "W1"), ("Q", "S2"), ("Q", "W2")]
    ),
)
def test_a_revocation_never_turns_a_refusal_into_a_yes(
    words: dict[str, Any], asked: dict[str, Any], revocation: tuple[str, str]
) -> None:
    who, what = revocation
    world = songs(L=words)
    before = judged(world, made(world, asked))
    target = {"everything": True} if what == "everything" else {"asset": world.asset(what)}
    command = RevokeConsent.read({"party": world.id("pty", who), **target})
    world.log.say(command, by=world[who])
    after = judged(world, made(world, asked))
    if before.price is None:
        assert after.price is None
        assert len(after.reasons) > 0


@FEW
@given(WIDE, ASKED)
def test_a_further_consent_never_refuses_what_was_cleared(
    words: dict[str, Any], asked: dict[str, Any]
) -> None:
    world = songs(L=words)
    before = judged(world, made(world, asked))
    world.consent("one more", "L", ["S1"], tiers=[], uses=[])
    if before.price is not None:
        assert judged(world, made(world, asked)).price is not None


@FEW
@given(WIDE, ASKED)
def test_a_list_of_countries_clears_if_each_of_them_does(
    words: dict[str, Any], asked: dict[str, Any]
) -> None:
    world = songs(L=words)
    whole = judged(world, made(world, asked)).price is not None
    each = [
        judged(world, made(world, asked, territory=country)).price is not None
        for country in asked["territory"]
    ]
    assert whole == all(each)


@FEW
@given(WIDE, ASKED)
def test_the_order_of_rows_decides_nothing(words: dict[str, Any], asked: dict[str, Any]) -> None:
    world = songs(L=words)
    forward = judged(world, made(world, asked))
    backward = judged(world, made(world, asked | {"rows": asked["rows"][::-1]}))
    assert [each.code for each in forward.reasons] == [each.code for each in backward.reasons]
    assert (forward.price is None) == (backward.price is None)
    if forward.price is not None and backward.price is not None:
        assert forward.price.legs == backward.price.legs


@FEW
@given(WIDE, ASKED)
def test_exactly_the_changes_that_clear_are_offered(
    words: dict[str, Any], asked: dict[str, Any]
) -> None:
    world = songs(L=words)
    first = made(world, asked)
    found = judged(world, first)
    if found.price is not None:
        return
    clearing: list[Alternative] = []
    for change, other in changed(normalize(first)):
        if judged(world, other.request).price is not None:
            clearing.append(change)
    assert list(found.alternatives) == clearing


@FEW
@given(WIDE, ASKED)
def test_quote_verification_and_authorization_say_the_same(
    words: dict[str, Any], asked: dict[str, Any]
) -> None:
    world = songs(L=words)
    quoted = judged(world, made(world, asked))
    verified = verify(world, made(world, asked, name="g1"), "v1").event
    authorized = authorize(world, made(world, asked, name="g2"), "v2")
    if quoted.price is None:
        assert verified.reasons == quoted.reasons
        assert authorized.recorded == ()  # the same demand within the hour
        return
    fee = authorized.events[-1]
    assert verified.fee == quoted.price.fee == fee.fee  # type: ignore[attr-defined]
    assert sum(leg.amount.micro() for leg in fee.legs) == fee.pool.micro()  # type: ignore[attr-defined]


FLOORS = st.integers(min_value=1, max_value=3_000_000)


@FEW
@given(FLOORS, FLOORS, FLOORS, st.sampled_from(["1", "1/3", "7/11"]))
def test_every_floor_is_met_and_the_fee_is_no_higher_than_that(
    first: int, second: int, third: int, weight: str
) -> None:
    floors = {"L": first, "P1": second, "P2": third}
    given_words = {
        name: {"floors": {"commercial": Money.accrued(micro, "EUR").model_dump()}}
        for name, micro in floors.items()
    }
    world = songs(**given_words)
    rest = [row(world, "S2", weight=str(1 - Fraction(weight)))] if weight != "1" else []
    asked = request(world, row(world, "S1", weight=weight), *rest, tier="commercial")
    fee = authorize(world, asked).events[-1]
    earned = {leg.party: leg.amount.micro() for leg in fee.legs}  # type: ignore[attr-defined]
    for name, micro in floors.items():
        assert earned[world.id("pty", name)] >= micro
    if fee.fee.micro() > 2_000_000:  # type: ignore[attr-defined]
        cheaper = (fee.fee.micro() - 10_000) * 7 // 10  # type: ignore[attr-defined]
        parts = {"L": Fraction(1, 2), "P1": Fraction(3, 10), "P2": Fraction(1, 5)}
        share = Fraction(weight)
        assert any(cheaper * parts[name] * share < floors[name] for name in floors)
