"""Images: what they install is locked, complete, and nothing more; what they copy is there."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement

from tests.support.manifests import DEPLOY, ROOT

ELSEWHERE = {"colorama", "pycparser"}
"""Locked for other systems: not installed here."""


def subset(words: list[str]) -> str:
    spec = importlib.util.spec_from_file_location("subset", DEPLOY / "subset.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(module.subset(lock, project, words))


@pytest.mark.parametrize("image", ["service", "generation"])
def test_an_image_installs_all_that_it_needs_and_nothing_of_the_tests(image: str) -> None:
    """Followed through the metadata of what is installed here, not through the lock again."""
    text = (DEPLOY / f"Containerfile.{image}").read_text(encoding="utf-8")
    (words,) = re.findall(r"pyproject\.toml (base .*) > part\.lock", text)
    part = subset(words.split())
    locked = set(re.findall(r"^([a-z0-9-]+)==", part, re.MULTILINE))
    for name in locked - ELSEWHERE:
        for row in distribution(name).requires or ():
            needed = Requirement(row)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert re.sub(r"[-_.]+", "-", needed.name).lower() in locked, f"{name}: {row}"
    assert {"fastapi", "psycopg", "kafka-python", "boto3", "opentelemetry-sdk"} <= locked
    assert not locked & {"pytest", "mypy", "ruff", "hypothesis", "playwright", "hatchling"}
    assert ("scipy" in locked) == (image == "generation")
    assert part.count("--hash=sha256:") >= len(locked)


def test_what_the_lock_does_not_hold_is_said_to_be_missing() -> None:
    with pytest.raises(SystemExit, match="nowhere"):
        subset(["nowhere"])


def test_an_image_is_built_from_what_its_file_names() -> None:
    for path in sorted(DEPLOY.glob("Containerfile.*")):
        text = path.read_text(encoding="utf-8")
        for sources in re.findall(r"^COPY (?!--from)(?:--chmod=\d+ )?(.*)$", text, re.MULTILINE):
            for source in sources.split()[:-1]:
                assert (ROOT / source).exists(), source
        assert text.count("--require-hashes") == 2
        assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8")
    assert ignored == (ROOT / ".dockerignore").read_text(encoding="utf-8")
