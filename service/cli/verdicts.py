"""Telling people a verdict: every reason with its sentence, and what would be permitted instead."""

from __future__ import annotations

from typing import Any

from service.cli.output import Output


def tell_refusal(out: Output, problem: dict[str, Any]) -> None:
    """Tell why something is refused, which change would clear it, and where the log says so.

    `problem` is a quote's answer, or the problem with which a refused command is answered.
    """
    if out.as_json:
        return
    verdict = problem.get("verdict", problem)
    columns = ("code", "reference", "side", "clause", "message")
    out.rows(columns, verdict["reasons"], right=("reference",))
    for row in problem["alternatives"]:
        out.say(f"instead: {instead(row)}")
    if event := problem.get("event"):
        again = ", as it was before" if problem.get("repeated") else ""
        out.say(f"refused at position {event['position']}{again}")


def instead(row: dict[str, Any]) -> str:
    """Write one alternative (clearance, 18)."""
    what = str(row["change"]).replace("_", " ")
    where = "" if row.get("row") is None else f" of reference {row['row']}"
    value = "" if row.get("value") is None else f" {row['value']}"
    return f"{what}{value}{where}"
