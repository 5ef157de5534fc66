"""Compose file and Kubernetes objects: by their schemas, and each by the others."""

from __future__ import annotations

import json
from typing import Any

import compose_spec
import kubernetes_validate
import pytest
import yaml

from tests.support.manifests import (
    COMPOSE,
    DEPLOY,
    OBJECTS,
    OURS,
    called,
    commands,
    containers,
)

KUBERNETES = "1.37"
IDS = ("runAsUser", "runAsGroup", "fsGroup")


def test_the_compose_file_keeps_the_specification() -> None:
    compose_spec.PyCompose.from_json(json.dumps(COMPOSE)).validate()


def test_the_check_of_the_compose_file_bites() -> None:
    broken = json.loads(json.dumps(COMPOSE))
    broken["services"]["relay"]["comand"] = ["run"]
    with pytest.raises(ValueError, match="comand"):
        compose_spec.PyCompose.from_json(json.dumps(broken))


def test_the_compose_file_starts_every_role_twice_where_it_may() -> None:
    said = [" ".join(words[:2]) for place, words in commands() if place.startswith("compose")]
    assert said.count("run generation") == 2
    assert sum(words.startswith("serve") for words in said) == 2
    for role in ("projections", "relay", "finisher", "scheduler"):
        assert said.count(f"run {role}") == 1


def test_every_volume_secret_and_network_of_the_compose_file_is_declared_and_used() -> None:
    used: dict[str, set[str]] = {"volumes": set(), "secrets": set(), "networks": set()}
    for service in COMPOSE["services"].values():
        used["secrets"] |= set(service.get("secrets", ()))
        used["networks"] |= set(service.get("networks", ()))
        for volume in service.get("volumes", ()):
            source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
            if not source.startswith("."):
                used["volumes"].add(source)
            else:
                assert (DEPLOY / source).exists(), source
    for kind, names in used.items():
        assert names == set(COMPOSE[kind]), kind


@pytest.mark.parametrize("row", OBJECTS, ids=called)
def test_a_kubernetes_object_keeps_the_strict_schema(row: dict[str, Any]) -> None:
    assert kubernetes_validate.validate(row, KUBERNETES, strict=True) == KUBERNETES


def test_the_check_of_kubernetes_objects_bites() -> None:
    broken = json.loads(json.dumps(next(row for row in OBJECTS if row["kind"] == "Deployment")))
    broken["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


def test_kustomize_lists_every_file_but_the_template() -> None:
    listed = yaml.safe_load((DEPLOY / "k8s/kustomization.yaml").read_text(encoding="utf-8"))
    there = {path.name for path in (DEPLOY / "k8s").glob("*.yaml")}
    assert set(listed["resources"]) == there - {"kustomization.yaml", "secret.template.yaml"}
    assert {row["metadata"].get("namespace", "linernotes") for row in OBJECTS} == {"linernotes"}


def test_no_pod_is_more_than_it_must_be() -> None:
    for name, one, pod in containers():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert all(pod["securityContext"][key] == 10001 for key in IDS), name
        assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        assert pod["automountServiceAccountToken"] is False
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert {"requests", "limits"} == set(one["resources"])
        assert not one["image"].endswith(":latest")
    for name, service in COMPOSE["services"].items():
        if service["image"].startswith(OURS):
            assert service["read_only"] is True, name
            assert service["user"] == "10001:10001", name
            assert service["cap_drop"] == ["ALL"], name


def test_every_port_that_is_probed_and_served_is_a_containers() -> None:
    for name, one, _ in containers():
        if "ports" not in one:
            continue
        (port,) = one["ports"]
        assert str(port["containerPort"]) in one["args"], name
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe = one[kind].get("httpGet") or one[kind]["tcpSocket"]
            assert probe["port"] == port["name"], name
            if "path" in probe:
                assert probe["path"] == ("/ready" if kind == "readinessProbe" else "/health")


def test_every_selector_finds_pods_and_every_budget_leaves_one_to_move() -> None:
    apps = {row["metadata"]["name"]: row for row in OBJECTS if row["kind"] == "Deployment"}
    labels = {name for name, _ in ((called(row), row) for row in OBJECTS)}
    for row in OBJECTS:
        match row["kind"]:
            case "Service":
                app = row["spec"]["selector"]["app"]
                assert {f"Deployment {app}", f"StatefulSet {app}"} & labels
            case "PodDisruptionBudget":
                app = row["spec"]["selector"]["matchLabels"]["app"]
                assert apps[app]["spec"]["replicas"] > row["spec"]["minAvailable"]
    budgets = {called(row) for row in OBJECTS if row["kind"] == "PodDisruptionBudget"}
    assert budgets == {f"PodDisruptionBudget {name}" for name in apps}


def test_every_map_secret_key_and_claim_that_a_pod_names_is_there() -> None:
    kept = {called(row): row for row in OBJECTS}
    for name, one, pod in containers():
        for source in one.get("envFrom", ()):
            assert f"ConfigMap {source['configMapRef']['name']}" in kept, name
        for variable in one.get("env", ()):
            if "valueFrom" in variable:
                ref = variable["valueFrom"]["secretKeyRef"]
                assert ref["key"] in kept[f"Secret {ref['name']}"]["stringData"], name
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert f"Secret {volume['secret']['secretName']}" in kept, name
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                assert f"PersistentVolumeClaim {claim}" in kept, name


def test_every_file_of_a_secret_that_a_setting_names_is_in_the_secret() -> None:
    kept = {called(row): row for row in OBJECTS}
    for row in OBJECTS:
        if row["kind"] == "ConfigMap":
            secret = kept[f"Secret {row['metadata']['name']}"]["stringData"]
            for value in row["data"].values():
                if value.startswith("/run/secrets/"):
                    assert value.removeprefix("/run/secrets/") in secret, value
