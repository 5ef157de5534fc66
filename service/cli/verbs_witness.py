"""Verbs of witnesses: be one for somebody's log, ask some for one's own, and remember by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.evidence.errors import EvidenceError
from service.cli.ends import EndError, usage
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

Folder = Annotated[Path, typer.Argument(help="The witness's folder: its key and its memory.")]
PolicyFile = Annotated[
    Path, typer.Argument(help="A C2SP tlog-policy; its `log` lines are left out.", dir_okay=False)
]
"""Parameters of several verbs here."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    witness = group(app, "witness", "Witnesses: they see to it that a log only grows.")
    add_verbs(witness, {"init": init, "watch": watch, "run": run_witness, "ask": ask})
    register = group(app, "register", "The register, which remembers how far the log has gone.")
    add_verbs(register, {"seed": seed})


def init(
    run: Run,
    folder: Folder,
    *,
    name: Annotated[str, typer.Option(help="Its name: a URL without scheme that you own.")],
) -> None:
    """Make a witness: its key, and nothing to watch yet. Prints its verifier key."""
    from service.witness.setting import init as make  # noqa: PLC0415 - only who needs it

    try:
        key = make(folder, name=name)
    except FileExistsError as error:
        raise EndError("witness_exists", f"there is a witness in {folder}") from error
    except EvidenceError as error:
        raise usage(f"{error}: a name is such as witness.example.org/2026") from error
    run.out.facts({"witness": name, "folder": str(folder), "verifier_key": key.vkey})
    run.out.hint("Next: `liner witness watch FOLDER VKEY`, with the verifier key of a log.")


def watch(
    run: Run,
    folder: Folder,
    vkey: Annotated[str, typer.Argument(help="The verifier key of the log.")],
) -> None:
    """Take on a log. A second key under the same origin is one that replaces the first."""
    from service.witness.setting import watch as take_on  # noqa: PLC0415 - likewise

    try:
        key = take_on(folder, vkey)
    except FileNotFoundError as error:
        raise _no_witness(folder) from error
    except EvidenceError as error:
        text = f"{error}: a log's operator shows it by `liner checkpoint --vkey`"
        raise usage(text) from error
    run.out.facts({"origin": key.name, "verifier_key": str(key)})
    run.out.hint("A running witness takes it on when it is started again.")


def run_witness(
    run: Run,
    folder: Folder,
    *,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8720,
) -> None:
    """Answer logs until told to stop; each answer is on disk before it is given."""
    from service.witness.keeping import MemoryLostError  # noqa: PLC0415 - likewise
    from service.witness.serving import serve  # noqa: PLC0415 - brings a server

    def ready(url: str) -> None:
        run.out.document({"url": url})
        run.out.say(url)
        run.out.flush()

    if not (folder / "logs.txt").exists():
        raise _no_witness(folder)
    try:
        serve(folder, host=host, port=port, ready=ready)
    except MemoryLostError as error:
        raise EndError("memory_lost", str(error)) from error


def _no_witness(folder: Path) -> EndError:
    text = f"there is no witness in {folder}: `liner witness init` makes one"
    return EndError("no_witness", text)


def ask(run: Run, policy: PolicyFile) -> None:
    """Say to the log which witnesses it asks, and how many make a checkpoint accepted."""
    from schemas.commands.log import ReplaceWitnessPolicy  # noqa: PLC0415 - likewise
    from service.policy import read_witness_lines  # noqa: PLC0415 - likewise

    try:
        command = ReplaceWitnessPolicy(witnesses=read_witness_lines(policy))
    except (EvidenceError, UnicodeDecodeError) as error:
        raise EndError("policy_invalid", str(error)) from error
    run.say(command)
    run.tell({"witnesses": len([row for row in command.witnesses if row.startswith("witness ")])})


def seed(
    run: Run,
    *,
    policy: Annotated[
        Path,
        typer.Option(help="Whose signatures count: a policy from outside of any backup."),
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option("--from", help="A cosigned checkpoint; left out, the witnesses are asked."),
    ] = None,
) -> None:
    """Make a lost register again from what witnesses have signed. Dangerous: read the guide first.

    What the log said beyond that checkpoint, the register forgets.
    """
    from ledger.evidence.policy import parse_policy  # noqa: PLC0415 - likewise
    from service.seeding import gather, seed_register  # noqa: PLC0415 - likewise

    if run.options.server:
        raise usage("a register is made on the machine of the log")
    origin = run.facts.origin
    try:
        trusted = parse_policy(policy.read_bytes())
    except EvidenceError as error:
        raise EndError("policy_invalid", str(error)) from error
    note = checkpoint.read_text(encoding="utf-8") if checkpoint else gather(trusted, origin)
    size = seed_register(run.settings, note, trusted)
    run.out.facts({"origin": origin, "register": str(run.settings.register), "size": size})
