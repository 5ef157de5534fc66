"""Verbs of recordings: from real audio, with stems, singers, credits; in and out of models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from schemas.commands.catalog import (
    ConfirmCredit,
    ConfirmVocals,
    CreditContributor,
    DeclareMoralRestriction,
    DeclareVocals,
    EnterInferenceSet,
    LeaveInferenceSet,
    LiftMoralRestriction,
    RegisterRecording,
    RegisterStem,
)
from schemas.ids import new_id
from service.cli.ends import usage
from service.cli.options import AssetArgument, Confirm, Reason, RecordingArgument
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed
from service.cli.when import listed, pair

Model = Annotated[str, typer.Option(help="A model: its id or name.")]
"""A parameter of several verbs here."""

VOCALS: Final = ("none", "synthetic", "performers")
"""Who may be said to sing."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    recording = group(app, "recording", "Recordings, from real audio files.", lists=True)
    add_verbs(
        recording,
        {
            "add": add_recording,
            "list": list_recordings,
            "show": show_recording,
            "vocals": vocals,
            "credit": credit,
            "confirm": confirm_credit,
            "enter": enter,
            "leave": leave,
            "restrict": restrict,
            "unrestrict": unrestrict,
        },
    )


def add_recording(
    run: Run,
    *,
    file: Annotated[Path, typer.Argument(help="WAV, FLAC, MP3, Ogg or AIFF.")],
    title: Annotated[str, typer.Option(help="The title.")],
    artist: Annotated[str, typer.Option(help="The artist as credited.")],
    isrc: Annotated[str | None, typer.Option(help="ISRC (ISO 3901).")] = None,
    stem: Annotated[
        list[str] | None, typer.Option(help="A stem: guitar=FILE; can be repeated.")
    ] = None,
) -> None:
    """Register a recording from its real audio, with the stems that there are."""
    stems = {name: Path(path) for name, path in map(pair, stem or ())}
    for path in (file, *stems.values()):
        path.open("rb").close()  # before anything is said: nothing is half-registered
    taken = run.door.upload(file)
    heard = {name: run.door.upload(path)["audio"] for name, path in stems.items()}
    recording = new_id("rec")
    command = {
        "recording": recording,
        "title": title,
        "artist": artist,
        "isrc": isrc,
        "duration_ms": taken["duration_ms"],
        "sample_rate_hz": taken["sample_rate_hz"],
        "audio": taken["audio"],
    }
    said = [
        RegisterStem.read({"recording": recording, "stem": n, "audio": a}) for n, a in heard.items()
    ]
    run.say(RegisterRecording.read(command))
    for each in said:
        run.say(each)
    run.tell({"recording": recording})


@timed
def list_recordings(run: Run) -> None:
    """List the recordings that the log knows."""
    rows = run.door.pages("/v1/recordings", **run.axes)
    columns = ("recording", "title", "artist", "isrc", "duration_ms", "position")
    run.out.rows(columns, rows, right=("duration_ms", "position"))


@timed
def show_recording(run: Run, *, recording: RecordingArgument) -> None:
    """Show a recording with its stems, works, credits, singers, shares and models."""
    name = run.find("recording", recording)
    run.out.facts(run.door.get(f"/v1/recordings/{name}", **run.axes))


def vocals(
    run: Run,
    *,
    recording: RecordingArgument,
    who: Annotated[str, typer.Argument(help="none, synthetic, or performers.")],
    singer: Annotated[
        list[str] | None,
        typer.Option(help="A singing party, or PARTY=voice,melody for stems; can be repeated."),
    ] = None,
    confirm: Confirm = False,
) -> None:
    """Say who sings on a recording; a registrar confirms it."""
    if who not in VOCALS:
        raise usage(f"one of {', '.join(VOCALS)} is due, not {who!r}")
    credit_id = new_id("crd")
    command = {
        "credit": credit_id,
        "recording": run.find("recording", recording),
        "vocals": who,
        "performers": [_singer(run, text) for text in singer or ()],
    }
    run.say(DeclareVocals.read(command))
    if confirm:
        run.confirm(ConfirmVocals(credit=credit_id))
    run.tell({"credit": credit_id})


def _singer(run: Run, text: str) -> dict[str, Any]:
    name, _, stems = text.partition("=")
    return {"party": run.party(name), "stems": [part for part in stems.split(",") if part]}


def credit(
    run: Run,
    *,
    asset: AssetArgument,
    party: Annotated[str, typer.Argument(help="Who performed or wrote: id or registered name.")],
    role: Annotated[str, typer.Option(help="As what: guitarist, composer.")],
    featured: Annotated[bool, typer.Option("--featured", help="Named on the cover.")] = False,
    vocal: Annotated[bool, typer.Option("--vocal", help="Sings.")] = False,
    stem: Annotated[list[str] | None, typer.Option(help="Heard on this stem.")] = None,
    confirm: Confirm = False,
) -> None:
    """Credit who performed on a recording or wrote a work; it is confirmed by another."""
    credit_id = new_id("crd")
    command = {
        "credit": credit_id,
        "asset": run.asset(asset),
        "party": run.party(party),
        "role": role,
        "featured": featured,
        "vocal": vocal,
        "stems": listed(stem) or [],
    }
    run.say(CreditContributor.read(command))
    if confirm:
        run.confirm(ConfirmCredit(credit=credit_id))
    run.tell({"credit": credit_id})


def confirm_credit(
    run: Run,
    *,
    credit_id: Annotated[str, typer.Argument(metavar="CREDIT", help="A credit's id.")],
    of_vocals: Annotated[
        bool, typer.Option("--vocals", help="It says who sings (by a registrar).")
    ] = False,
) -> None:
    """Confirm a credit, or with --vocals a declaration of who sings."""
    kind = ConfirmVocals if of_vocals else ConfirmCredit
    run.say(kind.read({"credit": credit_id}))
    run.tell({"credit": credit_id})


def enter(run: Run, *, recording: RecordingArgument, model: Model) -> None:
    """Enter a recording into the inference set of a model. By the platform."""
    command = {"recording": run.find("recording", recording), "model": run.find("model", model)}
    run.say(EnterInferenceSet.read(command))
    run.tell(command)


def leave(run: Run, *, recording: RecordingArgument, model: Model, reason: Reason) -> None:
    """Take a recording out of the inference set of a model. By the platform."""
    command = {"recording": run.find("recording", recording), "model": run.find("model", model)}
    run.say(LeaveInferenceSet.read({**command, "reason": reason}))
    run.tell(command)


def restrict(
    run: Run,
    *,
    asset: AssetArgument,
    purpose: Annotated[list[str], typer.Option(help="A purpose to veto; can be repeated.")],
) -> None:
    """Veto purposes by moral right: a credited performer or author (`--as`)."""
    name = run.asset(asset)
    run.say(DeclareMoralRestriction.read({"asset": name, "purposes": listed(purpose)}))
    run.tell({"asset": name})


def unrestrict(run: Run, *, asset: AssetArgument) -> None:
    """Lift one's own veto."""
    name = run.asset(asset)
    run.say(LiftMoralRestriction.read({"asset": name}))
    run.tell({"asset": name})
