"""Verbs of a creator: may I, what does it cost, make it, take it home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from schemas import canonical
from schemas.commands.generations import (
    AuthorizeGeneration,
    CancelGeneration,
    VerifyGeneration,
)
from schemas.ids import check_id, new_id
from service.cli.ends import EndError, ExitCode, usage
from service.cli.receipts import receipt_of, write_receipt
from service.cli.request import Asked, Built, build
from service.cli.run import Run
from service.cli.verbs import add_verbs

File = Annotated[str | None, typer.Argument(help="The whole request as JSON; - reads stdin.")]
Ref = Annotated[
    list[str] | None,
    typer.Option(
        help="RECORDING,use=…,role=…,weight=…,parameter=…,stem=…,from=…,until=…; repeated.",
    ),
]
Weights = Annotated[str, typer.Option(help="relative, or absolute: then they sum to 1.")]
Model = Annotated[str | None, typer.Option(help="A model's id or name; the only one, if left out.")]
Tier = Annotated[str, typer.Option(help="audition, preview, private, non_commercial, commercial.")]
Purpose = Annotated[str, typer.Option(help="personal, educational, entertainment, ….")]
Channel = Annotated[str, typer.Option(help="session, download, streaming, ….")]
Territory = Annotated[
    list[str] | None, typer.Option(help="Countries (ISO 3166-1); each must clear.")
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same sound.")]
Duration = Annotated[str, typer.Option(help="How long: 30s, 1500ms.")]
Prompt = Annotated[str | None, typer.Option(help="Kept private: the log holds a commitment.")]
Upgrades = Annotated[
    str | None, typer.Option(help="An earlier generation of one's own whose fee is credited.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Where the audio goes.")]
"""The words of a request, as parameters of `quote`, `verify` and `generate`."""

WAIT_S: Final = 1
"""How long one question about a rendering waits for its end."""

ENDED: Final = {
    "failed": ("generation_failed", ExitCode.FAILED),
    "canceled": ("generation_canceled", ExitCode.REFUSED),
    "expired": ("authorization_expired", ExitCode.FAILED),
}
"""How a generation without a file ends the command."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(
        app,
        {
            "quote": quote,
            "verify": verify,
            "authorize": authorize,
            "generate": generate,
            "cancel": cancel,
        },
    )


def quote(
    run: Run,
    *,
    file: File = None,
    ref: Ref = None,
    weights: Weights = "relative",
    model: Model = None,
    tier: Tier = "private",
    purpose: Purpose = "personal",
    channel: Channel = "download",
    territory: Territory = None,
    seed: Seed = 0,
    duration: Duration = "30s",
    prompt: Prompt = None,
    upgrades: Upgrades = None,
) -> ExitCode | None:
    """Ask whether a request would clear, and what it would cost. A read: it is never logged."""
    built = _built(run, locals())
    found = run.door.post("/v1/quotes", built.plain)
    if not found["cleared"]:
        raise EndError(found["code"], found["message"], ExitCode.REFUSED, data=found)
    price = found["price"]
    if run.out.as_json:
        run.out.document(found)
        return None
    run.out.facts({name: price[name] for name in ("fee", "credited", "pool", "commission")})
    legs = [{**row["leg"], "open": row["open"]} for row in price["legs"]]
    run.out.rows(("party", "side", "asset", "amount"), legs, right=("amount",))
    return None


def verify(
    run: Run,
    *,
    file: File = None,
    ref: Ref = None,
    weights: Weights = "relative",
    model: Model = None,
    tier: Tier = "private",
    purpose: Purpose = "personal",
    channel: Channel = "download",
    territory: Territory = None,
    seed: Seed = 0,
    duration: Duration = "30s",
    prompt: Prompt = None,
    upgrades: Upgrades = None,
) -> None:
    """Verify a request: logged with its outcome; cleared, its price holds 15 minutes."""
    verification, entry = _verify(run, _built(run, locals()))
    data = entry["data"]
    told = {"verification": verification, "generation": data["request"]["generation"]}
    run.tell({**told, "fee": _money(data["fee"]), "expires_at": data["expires_at"]})


def _built(run: Run, said: dict[str, Any]) -> Built:
    return build(run, Asked(**{name: said[name] for name in Asked.__slots__}))


def _money(found: dict[str, str]) -> str:
    return f"{found['amount']} {found['currency']}"


def _verify(run: Run, built: Built) -> tuple[str, dict[str, Any]]:
    verification = new_id("ver")
    command = VerifyGeneration.read({"verification": verification, "request": built.signed})
    answer = run.say(command, openings=built.openings)
    return verification, answer["entries"][0]


