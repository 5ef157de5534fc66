"""Write the dashboards of this folder: `python deploy/dashboards/make.py`. A test compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WIDTH, HEIGHT, COLUMNS = 8, 8, 3
"""Of a panel on Grafana's grid, and how many stand side by side."""

DATASOURCE = {"type": "prometheus", "uid": "prometheus"}

Panel = tuple[str, str, str, str]
"""Title, unit, expression, legend."""


def quantiles(step: str, q: str) -> str:
    """Return the expression of a step's duration."""
    by = f'sum by (le) (rate(linernotes_step_seconds_bucket{{step="{step}"}}[5m]))'
    return f"histogram_quantile({q}, {by})"


MEAN_BATCH = (
    "sum(rate(linernotes_batch_commands_sum[1m])) / sum(rate(linernotes_batch_commands_count[1m]))"
)
SLOWEST = (
    "topk(5, histogram_quantile(0.95,"
    " sum by (le, route) (rate(linernotes_http_request_seconds_bucket[5m]))))"
)
JOB_STEPS = (
    "histogram_quantile(0.5, sum by (le, step) (rate(linernotes_step_seconds_bucket"
    '{step=~"work|render|embed|put|finish|read_back|report"}[15m])))'
)

LEDGER: list[Panel] = [
    ("Entries accepted", "short", "max(linernotes_log_entries)", "entries"),
    ("Entries a second", "ops", "sum(rate(linernotes_batch_entries_sum[1m]))", "entries"),
    ("Commands waiting", "short", "sum(linernotes_queue_commands)", "commands"),
    ("Append, median", "s", quantiles("append", "0.5"), "append"),
    ("Append, 99 of 100", "s", quantiles("append", "0.99"), "append"),
    (
        "Commands of one transaction",
        "short",
        MEAN_BATCH,
        "commands",
    ),
    (
        "How commands ended",
        "ops",
        'sum by (outcome) (rate(linernotes_ended_total{kind="command"}[5m]))',
        "{{outcome}}",
    ),
    ("Refused, by reason", "ops", "sum by (code) (rate(linernotes_refused_total[5m]))", "{{code}}"),
    (
        "Malformed, by code",
        "ops",
        "sum by (code) (rate(linernotes_malformed_total[5m]))",
        "{{code}}",
    ),
    (
        "Requests by status",
        "reqps",
        "sum by (status) (rate(linernotes_http_requests_total[5m]))",
        "{{status}}",
    ),
    (
        "Slowest routes, 95 of 100",
        "s",
        SLOWEST,
        "{{route}}",
    ),
    ("Memory", "bytes", "process_resident_memory_bytes", "{{job}} {{instance}}"),
]

GENERATIONS: list[Panel] = [
    (
        "Jobs of workers",
        "ops",
        'sum by (outcome) (rate(linernotes_ended_total{kind="job"}[5m]))',
        "{{outcome}}",
    ),
    (
        "Finished files",
        "ops",
        'sum by (outcome) (rate(linernotes_ended_total{kind="finish"}[5m]))',
        "{{outcome}}",
    ),
    (
        "Failures by code",
        "ops",
        "sum by (kind, code) (rate(linernotes_failures_total[15m]))",
        "{{kind}} {{code}}",
    ),
    (
        "Steps, median",
        "s",
        JOB_STEPS,
        "{{step}}",
    ),
    ("Outputs completed", "short", "max(linernotes_outputs_completed)", "outputs"),
    ("Outputs that do not match", "short", "max(linernotes_outputs_mismatched)", "outputs"),
    (
        "Payouts by outcome, a day",
        "short",
        'sum by (outcome) (increase(linernotes_ended_total{kind="payout"}[1d]))',
        "{{outcome}}",
    ),
    ("Waiting to be published", "short", "max(linernotes_relay_lag_entries)", "entries"),
    ("Published up to", "short", "max(linernotes_relay_position)", "position"),
]

READERS: list[Panel] = [
    (
        "Projections behind, entries",
        "short",
        "max by (projection) (linernotes_projection_lag_entries)",
        "{{projection}}",
    ),
    (
        "Projections behind, seconds",
        "s",
        "max by (projection) (linernotes_projection_lag_seconds)",
        "{{projection}}",
    ),
    (
        "Projections that stopped",
        "short",
        "max by (projection) (linernotes_projection_stopped)",
        "{{projection}}",
    ),
    (
        "Behind the witnesses",
        "short",
        "scalar(max(linernotes_log_entries)) - max by (witness) (linernotes_witness_entries)",
        "{{witness}}",
    ),
    (
        "Witnesses that sign",
        "short",
        "max by (witness) (linernotes_witness_signs)",
        "{{witness}}",
    ),
    ("The register holds", "short", "min(linernotes_register_entries)", "entries"),
    ("Decided again", "short", "max(linernotes_audit_commands_decided)", "commands"),
    (
        "Differ, and findings",
        "short",
        "max(linernotes_audit_differ) + max(linernotes_audit_findings)",
        "of the newest audit",
    ),
    (
        "Entries not audited yet",
        "short",
        "max(linernotes_log_entries) - max(linernotes_audit_position)",
        "entries",
    ),
]

BOARDS = {
    "ledger": ("Linernotes: the log and its doors", LEDGER),
    "generations": ("Linernotes: generations and payouts", GENERATIONS),
    "readers": ("Linernotes: projections, witnesses, audit", READERS),
}
"""Each file's title and panels."""


def board(name: str) -> dict[str, Any]:
    """Return one dashboard, as Grafana imports it."""
    title, panels = BOARDS[name]
    return {
        "uid": f"linernotes-{name}",
        "title": title,
        "tags": ["linernotes"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": [_panel(number, *each) for number, each in enumerate(panels)],
    }


def _panel(number: int, title: str, unit: str, expression: str, legend: str) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": DATASOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {
                "refId": "A",
                "datasource": DATASOURCE,
                "expr": expression,
                "legendFormat": legend,
            }
        ],
    }


def written(name: str) -> str:
    """Return a dashboard's file."""
    return json.dumps(board(name), indent=1) + "\n"


if __name__ == "__main__":
    for each in BOARDS:
        (HERE / f"{each}.json").write_text(written(each), encoding="utf-8")
