"""Specimens of every class on the wire, drawn field by field, and what may go wrong with one.

Each field draws from a pool of JSON values that its own type accepts; the pool of a class is drawn
from its fields' pools. So a new event has specimens as soon as it has fields.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas.field_shapes import alone, annotation_of
from schemas.ids import PREFIXES
from schemas.money import Money
from schemas.refusals import Malformed
from schemas.terms import AppliesTo, Segment
from schemas.values import RECORDED

_UUID: Final = ("01m8ntwgqwe3kb4wn2vv45dm2v", "01m8ntwgffe8aanhsa9xqeyfgw")
_WORDS: Final = (
    "a", "Ünïcode \U0001d11e \ue000", "all", "1", "1/3", "0.5", "100%", "12.50", "0.030000", "EUR",
    "JPY", "DE", "NO", "2136", "2026-11", "2026-11-30T08:00:00Z", "2026-11-30T08:00:00.123456Z",
    "2026-11-30T09:00:00", "Europe/Berlin", "a" * 64, "0123456789abcdef" * 4, "Qk0",
    "-s1ulBChBirVzbIp5Quse_p4NWuF_25O-mpuTSqiXMA", "unclaimed", "disputed", "USRC17607839",
    "T0345246801", "00014107338", "0000000121032683", "I-000000229-7", "line\nfeed",
    'a "word" \\',
)  # fmt: skip
_NUMBERS: Final = (0, 1, 2, 30, 64, 300, 44_100, 2**53 - 1)
_WRONG: Final[tuple[Any, ...]] = (
    None, True, False, -1, 2**53, 0.5, 1e300, "", "x" * 401, "a\n", "A" * 64, "2/6", "-1",
    "2026-02-30T00:00:00Z", "2026-11-30T08:00:00+01:00", "\u0000", "\ud7ff\ue000", [], {}, [None],
    ["all"], [1], {"commit": "x"}, {"amount": "1", "currency": "EUR", "more": 1},
    {"amount": "-0", "currency": "EUR"},
)  # fmt: skip

_BOUND: Final[dict[type, list[dict[str, Any]]]] = {
    Money: [
        {"amount": "0.10", "currency": "EUR"},
        {"amount": "0.030000", "currency": "EUR"},
        {"amount": "12", "currency": "JPY"},
    ],
    AppliesTo: [
        {"catalog": None, "recordings": [f"rec_{_UUID[0]}"], "works": []},
        {"catalog": None, "recordings": [], "works": [f"wrk_{uuid}" for uuid in _UUID]},
        {"catalog": f"pty_{_UUID[0]}", "recordings": [], "works": []},
    ],
    Segment: [{"from_ms": 0, "until_ms": 1}, {"from_ms": 30, "until_ms": 44_100}],
}
"""Values whose fields must fit one another: drawn at random they hardly ever would."""


def specimens(cls: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the JSON of values of a class as the log may hold them, every field there."""
    return st.fixed_dictionaries(
        {name: _drawn(annotation_of(field)) for name, field in cls.model_fields.items()}
    ).filter(lambda data: _accepts(partial(cls.model_validate, context=RECORDED), data))


@st.composite
def spoiled(draw: st.DrawFn, given: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Draw the same with one thing changed somewhere inside: perhaps for the worse."""
    data = deepcopy(draw(given))
    holder, key = draw(st.sampled_from(list(_places(data))))
    what = draw(st.sampled_from(["replaced", "left out", "added"]))
    if what == "replaced":
        holder[key] = draw(st.sampled_from([*_WRONG, *_WORDS, *_NUMBERS]))
    elif what == "left out":
        del holder[key]
    elif isinstance(holder, dict):
        holder[draw(st.sampled_from(["more", "é", "A"]))] = draw(st.sampled_from(_WRONG))
    else:
        holder.append(draw(st.sampled_from(_WRONG)))
    return data


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place inside, each as its holder and its key or index."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found = [(value, key) for key, _ in pairs]
    for _, item in pairs:
        if isinstance(item, (dict, list)):
            found += _places(item)
    return found


def _drawn(annotation: Any) -> st.SearchStrategy[Any]:
    """Return what draws the JSON of one field."""
    bare = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return st.sampled_from(_BOUND[bare]) if bare in _BOUND else specimens(bare)
    if get_origin(bare) is tuple:
        return st.lists(_drawn(get_args(bare)[0]), max_size=3)
    kinds = get_args(bare) if get_origin(bare) in {Union, UnionType} else ()
    drawn = [_drawn(each) for each in kinds if each is not NoneType]
    if NoneType in kinds:
        drawn.append(st.none())
    return st.one_of(drawn) if drawn else st.sampled_from(_pool(annotation))


@cache
def _pool(annotation: Any) -> list[Any]:
    """Return values that a type accepts, of those that are tried."""
    read = alone(annotation, recorded=True)
    ids = [f"{prefix}_{uuid}" for prefix in PREFIXES for uuid in _UUID]
    money = {"amount": "0.10", "currency": "EUR"}
    lists = [value for literal in _literals(annotation) for value in get_args(literal)]
    tried = [*_WORDS, *_NUMBERS, True, False, *ids, *lists, {}]
    tried += [{"private": money}, {"commercial": money, "preview": money}]
    found = [each for each in tried if _accepts(read, each)]
    assert found, f"no specimen of {annotation}"
    return found


def _literals(annotation: Any) -> list[Any]:
    """Return the closed lists inside a type."""
    if get_origin(annotation) is not None and str(get_origin(annotation)) == "typing.Literal":
        return [annotation]
    return [found for each in get_args(annotation) for found in _literals(each)]


def _accepts(read: Callable[[Any], Any], value: Any) -> bool:
    try:
        read(value)
    except (ValidationError, Malformed):
        return False
    return True
