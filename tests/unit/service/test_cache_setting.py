"""How much of a bucket is kept on this machine is a setting."""

from pathlib import Path

import pytest

from generation.artifact_cache import CACHE_BYTES_MAX
from service.settings import SettingError, Settings

NAME = "LINERNOTES_CACHE_MIB"


@pytest.mark.parametrize(
    ("env", "kept"), [({}, CACHE_BYTES_MAX), ({NAME: ""}, CACHE_BYTES_MAX), ({NAME: "3"}, 3 << 20)]
)
def test_it_is_what_the_cache_is_bounded_by(env: dict[str, str], kept: int, tmp_path: Path) -> None:
    assert Settings.of(tmp_path, env).artifact_settings.cache_bytes_max == kept


@pytest.mark.parametrize("word", ["0", "-1", "8 GiB", "1.5", "²"])
def test_a_word_that_is_no_size_is_an_error(word: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=NAME):
        Settings.of(tmp_path, {NAME: word})
