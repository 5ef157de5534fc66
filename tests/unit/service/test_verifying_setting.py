"""Whether another process verifies signatures is a setting."""

from pathlib import Path

import pytest

from service.settings import BESIDE_DEFAULT, SettingError, Settings

NAME = "LINERNOTES_VERIFIES_BESIDE"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, BESIDE_DEFAULT),
        ({NAME: ""}, BESIDE_DEFAULT),
        ({NAME: "yes"}, True),
        ({NAME: "no"}, False),
    ],
)
def test_it_is_yes_or_no(env: dict[str, str], *, expected: bool, tmp_path: Path) -> None:
    assert Settings.of(tmp_path, env).verifies_beside is expected


@pytest.mark.parametrize("word", ["1", "Yes", "true", "maybe"])
def test_another_word_is_an_error(word: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=NAME):
        Settings.of(tmp_path, {NAME: word})
