"""Verbs of works: what is composed and written, and which recordings perform it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from schemas.commands.catalog import (
    ConfirmLink,
    DeclarePublicDomain,
    LinkRecordingToWork,
    RegisterWork,
)
from schemas.ids import new_id
from service.cli.options import Confirm, RecordingArgument, WorkArgument
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    work = group(app, "work", "Works: what is composed and written.", lists=True)
    add_verbs(
        work,
        {
            "add": add_work,
            "list": list_works,
            "show": show_work,
            "link": link,
            "confirm": confirm_link,
            "public-domain": public_domain,
        },
    )


def add_work(
    run: Run,
    *,
    title: Annotated[str, typer.Argument(help="The title.")],
    iswc: Annotated[str | None, typer.Option(help="ISWC (ISO 15707).")] = None,
    recording: Annotated[
        str | None, typer.Option(help="A recording that performs it: linked at once.")
    ] = None,
    confirm: Confirm = False,
) -> None:
    """Register a work; with --recording also propose that it is what the recording performs."""
    work = new_id("wrk")
    performed = run.find("recording", recording) if recording else None
    told = {"work": work}
    run.say(RegisterWork.read({"work": work, "title": title, "iswc": iswc}))
    if performed:
        told["link"] = _link(run, performed, work, None, confirm=confirm)
    run.tell(told)


def link(
    run: Run,
    *,
    recording: RecordingArgument,
    work: WorkArgument,
    fraction: Annotated[
        str | None, typer.Option(help="Of the publishing side, where there are several works.")
    ] = None,
    confirm: Confirm = False,
) -> None:
    """Propose that a recording performs a work; it is confirmed by another."""
    performed, performs = run.find("recording", recording), run.find("work", work)
    run_link = _link(run, performed, performs, fraction, confirm=confirm)
    run.tell({"link": run_link})


def _link(run: Run, recording: str, work: str, fraction: str | None, *, confirm: bool) -> str:
    name = new_id("lnk")
    command = {"link": name, "recording": recording, "work": work, "fraction": fraction}
    run.say(LinkRecordingToWork.read(command))
    if confirm:
        run.confirm(ConfirmLink(link=name))
    return name


def confirm_link(
    run: Run, *, link_id: Annotated[str, typer.Argument(metavar="LINK", help="A link's id.")]
) -> None:
    """Confirm that a recording performs a work."""
    run.say(ConfirmLink.read({"link": link_id}))
    run.tell({"link": link_id})


@timed
def list_works(run: Run) -> None:
    """List the works that the log knows."""
    rows = run.door.pages("/v1/works", **run.axes)
    run.out.rows(("work", "title", "iswc", "public_domain", "position"), rows, right=("position",))


@timed
def show_work(run: Run, *, work: WorkArgument) -> None:
    """Show a work with its recordings, credits and shares."""
    run.out.facts(run.door.get(f"/v1/works/{run.find('work', work)}", **run.axes))


def public_domain(
    run: Run,
    *,
    work: WorkArgument,
    evidence: Annotated[Path, typer.Option(help="A document; the log keeps its hash.")],
) -> None:
    """Declare that a work is in the public domain. By a registrar."""
    digest = hashlib.sha256(evidence.read_bytes()).hexdigest()
    name = run.find("work", work)
    run.say(DeclarePublicDomain(work=name, evidence_sha256=digest))
    run.tell({"work": name})
