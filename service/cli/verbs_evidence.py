"""Verbs of whoever checks a whole: what touched a subject, and the audit with what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from ledger.evidence import complete
from ledger.evidence.policy import parse_policy
from service.cli.ends import usage
from service.cli.names import find_either
from service.cli.proving import unknown
from service.cli.run import Run
from service.cli.verbs import EPILOG, add_verbs, timed
from service.cli.verbs_log import audit_log

KINDS: Final = ("recording", "work", "party")
"""What may be named instead of an id."""


class AuditVerb(TyperGroup):
    """A group whose name alone is the audit itself: `liner audit --export FOLDER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the default verb where none is named."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h")):
            args = ["log", *args]
        return super().parse_args(ctx, args)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    said = "Audit the log, if no verb; or say what differs between two points of it."
    audit = typer.Typer(help=said, cls=AuditVerb, epilog=EPILOG)
    app.add_typer(audit, name="audit")
    add_verbs(audit, {"log": audit_log, "diff": diff})
    add_verbs(app, {"complete": complete_of})


def complete_of(
    run: Run,
    *,
    subject: Annotated[
        str, typer.Argument(help="An id; or the name of a recording, work or party.")
    ],
    after: Annotated[
        int, typer.Option(min=0, help="After the newest root published up to this position.")
    ] = 0,
    until: Annotated[
        int | None, typer.Option(min=1, help="Up to the newest root published up to here.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Save it, for `liner prove`.")
    ] = None,
) -> None:
    """Show exactly which entries touched a subject between two index roots, or that none did.

    What is saved proves it offline: `liner prove FILE --policy POLICY`.
    """
    named = subject if subject[3:4] == "_" else find_either(run, KINDS, subject)
    if until is None:
        run.door.publish_root()
    found = run.door.get(f"/v1/index/{named}", after=after, until=until)
    if output is not None:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        output.write_text(text + "\n", encoding="utf-8")
    # By the key that this service itself names: the words below are no more than that.
    policy = parse_policy(run.door.get_raw("/policy.txt"))
    raw = json.dumps(found).encode()
    shown = complete.prove_complete(complete.read(raw), policy, require_witnesses=False)
    if not shown.total:
        run.out.warn(unknown(named, shown.newer))
    if run.out.as_json:
        run.out.document(found)
        return
    run.out.facts(
        {
            "subject": named,
            "after": shown.older,
            "until": shown.newer,
            "count": len(shown.positions),
            "positions": " ".join(map(str, shown.positions)),
            "root": shown.root,
            **({} if output is None else {"proof": str(output)}),
        }
    )


@timed
def diff(
    run: Run,
    *,
    older: Annotated[str, typer.Argument(help="A position, an instant (RFC 3339), or now-7d.")],
    newer: Annotated[str | None, typer.Argument(help="The same; now, if left out.")] = None,
) -> None:
    """Say what was permitted and owed as known at one point, and differs as known at another.

    --valid-at is the instant of the law's time at which both are asked; that of the newer point,
    if left out. Each difference names the entries that made it.
    """
    if run.options.as_of:
        raise usage("the two points are its arguments: `liner audit diff OLDER NEWER`")
    asked = {"older": older, "newer": newer, **run.axes}
    found = run.door.get("/v1/audit/diff", **asked)
    if run.out.as_json:
        run.out.document(found)
        return
    made = {row["position"]: row["type"] for row in found["entries"]}
    run.out.rows(("what", "before", "after", "entries"), list(_rows(found, made)))
    size = found["checkpoint"].split("\n")[1]
    run.out.say(
        f"as known at {found['older']} and at {found['newer']}, in force at {found['valid_at']};"
        f" the checkpoint of size {size} commits to both"
    )


def _rows(found: dict[str, Any], made: dict[int, str]) -> Iterator[dict[str, str]]:
    for row in found["permissions"]:
        yield {
            "what": f"{row['consent']} about {row['subject']}",
            "before": _words(row["before"]),
            "after": _words(row["after"]),
            "entries": _entries(row["positions"], made),
        }
    for row in found["balances"]:
        yield {
            "what": row["account"],
            "before": " ".join(row["before"].values()),
            "after": " ".join(row["after"].values()),
            "entries": _entries(row["positions"], made),
        }


def _words(permission: dict[str, Any] | None) -> str:
    """Say what a permission permits, in a few words; nothing, where none was in force."""
    if permission is None:
        return "nothing"
    return " ".join((*permission["uses"], "in", *permission["tiers"]))


def _entries(positions: list[int], made: dict[int, str]) -> str:
    return ", ".join(f"{position} {made[position]}" for position in positions)
