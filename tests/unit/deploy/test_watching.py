"""What is watched exists: alerts, dashboards and runbooks against what a ledger exports."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import promql_parser as promql
import pytest
import yaml

from schemas.observing import Step
from tests.support.exported import exported, families

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
RULES = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
BOARDS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((DEPLOY / "dashboards").glob("*.json"))
}
PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus makes by itself."""

SECTIONS = ["What it means", "Who is hurt", "How to look", "How to mend"]


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


def inside(node: Any) -> Iterator[Any]:
    """Yield every part of an expression."""
    yield node
    for name in ("expr", "lhs", "rhs", "param", "vector_selector"):
        child = getattr(node, name, None)
        if isinstance(child, promql.Expr):
            yield from inside(child)
    for child in getattr(node, "args", None) or ():
        yield from inside(child)


@pytest.mark.parametrize(("where", "text"), list(expressions()))
def test_an_expression_asks_for_what_is_exported(where: str, text: str) -> None:
    known = exported() | PROMETHEUS
    selectors = [each for each in inside(promql.parse(text)) if hasattr(each, "matchers")]
    found = {each.name: {m.name for m in each.matchers.matchers} for each in selectors}
    assert found, where
    for name, labels in found.items():
        assert name in known, f"{where} asks for {name}"
        assert labels <= known[name] | {"job", "instance"}, where
    grouped = re.findall(r" by \(([a-z, ]+)\)", text)
    for label in {one.strip() for group in grouped for one in group.split(",")}:
        assert any(label in known[name] for name in found), f"{where} groups by {label}"
    for step in re.findall(r'step=~?"([a-z_|]+)"', text):
        assert set(step.split("|")) <= set(get_args(Step)), where


def test_the_check_of_expressions_bites() -> None:
    with pytest.raises(ValueError, match="unclosed"):
        promql.parse("sum(rate(linernotes_ended_total[5m])")
    assert "linernotes_never_exported" not in exported()
    parts = list(inside(promql.parse('a{b="c"} / sum by (d) (rate(e[5m])) > 1')))
    assert {each.name for each in parts if hasattr(each, "matchers")} == {"a", "e"}


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    pages = {path.stem for path in (DEPLOY / "runbooks").glob("*.md")}
    assert pages == {rule["alert"] for rule in RULES}
    assert len(RULES) == len(pages)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["annotations"]["summary"].endswith(".")
    page = (ROOT / rule["annotations"]["runbook"]).read_text(encoding="utf-8")
    assert page.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("page", sorted((DEPLOY / "runbooks").glob("*.md")), ids=lambda p: p.stem)
def test_a_page_names_metrics_that_exist_and_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"\blinernotes_[a-z_]*[a-z]\b", text):
        assert name in families(), name
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / target).exists(), target


def test_the_dashboards_are_what_their_program_writes() -> None:
    make = _module(DEPLOY / "dashboards/make.py")
    assert set(BOARDS) == set(make.BOARDS)
    for name in BOARDS:
        file = DEPLOY / f"dashboards/{name}.json"
        assert file.read_text(encoding="utf-8") == make.written(name), "python dashboards/make.py"
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


def test_every_metric_is_told_to_the_operator_and_every_one_that_is_told_exists() -> None:
    page = (ROOT / "docs/guides/operator.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(linernotes_[a-z_]+)`", page, re.MULTILINE))
    assert told == families()


def test_prometheus_reads_every_role() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text(encoding="utf-8"))
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for job in jobs["scrape_configs"]:
        for target in job["static_configs"][0]["targets"]:
            host, port = target.split(":")
            assert port in services[host]["command"], target


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