def authorize(
    run: Run,
    *,
    verification: Annotated[str, typer.Argument(help="A cleared verification's id.")],
    payer: Annotated[str | None, typer.Option(help="Who pays; the creator, if left out.")] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Write the license's receipt to this file.")
    ] = None,
) -> None:
    """Authorize: the license instant. Cites a live verification, once."""
    entry = _authorize(run, verification, payer)
    if receipt is not None:
        write_receipt(receipt, receipt_of(run, entry["position"]))
    run.tell({"generation": entry["data"]["generation"]})


def _authorize(run: Run, verification: str, payer: str | None) -> dict[str, Any]:
    whose = run.party(payer) if payer else None
    command = AuthorizeGeneration.read({"verification": verification, "payer": whose})
    answer = run.say(command)
    found: dict[str, Any] = next(
        row for row in answer["entries"] if row["type"] == "GenerationAuthorized"
    )
    return found


def generate(
    run: Run,
    *,
    file: File = None,
    ref: Ref = None,
    weights: Weights = "relative",
    model: Model = None,
    tier: Tier = "private",
    purpose: Purpose = "personal",
    channel: Channel = "download",
    territory: Territory = None,
    seed: Seed = 0,
    duration: Duration = "30s",
    prompt: Prompt = None,
    upgrades: Upgrades = None,
    payer: Annotated[str | None, typer.Option(help="Who pays; the creator, if left out.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Wait for a generation that was authorized before.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Write the license's receipt to this file.")
    ] = None,
    output: Output = None,
) -> None:
    """Verify, authorize, wait with a progress bar, and download the file with its manifest."""
    if resume is not None and (file or ref):
        raise usage("--resume names a whole generation: no request goes with it")
    if resume is None:
        verification, _ = _verify(run, _built(run, locals()))
        generation = str(_authorize(run, verification, payer)["data"]["generation"])
    else:
        generation = check_id(resume, "gen")
        run.door.get(f"/v1/generations/{generation}")
    # Only now does somebody have to render: what is refused never waits for a synthesizer. If we
    # stop here, the license stands, and `--resume` or a service goes on.
    run.work()
    try:
        found = _wait(run, generation)
    except KeyboardInterrupt as error:
        text = f"interrupted; the license stands: `liner generate --resume {generation}` goes on"
        raise EndError("interrupted", text) from error
    target = output or Path(f"{generation}.wav")
    run.door.download(found["output"]["url"], target)
    if receipt is not None:
        write_receipt(receipt, receipt_of(run, found["position"]))
    told = {"generation": generation, "output": found["output"]["output"], "file": str(target)}
    if run.out.as_json:
        run.out.document({**found, **told})
        return
    rows = [{"position": row["position"], "type": row["type"]} for row in found["events"]]
    run.out.rows(("position", "type"), rows, right=("position",), heading=False)
    run.out.facts({**told, "fee": found["fee"], "pool": found["pool"]})


def _wait(run: Run, generation: str) -> dict[str, Any]:
    """Wait until a generation has ended; where it ended without a file, so does the command."""
    door = run.door
    with run.out.progress("rendering", 1000) as bar:
        while True:
            found = door.waiting(f"/v1/generations/{generation}", WAIT_S)
            if found["status"] != "authorized":
                break
            if not door.is_working():
                text = f"the rendering stopped; `liner generate --resume {generation}` goes on"
                raise EndError("rendering_stopped", text)
            progress = found["progress"]
            if progress is not None:
                bar.at(progress["permille"], progress["stage"])
    if found["status"] != "completed":
        code, exit_code = ENDED[found["status"]]
        why = _why(run, found)
        raise EndError(code, f"{generation} has no file: {why}", exit_code, data=found)
    return found


def _why(run: Run, found: dict[str, Any]) -> str:
    """Return why a generation has no file: its code, and what the worker said where it spoke."""
    why = str((found["failure"] or {}).get("code", found["status"]))
    failed = [row["position"] for row in found["events"] if row["type"] == "GenerationFailed"]
    if not failed:
        return why
    finished = run.door.get(f"/v1/events/{failed[0]}")["event"]["data"].get("finished")
    if finished is None:
        return why
    from schemas.envelope.statement import read_statement  # noqa: PLC0415 - rarely needed

    said = read_statement(canonical.unb64u(finished)).data.get("reason")
    return f"{why}, {said}" if said else why


def cancel(
    run: Run, *, generation: Annotated[str, typer.Argument(help="A generation's id.")]
) -> None:
    """Cancel one's own generation before it is completed; nothing is owed."""
    run.say(CancelGeneration.read({"generation": generation}))
    run.tell({"generation": generation})
