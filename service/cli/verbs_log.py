"""Verbs of the log itself: its events, its audit, what is rebuilt from it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from service.cli.ends import EndError, ExitCode, usage
from service.cli.receipts import receipt_of, write_receipt
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed

PAGE: Final = 500
TAIL_S: Final = 20
"""How long one question for new events waits."""

COLUMNS: Final = ("position", "recorded_at", "type", "about")
FINDINGS_SHOWN_MAX: Final = 20
"""What people see of an event, and how many of an audit's findings."""

Position = Annotated[int, typer.Argument(min=1, help="A position of the log.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="An event's name; repeated.")]
About = Annotated[str | None, typer.Option(help="An id, or a party's name: what concerns it.")]
"""Parameters of several verbs here."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    events = group(app, "events", "The log, event by event; the newest, if no verb.", lists=True)
    add_verbs(events, {"list": list_events, "tail": tail, "show": show, "receipt": receipt})
    add_verbs(app, {"rebuild": rebuild_tables})


@timed
def list_events(
    run: Run,
    *,
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; else the newest.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    kind: Types = None,
    about: About = None,
) -> None:
    """List events in the order of their positions; private fields as far as they concern you."""
    if run.options.valid_at:
        raise usage("events have one axis: --as-of POSITION")
    until = _until(run)
    found = _pages(run, after or 0, _query(run, kind, about), until)
    rows: Iterable[dict[str, Any]]
    if after is None:
        rows = deque(found, maxlen=limit)
    else:
        rows = (row for row, _ in zip(found, range(limit), strict=False))
    run.out.rows(COLUMNS, map(_row, rows), right=("position",))


def _until(run: Run) -> int | None:
    text = run.options.as_of
    if text is not None and not (text.isascii() and text.isdigit()):
        raise usage("events end at a position: --as-of 1234")
    return int(text) if text is not None else None


def _query(run: Run, kinds: list[str] | None, about: str | None) -> dict[str, Any]:
    named = about if about is None or about[3:4] == "_" else run.party(about)
    return {"types": ",".join(kinds) if kinds else None, "about": named}


def _pages(
    run: Run, after: int, query: dict[str, Any], until: int | None
) -> Iterator[dict[str, Any]]:
    for row in run.door.pages("/v1/events", after=after, limit=PAGE, **query):
        if until is not None and row["position"] > until:
            return
        yield row


def _row(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with what a person looks for first: the ids in it."""
    ids = [
        value for value in event["data"].values() if isinstance(value, str) and value[3:4] == "_"
    ]
    return {**event, "about": " ".join(ids[:3])}


def tail(
    run: Run,
    *,
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; else now.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    kind: Types = None,
    about: About = None,
) -> None:
    """Show events as they come, until Ctrl-C."""
    query = _query(run, kind, about)
    cursor = after if after is not None else int(run.door.get("/health")["head"])
    shown = 0
    while True:
        page = run.door.waiting("/v1/events", TAIL_S, after=cursor, limit=PAGE, **query)
        for event in page["items"]:
            if limit is not None and shown >= limit:
                return
            run.out.rows(COLUMNS, [_row(event)], right=("position",), heading=False)
            run.out.flush()
            shown += 1
        if limit is not None and shown >= limit:
            return
        cursor = page["next"] or page["head"]


def show(run: Run, *, position: Position) -> None:
    """Show one event, and the proof that it stands where it stands."""
    found = run.door.get(f"/v1/events/{position}")
    event = found["event"]
    if run.out.as_json:
        run.out.document(found)
        return
    data = event.pop("data")
    run.out.facts({**event, **{f"data.{name}": value for name, value in data.items()}})


def receipt(
    run: Run,
    *,
    position: Position,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes; stdout if left out.")
    ] = None,
    cose: Annotated[
        bool, typer.Option("--cose", help="A COSE receipt (RFC 9942) instead; needs -o.")
    ] = False,
    entry: Annotated[
        Path | None, typer.Option(help="Also write the entry's own bytes to this file.")
    ] = None,
) -> None:
    """Get the receipt of an event, to be proven offline by whoever holds it."""
    if cose and output is None:
        raise usage("a COSE receipt is bytes: give -o FILE")
    if entry is not None:
        entry.write_bytes(run.door.get_raw(f"/v1/entries/{position}"))
    if cose and output is not None:
        output.write_bytes(run.door.get_raw(f"/v1/entries/{position}/receipt"))
        run.out.facts({"position": position, "receipt": str(output)})
        return
    found = receipt_of(run, position)
    if output is None:
        run.out.raw(json.dumps(found, indent=1, ensure_ascii=False))
        return
    write_receipt(output, found)
    run.out.facts({"position": position, "receipt": str(output)})


def audit_log(
    run: Run,
    *,
    export: Annotated[
        Path | None, typer.Option(help="Write the log and what lies beside it to a new folder.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Export only what every reader may see.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--from", help="Audit this export, or a checkpoint with bundles.")
    ] = None,
    vkey: Annotated[
        str | None, typer.Option(help="The verifier key to trust; this folder's, if left out.")
    ] = None,
) -> ExitCode:
    """Audit the log: recompute everything it says about itself, decide every command again.

    Reads this folder, also beside a service; with --from an export, or a checkpoint with entry
    bundles (C2SP); with --server what a service hands over. Exit code 3: something is wrong.
    """
    from ledger.audit import audit, processes_for  # noqa: PLC0415 - brings every rule
    from service.cli.audited import open_log  # noqa: PLC0415 - brings the store

    if public and export is None:
        raise usage("--public says what is exported: give --export FOLDER too")
    with open_log(run, source, vkey) as (log, trusted):
        if export is not None:
            from ledger.audit.export import export as write  # noqa: PLC0415 - only here

            with run.out.progress("exporting", log.size) as bar:
                write(log, export, vkey=trusted, public_only=public,
                      progress=lambda done, _of: bar.at(done))  # fmt: skip
            run.out.facts({"export": str(export), "entries": log.size})
            return ExitCode.ALLOWED
        with processes_for(log.size) as beside, run.out.progress("auditing", log.size) as bar:
            report = audit(log, trusted, beside=beside, progress=lambda done, _of: bar.at(done))
    run.out.document(report.data())
    for finding in report.findings[:FINDINGS_SHOWN_MAX]:
        run.out.say(f"{finding.position}\t{finding.step}\t{finding.message}", style="red")
    run.out.say(report.line)
    if not report.sound:
        first = report.first
        where = f"; the first at position {first.position}" if first else ""
        text = f"the log is not what it must be{where}"
        raise EndError("audit_unsound", text, ExitCode.INVALID)
    return ExitCode.ALLOWED


def rebuild_tables(
    run: Run,
    *,
    name: Annotated[
        list[str] | None, typer.Argument(help="Projections; all of them, if left out.")
    ] = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="Put the new tables in place even if they differ.")
    ] = False,
) -> None:
    """Rebuild the projections from the log beside the live tables, and compare.

    Exit code 3: live tables did not hold what the log says.
    """
    from service.cli.audited import rebuild_all  # noqa: PLC0415 - brings the projections

    if run.options.server:
        raise usage("tables are rebuilt in the ledger's own folder")
    rows = rebuild_all(run, name, swap=swap)
    run.out.rows(("projection", "position", "state", "digest"), rows, right=("position",))
    different = [row["projection"] for row in rows if row["state"] == "differs"]
    if different:
        text = f"tables that differ from the log: {', '.join(different)}"
        raise EndError("projection_differs", text, ExitCode.INVALID)
