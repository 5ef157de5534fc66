"""The loader refuses what it does not understand, and makes nothing but text of YAML."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.refusals import REFUSALS
from tests.scenarios.fixtures import Given
from tests.scenarios.form import Scenario, load
from tests.scenarios.play import Play
from tests.scenarios.sentences import (
    NotUnderstood,
    local_instant,
    moment,
    places,
    territories,
    words_of_consent,
)

GOOD = """
title: A good one
source: nowhere
fixture: F
ask:
  - that: it clears
    asks: {where: NO}
    answer: cleared
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "one.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_norway_stays_norway(tmp_path: Path) -> None:
    (row,) = load(written(tmp_path, GOOD)).rows()
    assert row.asks == {"where": "NO"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("answer: cleared", "answer: maybe"),
        ("answer: cleared", "anwser: cleared"),
        ("fixture: F", "fixture: G"),
        ("title: A good one", "titel: A good one"),
        ("that: it clears", "that: it clears\n    extra: 1"),
    ],
)
def test_an_unknown_word_of_the_form_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValidationError):
        load(written(tmp_path, GOOD.replace(old, new)))


@pytest.mark.parametrize("given", ["L dances on S1", {"L's consent sings": {"tiers": ["private"]}}])
def test_an_unknown_sentence_is_refused(given: str | dict[str, object]) -> None:
    scenario = Scenario.model_validate(
        {
            "title": "x",
            "source": "x",
            "fixture": "F",
            "given": [given],
            "ask": [{"that": "x", "answer": "cleared"}],
        }
    )
    with pytest.raises(NotUnderstood):
        Given.of(scenario)


def test_an_unknown_act_is_refused() -> None:
    play = Play.__new__(Play)
    with pytest.raises(NotUnderstood):
        play._act("C hopes for the best")


def test_an_unknown_word_of_a_consent_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        words_of_consent({"tears": ["private"]})
    with pytest.raises(NotUnderstood):
        words_of_consent({"reproduction": "maybe"})


@pytest.mark.parametrize("text", ["tomorrow", "2026-03-01 12:00", "2026-03-29 02:30 Europe/Berlin"])
def test_a_time_without_one_meaning_is_refused(text: str) -> None:
    with pytest.raises((NotUnderstood, ValueError)):
        moment(text)


def test_times_and_places_are_read_as_they_are_written() -> None:
    assert local_instant("2026-07-01 00:00 Europe/Berlin") == {
        "instant": "2026-06-30T22:00:00Z",
        "local": "2026-07-01T00:00:00",
        "zone": "Europe/Berlin",
    }
    assert places("DE, FR and NO") == ["DE", "FR", "NO"]
    assert territories("the world except JP") == {"include": ["2136"], "exclude": ["JP"]}
    with pytest.raises(NotUnderstood):
        places("Atlantis")


def test_reasons_in_the_files_are_codes_of_the_closed_list() -> None:
    for path in Path(__file__).parent.glob("*.yaml"):
        for row in load(path).rows():
            if row.answer == "refused":
                for reason in row.because:
                    code = reason if isinstance(reason, str) else next(iter(reason))
                    assert code in REFUSALS
