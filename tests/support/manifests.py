"""What deploy/ says, loaded: the compose file, Kubernetes objects, and the commands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
LINER = re.compile(r"(?:-- |exec |\|\| |if ! |^ *)liner ((?:[a-z]+ )+)", re.MULTILINE)
"""What a script says to the program, up to the first word that is not plain."""

OURS = ("linernotes/service", "linernotes/generation")


def objects() -> list[dict[str, Any]]:
    found = []
    for path in sorted((DEPLOY / "k8s").glob("*.yaml")):
        if path.name != "kustomization.yaml":
            found += list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    return found


OBJECTS = objects()


def called(row: dict[str, Any]) -> str:
    return f"{row['kind']} {row['metadata']['name']}"


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in OBJECTS:
        if "template" in row.get("spec", {}):
            yield called(row), row["spec"]["template"]["spec"]


def containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, pod in pods():
        for one in (*pod.get("initContainers", ()), *pod["containers"]):
            yield name, one, pod


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield what each container of ours says to `liner`."""
    for name, service in COMPOSE["services"].items():
        if service["image"].startswith(OURS) and "entrypoint" not in service:
            yield f"compose {name}", service["command"]
    for name, one, _ in containers():
        if "command" not in one:
            yield name, one["args"]
    for path in sorted(DEPLOY.glob("Containerfile.*")):
        (said,) = re.findall(r"^CMD (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        yield path.name, json.loads(said)
    for place in ("found.sh", "compose.yaml", "k8s/register.yaml", "README.md"):
        text = (DEPLOY / place).read_text(encoding="utf-8")
        for said in re.findall(
            r"(?:-- |exec |\|\| |if ! |^ *)liner ((?:[a-z]+ )+)", text, re.MULTILINE
        ):
            yield place, said.split()
