"""Verbs of the production engine: act in one role, and give a worker a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from service.cli.ends import EndError, usage
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

ROLES: Final = ("projections", "relay", "finisher", "scheduler", "generation")
"""The roles; a test holds them to those of `service.roles`."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"run": run_role})
    worker = group(app, "worker", "Generation workers on machines of their own.")
    add_verbs(worker, {"export": export})


def run_role(
    run: Run,
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
    *,
    host: Annotated[
        str, typer.Option(help="The address at which it tells of itself.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="For /health, /ready, /metrics; 0: a free one.")
    ] = 0,
) -> None:
    """Act in one role of the production engine until told to stop (LEDGER_DATABASE_URL)."""
    from service.leaving import leaving  # noqa: PLC0415 - only here
    from service.observing.listening import listening  # noqa: PLC0415 - only here
    from service.observing.process import observed  # noqa: PLC0415 - likewise
    from service.roles import not_yet  # noqa: PLC0415 - likewise
    from service.roles import run as act  # noqa: PLC0415 - likewise
    from service.stopping import stopping  # noqa: PLC0415 - likewise

    if run.options.server:
        raise usage("a role acts on its own folder's ledger, not on a service")
    if role not in ROLES:
        raise usage(f"there is no role {role}: it is one of {', '.join(ROLES)}")
    origin = run.facts.origin
    with observed(role) as observing, leaving() as leave, stopping(leave) as stop:
        not_yet(observing)
        with listening(observing, role=role, host=host, port=port) as url:
            run.out.document({"origin": origin, "role": role, "url": url})
            run.out.say(f"{role} of {origin}, at {url}")
            run.out.flush()
            act(run.settings, role, stop, observing)


def export(
    run: Run,
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must not exist.")],
) -> None:
    """Make the folder from which a generation worker runs elsewhere: no key of the ledger in it."""
    from service.rendering import hand_over  # noqa: PLC0415 - brings the synthesizer's contract

    origin = run.facts.origin
    if not run.settings.ledger_keys.exists():
        raise EndError("worker_folder_unfit", "open the ledger once first: `liner checkpoint`")
    hand_over(run.settings, folder)
    run.out.facts({"folder": str(folder), "origin": origin, "worker": run.facts.worker_party})
    run.out.hint(f"There: LEDGER_BROKER_URL=… liner run generation --home {folder.name}")
