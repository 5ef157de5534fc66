"""Round trips of ids, fractions, money, times and territories, over whatever there is."""

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import RFC_4122, UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.fractions import DENOMINATOR_MAX, format_fraction, lowest_fraction, parse_fraction
from schemas.identifiers import check_ipi_name, check_iswc
from schemas.ids import PREFIXES, id_of, uuid_of
from schemas.money import (
    CURRENCIES,
    MICRO_MAX,
    Money,
    SignedMoney,
    ceil_to_minor_micro,
    floor_to_minor,
    minor_micro,
    parse_amount,
)
from schemas.period import (
    LocalInstant,
    at_zone,
    format_instant,
    from_date_begin,
    from_date_end,
    local_instant,
    parse_instant,
)
from schemas.refusals import Malformed
from schemas.territory import Territories, expand_one
from schemas.tis import TABLES, TIS_VERSION
from schemas.values import parse
from schemas.zones import zone_names, zone_of

CODES = st.sampled_from(sorted(TABLES[TIS_VERSION]))
ZONES = st.sampled_from(sorted(zone_names() - {"Factory"}))
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants naive bounds
CURRENCY = st.sampled_from(sorted(CURRENCIES))
FRACTIONS = st.fractions(min_value=0, max_value=10**9, max_denominator=DENOMINATOR_MAX)


@given(st.sampled_from(sorted(PREFIXES)), st.integers(0, 2**128 - 1))
def test_an_id_gives_its_uuid_back(prefix: str, bits: int) -> None:
    version_7 = bits & ~(0xF << 76) | 7 << 76
    value = UUID(int=version_7 & ~(0b11 << 62) | 0b10 << 62)
    assert (value.version, value.variant) == (7, RFC_4122)
    made = id_of(prefix, value)
    assert uuid_of(made) == value
    assert len(made) == len(prefix) + 27


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (uuid_of, parse_fraction, lowest_fraction, parse_amount, parse_instant, check_iswc):
        with contextlib.suppress(Malformed):
            read(text)


@given(FRACTIONS)
def test_a_fraction_survives_its_text(value: Fraction) -> None:
    text = format_fraction(value)
    assert parse_fraction(text) == lowest_fraction(text) == value


@given(st.integers(0, 10**9), st.integers(0, 7))
def test_decimals_and_percent_say_the_same(number: int, places: int) -> None:
    digits = str(number).rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")
    assert parse_fraction(text) == Fraction(number, 10**places)
    assert parse_fraction(text + "%") == Fraction(number, 10**places * 100)


@given(st.integers(-MICRO_MAX, MICRO_MAX), CURRENCY)
def test_accrued_money_survives_json(micro: int, currency: str) -> None:
    money = SignedMoney.accrued(micro, currency)
    again = parse(SignedMoney, json.loads(money.model_dump_json()))
    assert again.micro() == micro


@given(st.integers(0, 10**12), CURRENCY)
def test_payable_money_is_whole_minor_units(minor: int, currency: str) -> None:
    money = Money.payable(minor, currency)
    assert money.minor() == minor
    assert floor_to_minor(money.micro(), currency) == minor
    assert ceil_to_minor_micro(money.micro(), currency) == money.micro()


@given(st.fractions(min_value=0, max_value=10**15), CURRENCY)
def test_rounding_up_adds_less_than_one_unit(micro: Fraction, currency: str) -> None:
    raised = ceil_to_minor_micro(micro, currency)
    assert isinstance(raised, int)
    assert 0 <= raised - micro < minor_micro(currency)
    assert raised % minor_micro(currency) == 0


@given(MOMENTS)
def test_an_instant_survives_its_text(moment: datetime) -> None:
    assert parse_instant(format_instant(moment)) == moment


@given(MOMENTS, ZONES)
def test_an_instant_survives_its_local_time(moment: datetime, zone: str) -> None:
    said = at_zone(moment, zone)
    assert said.moment == moment
    assert parse(LocalInstant, json.loads(said.model_dump_json())) == said
    assert datetime.fromisoformat(said.local) == moment.astimezone(zone_of(zone)).replace(
        tzinfo=None
    )


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), ZONES)  # noqa: DTZ001  # local times
def test_a_local_time_is_one_instant_or_says_why_not(local: datetime, zone: str) -> None:
    rules = zone_of(zone)
    offsets = {local.replace(tzinfo=rules, fold=fold).utcoffset() for fold in (0, 1)}
    try:
        found = local_instant(local.isoformat(), zone)
    except Malformed:
        assert len(offsets) == 2
    else:
        assert len(offsets) == 1
        assert found.moment.astimezone(rules).replace(tzinfo=None) == local


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), ZONES)
def test_a_day_begins_where_the_day_before_ends(day: date, zone: str) -> None:
    begin = from_date_begin(day.isoformat(), zone)
    end = from_date_end((day - timedelta(days=1)).isoformat(), zone)
    assert begin == end
    just_before = (begin.moment - timedelta(microseconds=1)).astimezone(zone_of(zone))
    assert just_before.date() < begin.moment.astimezone(zone_of(zone)).date()


@given(st.lists(CODES, max_size=6), st.lists(CODES, max_size=6), CODES)
def test_territories_are_sets_of_countries(
    include: list[str], exclude: list[str], other: str
) -> None:
    territories = parse(Territories, {"include": include, "exclude": exclude})
    expected = frozenset[str]().union(*map(expand_one, include)) - frozenset[str]().union(
        *map(expand_one, exclude)
    )
    assert territories.expand() == expected
    assert territories.narrower_or_equal(Territories(include=tuple(include)))
    assert territories.covers("DE") == ("DE" in expected)
    narrower = Territories(include=tuple(include), exclude=(*exclude, other))
    assert narrower.narrower_or_equal(territories)


@given(st.lists(st.tuples(st.sampled_from(["include", "exclude"]), CODES), max_size=8))
def test_steps_become_a_form_without_order(steps: list[tuple[str, str]]) -> None:
    left: frozenset[str] = frozenset()
    for verb, code in steps:
        left = left | expand_one(code) if verb == "include" else left - expand_one(code)
    assert Territories.from_steps(steps).expand() == left  # type: ignore[arg-type]  # drawn from two words


@given(st.integers(1, 10**9 - 1), st.integers(0, 8), st.integers(1, 9))
def test_a_changed_digit_of_an_ipi_name_number_is_caught(number: int, place: int, by: int) -> None:
    body = f"{number:09d}"
    weighted = sum(int(digit) * (10 - at) for at, digit in enumerate(body)) % 101
    assume(weighted > 1)  # at 0 and 1 the two check digits are the same
    valid = body + f"{(101 - weighted) % 100:02d}"
    assert check_ipi_name(valid) == valid
    changed = valid[:place] + str((int(valid[place]) + by) % 10) + valid[place + 1 :]
    try:
        check_ipi_name(changed)
    except Malformed:
        return
    # 101 sums share 100 pairs of check digits, so one pair stands for two sums.
    assert valid.endswith("00")
