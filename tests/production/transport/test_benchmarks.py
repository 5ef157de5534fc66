"""The benchmarks that need a real broker still run: once, tiny, to their end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import benchmarked
from tests.support.kafka_broker import SETTING, KafkaBroker, NamedBroker


@pytest.mark.parametrize("name", benchmarked.of_a_broker())
def test_it_runs_and_prints_its_line(
    name: str, kafka: KafkaBroker | NamedBroker, tmp_path: Path
) -> None:
    benchmarked.check(name, tmp_path, {SETTING: ",".join(kafka.settings.bootstrap)})
